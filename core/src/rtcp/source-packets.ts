import { putU32, u32 } from '../base/index.ts';
import { RtcpType } from './packet-types.ts';
import { writeHeader } from './reports.ts';
import type { RtcpReader } from './rtcp-reader.ts';

const CNAME = 1;
const MAX_ITEM_LENGTH = 255;

/**
 * Walks through the CNAMEs of an SDES packet (RFC 3550 §6.5); the reader's kind is
 * `sourceDescription`. Other items are skipped, and a chunk without terminator ends the walk.
 */
export class CnameReader {
  ssrc = 0;
  /** The CNAME's bytes, in the reader's buffer. */
  cnameAt = 0;
  cnameLength = 0;
  #buf: Uint8Array = new Uint8Array(0);
  #next = 0;
  #end = 0;
  #chunks = 0;

  reset(reader: RtcpReader): void {
    this.#buf = reader.buf;
    this.#next = reader.bodyAt;
    this.#end = reader.bodyAt + reader.bodyLength;
    this.#chunks = reader.count;
  }

  /** Moves to the next chunk that has a CNAME; false when there is none. */
  next(): boolean {
    while (this.#chunks > 0 && this.#next + 8 <= this.#end) {
      this.#chunks--;
      const buf = this.#buf;
      this.ssrc = u32(buf, this.#next);
      let at = this.#next + 4;
      let hasCname = false;
      while (at < this.#end && buf[at] !== 0) {
        if (at + 2 > this.#end) return this.#stop();
        const type = buf[at]!;
        const length = buf[at + 1]!;
        at += 2;
        if (at + length > this.#end) return this.#stop();
        if (type === CNAME && !hasCname) {
          hasCname = true;
          this.cnameAt = at;
          this.cnameLength = length;
        }
        at += length;
      }
      if (at >= this.#end) return this.#stop();
      // One to four zeros end the chunk on a word boundary.
      this.#next += (at + 4 - this.#next) & ~3;
      if (hasCname) return true;
    }
    return false;
  }

  #stop(): false {
    this.#chunks = 0;
    return false;
  }
}

/** Writes an SDES packet with one CNAME (at most 255 bytes). Not for the packet path. */
export function writeCname(buf: Uint8Array, at: number, ssrc: number, cname: Uint8Array): number {
  const size = Math.min(cname.length, MAX_ITEM_LENGTH);
  // At least one zero behind the item.
  const length = (4 + 4 + 2 + size + 4) & ~3;
  buf.fill(0, at, at + length);
  writeHeader(buf, at, 1, RtcpType.sourceDescription, length);
  putU32(buf, at + 4, ssrc);
  buf[at + 8] = CNAME;
  buf[at + 9] = size;
  for (let i = 0; i < size; i++) buf[at + 10 + i] = cname[i]!;
  return length;
}

/** SSRC `index` (0..count-1) of a BYE packet; the reader's kind is `bye`. RFC 3550 §6.6. */
export const byeSsrc = (reader: RtcpReader, index: number): number =>
  u32(reader.buf, reader.bodyAt + index * 4);

/** Writes a BYE for one SSRC. */
export function writeBye(buf: Uint8Array, at: number, ssrc: number): number {
  writeHeader(buf, at, 1, RtcpType.bye, 8);
  putU32(buf, at + 4, ssrc);
  return 8;
}
