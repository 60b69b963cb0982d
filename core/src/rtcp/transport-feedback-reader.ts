import { i16, u16, u24 } from '../base/index.ts';
import type { RtcpReader } from './rtcp-reader.ts';

/** Base sequence number, status count, reference time, feedback count. */
const FIXED_LENGTH = 8;
const RESERVED_SYMBOL = 3;
const TICKS_PER_REFERENCE = 256;
/** One tick is 250 µs. */
export const TICKS_PER_MS = 4;

/**
 * Walks through the packets a transport-wide feedback reports on
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1); the reader's kind is `twcc`.
 *
 *      |     base sequence number      |      packet status count      |
 *      |        reference time, 64 ms          |    feedback count     |
 *      |   status chunks, 16 bits each ... | deltas, 8 or 16 bits each |
 */
export class TransportFeedbackReader {
  baseSequenceNumber = 0;
  statusCount = 0;
  /** Signed, in units of 64 ms. */
  referenceTime = 0;
  /** Running number of the feedback packet, modulo 256: a gap means that one was lost. */
  feedbackCount = 0;

  /** The packet the last `next` moved to. */
  sequenceNumber = 0;
  isReceived = false;
  /** When it arrived, ticks of 250 µs on the receiver's clock; the last arrival when not received. */
  arrivalTicks = 0;

  #buf: Uint8Array = new Uint8Array(0);
  #chunkAt = 0;
  #deltaAt = 0;
  #index = 0;
  /** The chunk being read and how many of its statuses are left. */
  #chunk = 0;
  #left = 0;

  /**
   * Begins with a feedback packet. Returns false, with nothing to walk through, when it reports on
   * nothing, is cut short, or uses the reserved symbol.
   */
  reset(reader: RtcpReader): boolean {
    const { buf, bodyAt, bodyLength } = reader;
    this.statusCount = 0;
    this.#index = 0;
    if (bodyLength < FIXED_LENGTH) return false;
    const statusCount = u16(buf, bodyAt + 2);
    const end = bodyAt + bodyLength;
    const deltaAt = this.#check(buf, bodyAt + FIXED_LENGTH, end, statusCount);
    if (deltaAt < 0 || statusCount === 0) return false;

    this.#buf = buf;
    this.baseSequenceNumber = u16(buf, bodyAt);
    this.statusCount = statusCount;
    this.referenceTime = (u24(buf, bodyAt + 4) << 8) >> 8;
    this.feedbackCount = buf[bodyAt + 7]!;
    this.arrivalTicks = this.referenceTime * TICKS_PER_REFERENCE;
    this.#chunkAt = bodyAt + FIXED_LENGTH;
    this.#deltaAt = deltaAt;
    this.#left = 0;
    return true;
  }

  /** Moves to the next packet reported on; false when there is none. */
  next(): boolean {
    if (this.#index === this.statusCount) return false;
    // Not `if`: a run may be of length 0.
    while (this.#left === 0) {
      this.#chunk = u16(this.#buf, this.#chunkAt);
      this.#chunkAt += 2;
      this.#left = statusesOf(this.#chunk);
    }
    const symbol = symbolOf(this.#chunk, this.#left);
    this.#left--;
    this.sequenceNumber = (this.baseSequenceNumber + this.#index) & 0xffff;
    this.#index++;
    this.isReceived = symbol !== 0;
    if (symbol === 1) this.arrivalTicks += this.#buf[this.#deltaAt++]!;
    else if (symbol === 2) {
      this.arrivalTicks += i16(this.#buf, this.#deltaAt);
      this.#deltaAt += 2;
    }
    return true;
  }

  /** Checks chunks and deltas as a whole; returns where the deltas start, -1 when malformed. */
  #check(buf: Uint8Array, chunksAt: number, end: number, statusCount: number): number {
    let at = chunksAt;
    let deltaLength = 0;
    for (let seen = 0; seen < statusCount; ) {
      if (at + 2 > end) return -1;
      const chunk = u16(buf, at);
      at += 2;
      const inChunk = statusesOf(chunk);
      const used = Math.min(inChunk, statusCount - seen);
      seen += used;
      if (chunk < 0x8000) {
        const symbol = chunk >> 13;
        if (symbol === RESERVED_SYMBOL) return -1;
        deltaLength += symbol * used;
        continue;
      }
      for (let left = inChunk; left > inChunk - used; left--) {
        const symbol = symbolOf(chunk, left);
        if (symbol === RESERVED_SYMBOL) return -1;
        deltaLength += symbol;
      }
    }
    return at + deltaLength <= end ? at : -1;
  }
}

/** A run of up to 8191 equal statuses, 14 of one bit, or 7 of two bits. */
function statusesOf(chunk: number): number {
  if (chunk < 0x8000) return chunk & 0x1fff;
  return (chunk & 0x4000) === 0 ? 14 : 7;
}

/** The status that has `left - 1` more behind it in the chunk; its value is also its delta's length. */
function symbolOf(chunk: number, left: number): number {
  if (chunk < 0x8000) return chunk >> 13;
  return (chunk & 0x4000) === 0 ? (chunk >> (left - 1)) & 1 : (chunk >> (2 * (left - 1))) & 3;
}
