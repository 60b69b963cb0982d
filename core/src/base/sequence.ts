/** Serial-number arithmetic for RTP (RFC 3550 appendix A.1, RFC 1982). */

/** Signed distance from `b` to `a` modulo 2^16: positive when `a` is newer; range -32768..32767. */
export const diff16 = (a: number, b: number): number => ((a - b) << 16) >> 16;

/** Signed distance from `b` to `a` modulo 2^32: positive when `a` is newer. */
export const diff32 = (a: number, b: number): number => (a - b) | 0;

/**
 * Extends 16-bit sequence numbers to a count that does not wrap (up to 2^53).
 * The first number seen maps to itself plus 65536, so that late packets before it stay positive.
 */
export class SequenceUnwrapper {
  #last = -1;

  /** The extended number; lower than the previous one for a late packet. */
  unwrap(sequenceNumber: number): number {
    if (this.#last < 0) {
      this.#last = sequenceNumber + 65536;
      return this.#last;
    }
    const extended = this.#last + diff16(sequenceNumber, this.#last & 0xffff);
    if (extended > this.#last) this.#last = extended;
    return extended;
  }

  /** The highest extended number so far; -1 before the first. */
  get highest(): number {
    return this.#last;
  }
}
