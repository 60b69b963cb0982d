const CAPACITY = 512;
const MASK = CAPACITY - 1;
/** 32-bit words of an entry. */
const WORDS = 4;
const NUMBERS = 0;
const SOURCE = 1;
const TIMESTAMP = 2;
const PICTURE = 3;
const IN_USE = 1 << 31;

/**
 * What the newest 512 packets of a slot were made of, by outgoing sequence number: enough to make any
 * of them again from the layer's history, byte for byte. An entry is one quarter of a cache line, since
 * writing it is part of every packet's cost:
 *
 *     | in use 1 | layer 7 | padding 8 | sequence number 16 |
 *     | 0                            | source's number 16   |
 *     | timestamp                                           |
 *     | picture id + 1, 16           | TL0PICIDX + 1, 16    |
 */
export class SentLog {
  readonly #entries = new Int32Array(CAPACITY * WORDS);
  /** When it was last retransmitted, whole ms; of an earlier holder of the place it is too old to matter. */
  readonly #repeatedAt = new Int32Array(CAPACITY).fill(-0x40000000);

  /** Results of the last `find` that returned true. */
  sourceSequenceNumber = 0;
  timestamp = 0;
  pictureId = -1;
  tl0PicIdx = -1;
  layer = 0;
  padding = 0;

  /** @param padding bytes, 0..255. Picture id and TL0PICIDX are -1 for none. */
  note(
    sequenceNumber: number,
    sourceSequenceNumber: number,
    layer: number,
    timestamp: number,
    pictureId: number,
    tl0PicIdx: number,
    padding: number,
  ): void {
    const at = (sequenceNumber & MASK) * WORDS;
    const entries = this.#entries;
    entries[at + NUMBERS] = IN_USE | (layer << 24) | (padding << 16) | sequenceNumber;
    entries[at + SOURCE] = sourceSequenceNumber;
    entries[at + TIMESTAMP] = timestamp;
    entries[at + PICTURE] = ((pictureId + 1) << 16) | (tl0PicIdx + 1);
  }

  /** Sets the fields to what was noted for `sequenceNumber`; false when it is gone. */
  find(sequenceNumber: number): boolean {
    const at = (sequenceNumber & MASK) * WORDS;
    const entries = this.#entries;
    const numbers = entries[at + NUMBERS]!;
    if (numbers >= 0 || (numbers & 0xffff) !== sequenceNumber) return false;
    this.layer = (numbers >> 24) & 0x7f;
    this.padding = (numbers >> 16) & 0xff;
    this.sourceSequenceNumber = entries[at + SOURCE]!;
    this.timestamp = entries[at + TIMESTAMP]! >>> 0;
    this.pictureId = (entries[at + PICTURE]! >>> 16) - 1;
    this.tl0PicIdx = (entries[at + PICTURE]! & 0xffff) - 1;
    return true;
  }

  /** Whether `sequenceNumber` may be repeated at `now`: at most once in `intervalMs`. Notes that it is. */
  mayRepeat(sequenceNumber: number, now: number, intervalMs: number): boolean {
    const place = sequenceNumber & MASK;
    const time = Math.floor(now) | 0;
    if (((time - this.#repeatedAt[place]!) | 0) < intervalMs) return false;
    this.#repeatedAt[place] = time;
    return true;
  }

  /** Forgets everything: the source changed, and with it the history that could serve. */
  clear(): void {
    this.#entries.fill(0);
  }
}
