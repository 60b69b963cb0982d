import { Monitor, Moon, Sun } from 'lucide-react';
import type { ReactElement } from 'react';
import { preferences, type Theme } from './preferences.ts';
import { useStore } from './store.ts';
import css from './theme-switch.module.css';

const CHOICES = [
  { theme: 'system', label: 'Like the system', Icon: Monitor },
  { theme: 'light', label: 'Light', Icon: Sun },
  { theme: 'dark', label: 'Dark', Icon: Moon },
] as const satisfies readonly { theme: Theme; label: string; Icon: typeof Sun }[];

/** Three radio buttons in a pill. */
export function ThemeSwitch(): ReactElement {
  const { theme } = useStore(preferences);
  return (
    <fieldset className={css['switch']}>
      <legend className="visually-hidden">Appearance</legend>
      {CHOICES.map(({ theme: choice, label, Icon }) => (
        <label key={choice} className={css['choice']} title={label}>
          <input
            type="radio"
            name="theme"
            className="visually-hidden"
            checked={theme === choice}
            onChange={() => preferences.change({ theme: choice })}
          />
          <Icon aria-hidden="true" size={16} strokeWidth={1.75} />
          <span className="visually-hidden">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
