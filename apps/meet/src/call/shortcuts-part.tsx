import { useShortcuts } from '@switchyard/react';
import { type ReactElement, useMemo } from 'react';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { SettingSwitch } from './setting-switch.tsx';
import { shortcutRows } from './shortcut-rows.ts';
import css from './shortcuts-part.module.css';

/** The cheat sheet, made from what is registered. */
export function ShortcutsPart(): ReactElement {
  const { all } = useShortcuts([]);
  const { hasShortcuts } = useStore(preferences);
  const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the switch changes what is registered
  const rows = useMemo(() => shortcutRows(all(), isApple), [hasShortcuts]);
  return (
    <>
      <SettingSwitch
        label="Single keys"
        hint="Off, only the combinations with Ctrl or Cmd work"
        isOn={hasShortcuts}
        onChange={(isOn) => preferences.change({ hasShortcuts: isOn })}
      />
      <dl className={css['rows']}>
        {rows.map(({ keys, label }) => (
          <div key={label} className={css['row']}>
            <dt>{label}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
