import { asRecord, browserStorage, type Storage } from './storage.ts';
import { Store } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';

/** What the next visit should find as it was. */
export interface Preferences {
  readonly name: string;
  readonly theme: Theme;
  readonly isMicrophoneOn: boolean;
  readonly isCameraOn: boolean;
  /** Device ids; empty: the browser's choice. */
  readonly microphoneId: string;
  readonly cameraId: string;
  readonly speakerId: string;
  /** Show one's own camera as in a mirror. */
  readonly isMirrored: boolean;
  /** A tone when somebody comes, goes, or writes. */
  readonly hasSounds: boolean;
  /** Single letters act as shortcuts (WCAG 2.1.4 wants a way to turn them off). */
  readonly hasShortcuts: boolean;
}

const DEFAULTS: Preferences = {
  name: '',
  theme: 'system',
  isMicrophoneOn: true,
  isCameraOn: true,
  microphoneId: '',
  cameraId: '',
  speakerId: '',
  isMirrored: true,
  hasSounds: true,
  hasShortcuts: true,
};

const KEY = 'preferences';
const MAX_TEXT = 256;

/** Takes from a stored value what has the right type, the rest from the defaults. */
export function decodePreferences(value: unknown): Preferences {
  const stored = asRecord(value);
  const entries = Object.entries(DEFAULTS).map(([key, fallback]) => {
    const found = stored[key];
    const fits = typeof found === typeof fallback && String(found).length <= MAX_TEXT;
    return [key, fits ? found : fallback];
  });
  const decoded = Object.fromEntries(entries) as Preferences;
  const isTheme = ['system', 'light', 'dark'].includes(decoded.theme);
  return isTheme ? decoded : { ...decoded, theme: 'system' };
}

/** The preferences of this browser; every change is kept. */
export class PreferenceStore extends Store<Preferences> {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    super(decodePreferences(storage.read(KEY)));
    this.#storage = storage;
  }

  change(change: Partial<Preferences>): void {
    this.set({ ...this.get(), ...change });
    this.#storage.write(KEY, this.get());
  }
}

export const preferences = new PreferenceStore(browserStorage);
