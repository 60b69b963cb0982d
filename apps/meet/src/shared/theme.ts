import type { PreferenceStore } from './preferences.ts';

/** Keeps the document in the chosen theme; `system` leaves it to the browser. */
export function followTheme(preferences: PreferenceStore, root: HTMLElement): void {
  const apply = () => {
    const { theme } = preferences.get();
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
  };
  preferences.subscribe(apply);
  apply();
}
