const CAPACITY = 512;
const MASK = CAPACITY - 1;

/**
 * What the newest 512 packets of a slot were made of, by outgoing sequence number: enough to make any
 * of them again from the layer's history, byte for byte.
 */
export class SentLog {
  /** Outgoing sequence number of each place, -1 while unused. */
  readonly #sequenceNumbers = new Int32Array(CAPACITY).fill(-1);
  readonly #sourceSequenceNumbers = new Uint16Array(CAPACITY);
  readonly #timestamps = new Uint32Array(CAPACITY);
  readonly #pictureIds = new Int16Array(CAPACITY);
  readonly #tl0PicIdxs = new Int16Array(CAPACITY);
  readonly #layers = new Uint8Array(CAPACITY);
  readonly #padding = new Uint8Array(CAPACITY);
  /** When it was last retransmitted, ms; 0 never. */
  readonly #repeatedAt = new Float64Array(CAPACITY);

  sourceSequenceNumber = 0;
  timestamp = 0;
  pictureId = -1;
  tl0PicIdx = -1;
  layer = 0;
  padding = 0;

  note(
    sequenceNumber: number,
    sourceSequenceNumber: number,
    layer: number,
    timestamp: number,
    pictureId: number,
    tl0PicIdx: number,
    padding: number,
  ): void {
    const place = sequenceNumber & MASK;
    this.#sequenceNumbers[place] = sequenceNumber;
    this.#sourceSequenceNumbers[place] = sourceSequenceNumber;
    this.#layers[place] = layer;
    this.#timestamps[place] = timestamp;
    this.#pictureIds[place] = pictureId;
    this.#tl0PicIdxs[place] = tl0PicIdx;
    this.#padding[place] = padding;
    this.#repeatedAt[place] = 0;
  }

  /** Sets the fields to what was noted for `sequenceNumber`; false when it is gone. */
  find(sequenceNumber: number): boolean {
    const place = sequenceNumber & MASK;
    if (this.#sequenceNumbers[place] !== sequenceNumber) return false;
    this.sourceSequenceNumber = this.#sourceSequenceNumbers[place]!;
    this.layer = this.#layers[place]!;
    this.timestamp = this.#timestamps[place]!;
    this.pictureId = this.#pictureIds[place]!;
    this.tl0PicIdx = this.#tl0PicIdxs[place]!;
    this.padding = this.#padding[place]!;
    return true;
  }

  /** Whether `sequenceNumber` may be repeated at `now`: at most once in `intervalMs`. Notes that it is. */
  mayRepeat(sequenceNumber: number, now: number, intervalMs: number): boolean {
    const place = sequenceNumber & MASK;
    if (now - this.#repeatedAt[place]! < intervalMs) return false;
    this.#repeatedAt[place] = now;
    return true;
  }

  /** Forgets everything: the source changed, and with it the history that could serve. */
  clear(): void {
    this.#sequenceNumbers.fill(-1);
  }
}
