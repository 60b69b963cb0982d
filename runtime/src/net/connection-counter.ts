import type { TransportAddress } from '@switchyard/core/base';
import { isLoopback, sourceOf } from './remote.ts';

/** Bounds the connections that one source has open. Loopback is exempt: proxies and tests come from there. */
export class ConnectionCounter {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a place; the returned function gives it back. null: the source has no place left. */
  take({ ip }: TransportAddress): (() => void) | null {
    if (isLoopback(ip)) return () => {};
    const source = sourceOf(ip);
    const count = this.#counts.get(source) ?? 0;
    if (count >= this.#limit) return null;
    this.#counts.set(source, count + 1);
    return () => this.#give(source);
  }

  #give(source: string): void {
    const count = this.#counts.get(source)! - 1;
    if (count === 0) this.#counts.delete(source);
    else this.#counts.set(source, count);
  }
}
