import type { Random } from '@switchyard/core/base';

/** Reproducible randomness for tests: the same seed gives the same bytes (mulberry32). Not for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  fill(out: Uint8Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.#next() >>> 24;
  }

  /** A number in 0 (included) .. 1 (excluded). */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** An integer in 0 .. `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
