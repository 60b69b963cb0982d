import { putU16 } from './bytes.ts';

/** Bytes of the length in front of every frame on a stream. RFC 4571 §2. */
export const FRAME_HEADER_LENGTH = 2;

/** Longer frames than this are skipped: nothing that we speak over TCP needs them. */
const MAX_FRAME_LENGTH = 2048;

/** Writes the header of a frame of `length` bytes (0..65535) in front of it, at `at`. RFC 4571 §2. */
export function writeFrameLength(buf: Uint8Array, at: number, length: number): void {
  putU16(buf, at, length);
}

/**
 * Cuts a byte stream into the datagrams it carries (RFC 4571 §2, RFC 6544 §10). Holds one frame, so
 * memory does not depend on what the peer sends.
 *
 *     for (let at = 0; at < end; ) {
 *       at = reader.read(chunk, at, end);
 *       if (reader.frameLength > 0) handle(reader.frame, 0, reader.frameLength);
 *     }
 */
export class FrameReader {
  /** The frame last completed, from offset 0; overwritten by the next `read`. */
  readonly frame = new Uint8Array(MAX_FRAME_LENGTH);
  /** Length of the frame that the last `read` completed, in bytes; 0 when it completed none. */
  frameLength = 0;
  /** Frames skipped because they were longer than 2048 bytes. */
  skippedCount = 0;

  /** Header bytes seen of the present frame, 0..2. */
  #headerCount = 0;
  /** Payload bytes that the present frame has in all, and those still to come. */
  #expected = 0;
  #missing = 0;

  /** Reads `chunk` from `at` up to `end` or the end of a frame, whichever is first; returns where it stopped. */
  read(chunk: Uint8Array, at: number, end: number): number {
    this.frameLength = 0;
    let position = at;
    while (position < end) {
      if (this.#headerCount < FRAME_HEADER_LENGTH) {
        this.#expected = ((this.#expected << 8) | chunk[position++]!) & 0xffff;
        if (++this.#headerCount < FRAME_HEADER_LENGTH) continue;
        this.#missing = this.#expected;
      } else {
        const count = Math.min(this.#missing, end - position);
        if (this.#expected <= MAX_FRAME_LENGTH) this.#copy(chunk, position, count);
        this.#missing -= count;
        position += count;
      }
      if (this.#missing === 0 && this.#finish()) return position;
    }
    return position;
  }

  #copy(chunk: Uint8Array, at: number, count: number): void {
    const to = this.#expected - this.#missing;
    for (let i = 0; i < count; i++) this.frame[to + i] = chunk[at + i]!;
  }

  /** Ends the present frame; true when it is one for the owner (neither empty nor too long). */
  #finish(): boolean {
    this.#headerCount = 0;
    const length = this.#expected;
    this.#expected = 0;
    if (length > MAX_FRAME_LENGTH) {
      this.skippedCount++;
      return false;
    }
    this.frameLength = length;
    return length > 0;
  }
}
