/**
 * Bytes per second over a sliding window of eight slices of 125 ms. `add` is for the packet path.
 */
const SLICES = 8;
const SLICE_MS = 125;

export class RateMeter {
  readonly #bytes = new Float64Array(SLICES);
  #slice = 0;
  #total = 0;

  add(now: number, length: number): void {
    this.#advance(now);
    const index = this.#slice % SLICES;
    this.#bytes[index] = this.#bytes[index]! + length;
    this.#total += length;
  }

  /** Bits per second over the last second. */
  bitrateBps(now: number): number {
    this.#advance(now);
    return this.#total * 8;
  }

  #advance(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    if (slice <= this.#slice) return;
    const stale = Math.min(SLICES, slice - this.#slice);
    for (let i = 1; i <= stale; i++) {
      const index = (this.#slice + i) % SLICES;
      this.#total -= this.#bytes[index]!;
      this.#bytes[index] = 0;
    }
    this.#slice = slice;
  }
}
