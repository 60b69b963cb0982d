/**
 * Reads bits from the most significant on. Past the end it gives zeros and says so in `isOverrun`, so
 * that a parser checks once, at its end, and at each loop whose length it reads.
 */
export class BitReader {
  isOverrun = false;
  #buf: Uint8Array = new Uint8Array(0);
  /** Offsets in bits. */
  #at = 0;
  #end = 0;

  reset(buf: Uint8Array, at: number, length: number): void {
    this.#buf = buf;
    this.#at = at * 8;
    this.#end = (at + length) * 8;
    this.isOverrun = false;
  }

  /** An unsigned integer of `count` bits, 0..32. */
  bits(count: number): number {
    if (this.#at + count > this.#end) {
      this.#at = this.#end;
      this.isOverrun = true;
      return 0;
    }
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++)
      value = (value << 1) | ((this.#buf[this.#at >> 3]! >> (7 - (this.#at & 7))) & 1);
    return value >>> 0;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** A value below `limit` in the non-symmetric code `ns(n)`. AV1 specification §4.10.7. */
  nonSymmetric(limit: number): number {
    const width = 32 - Math.clz32(limit);
    const shortCodes = (1 << width) - limit;
    const value = this.bits(width - 1);
    if (value < shortCodes) return value;
    return (value << 1) - shortCodes + this.bits(1);
  }
}
