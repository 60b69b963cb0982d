/** What this browser remembers. Blocked or full storage means forgetting, never failing. */
export interface Storage {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

const PREFIX = 'switchyard.';

export const browserStorage: Storage = {
  read(key) {
    try {
      const text = localStorage.getItem(PREFIX + key);
      return text === null ? null : (JSON.parse(text) as unknown);
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // private window or full: the choice lasts as long as the page
    }
  },
};

/** A plain record, or an empty one when the stored value is something else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
