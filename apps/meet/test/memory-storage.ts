import type { Storage } from '../src/shared/storage.ts';

/** A browser's storage for tests. */
export class MemoryStorage implements Storage {
  readonly #values = new Map<string, string>();

  read(key: string): unknown {
    const text = this.#values.get(key);
    return text === undefined ? null : (JSON.parse(text) as unknown);
  }

  write(key: string, value: unknown): void {
    this.#values.set(key, JSON.stringify(value));
  }
}
