import type { Shortcut } from '@switchyard/react';

export interface ShortcutRow {
  /** To be pressed together. */
  readonly keys: readonly string[];
  readonly label: string;
}

const NAMES: Readonly<Record<string, string>> = { ' ': 'Space', shift: 'Shift', alt: 'Alt' };

/** What the cheat sheet says. The ten keys that pin people are one row. */
export function shortcutRows(
  shortcuts: readonly Shortcut[],
  isApple: boolean,
): readonly ShortcutRow[] {
  const rows = shortcuts
    .filter(({ keys }) => !/^\d$/.test(keys))
    .map(({ keys, label }) => ({
      keys: keys.split('+').map((key) => nameOf(key, isApple)),
      label,
    }));
  const hasDigits = shortcuts.some(({ keys }) => /^\d$/.test(keys));
  return hasDigits ? [...rows, { keys: ['1', '…', '9', '0'], label: 'Pin somebody' }] : rows;
}

function nameOf(key: string, isApple: boolean): string {
  if (key === 'mod') return isApple ? 'Cmd' : 'Ctrl';
  return NAMES[key] ?? key.toUpperCase();
}
