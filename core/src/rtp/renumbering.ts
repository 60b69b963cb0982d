/** What became of a source number inside the window. */
const GAP = 0;
const MAPPED = 1;
const DROPPED = 2;

/** Results of `resolve` that are no extended number. */
export const TOO_OLD = -1;
export const TOO_FAR = -2;

/**
 * Maps the running numbers of a source (16-bit sequence numbers, 15-bit picture ids) onto a line
 * without the numbers that were dropped on purpose. Numbers that never came keep their place, so a
 * late one still fits. Extended numbers count on past the wrap.
 *
 * For each number of the window the table keeps how many were left out before it; since that only
 * grows, the way back from an outgoing number needs no second table.
 */
export class Renumbering {
  /** By number modulo the window: offset in the lower 16 bits, state above. One place, one cache line. */
  readonly #cells: Uint32Array;
  readonly #mask: number;
  readonly #maxJump: number;
  /** Extended numbers; -1 before `begin`. */
  #first = -1;
  #highest = -1;
  /** Source minus outgoing, modulo 2^16, for the next number. */
  #offset = 0;

  /**
   * @param window numbers remembered, a power of two.
   * @param maxJump a number further ahead than this is `TOO_FAR`.
   */
  constructor(window: number, maxJump: number) {
    this.#cells = new Uint32Array(window);
    this.#mask = window - 1;
    this.#maxJump = maxJump;
  }

  get isBegun(): boolean {
    return this.#first >= 0;
  }

  /** The outgoing number, modulo 2^16, of the next source number that was not seen yet. */
  get next(): number {
    return (this.#highest + 1 - this.#offset) & 0xffff;
  }

  /** Starts a new source: its `source` number becomes `outgoing`, and everything before is forgotten. */
  begin(source: number, outgoing: number): void {
    this.#first = source + 0x10000;
    this.#highest = this.#first - 1;
    this.#offset = (source - outgoing) & 0xffff;
  }

  /**
   * The extended number of a source number of `bits` bits. A number ahead of all others moves the
   * window; those it skips are gaps. `TOO_OLD` before the start or the window, `TOO_FAR` beyond the
   * greatest jump: nothing moved then.
   */
  resolve(source: number, bits: number): number {
    const shift = 32 - bits;
    const extended = this.#highest + (((source - this.#highest) << shift) >> shift);
    if (extended === this.#highest + 1) {
      this.#cells[extended & this.#mask] = this.#offset;
      this.#highest = extended;
      return extended;
    }
    if (extended <= this.#highest) {
      const isKnown = extended >= this.#first && extended > this.#highest - this.#cells.length;
      return isKnown ? extended : TOO_OLD;
    }
    if (extended - this.#highest > this.#maxJump) return TOO_FAR;
    let at = Math.max(this.#highest + 1, extended - this.#mask);
    for (; at <= extended; at++) this.#cells[at & this.#mask] = this.#offset;
    this.#highest = extended;
    return extended;
  }

  /** Whether a resolved number was mapped before. */
  isMapped(extended: number): boolean {
    return this.#cells[extended & this.#mask]! >> 16 === MAPPED;
  }

  isDropped(extended: number): boolean {
    return this.#cells[extended & this.#mask]! >> 16 === DROPPED;
  }

  /** The outgoing number, modulo 2^16, of a resolved one, which counts as mapped from now on. */
  map(extended: number): number {
    const slot = extended & this.#mask;
    const offset = this.#cells[slot]! & 0xffff;
    this.#cells[slot] = offset | (MAPPED << 16);
    return (extended - offset) & 0xffff;
  }

  /**
   * Leaves a resolved number out. Only the newest one's place can be closed: behind an older one the
   * numbers have been given away, so its hole stays.
   */
  drop(extended: number): void {
    const slot = extended & this.#mask;
    const cell = this.#cells[slot]!;
    if (cell >> 16 !== GAP) return;
    this.#cells[slot] = cell | (DROPPED << 16);
    if (extended === this.#highest) this.#offset = (this.#offset + 1) & 0xffff;
  }

  /** The source number, modulo 2^16, mapped to `outgoing` within the window; -1 when there is none. */
  sourceOf(outgoing: number): number {
    if (this.#first < 0) return -1;
    const newest = (this.#highest - this.#offset) & 0xffff;
    // Offsets only grow, so the search starts at or after the number sought and comes closer from above.
    let extended = this.#highest + (((outgoing - newest) << 16) >> 16);
    const oldest = Math.max(this.#first, this.#highest - this.#mask);
    if (extended > this.#highest) return -1;
    for (;;) {
      if (extended < oldest) return -1;
      const cell = this.#cells[extended & this.#mask]!;
      const ahead = (extended - cell - outgoing) & 0xffff;
      if (ahead === 0) return cell >> 16 === MAPPED ? extended & 0xffff : -1;
      extended -= ahead;
    }
  }
}
