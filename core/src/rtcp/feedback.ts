import { putU16, putU32, u16, u32 } from '../base/index.ts';
import { PayloadFeedbackFormat, RtcpType, TransportFeedbackFormat } from './packet-types.ts';
import { writeHeader } from './reports.ts';
import type { RtcpReader } from './rtcp-reader.ts';

const REMB_NAME = 0x52454d42;
const MANTISSA_BITS = 18;
/** Words of PID and BLP in one NACK written here. */
const MAX_NACK_ENTRIES = 64;

/**
 * Walks through the sequence numbers of a generic NACK (RFC 4585 §6.2.1); the reader's kind is `nack`.
 * Each entry is a packet id and 16 bits for those that follow it.
 */
export class NackReader {
  sequenceNumber = 0;
  #buf: Uint8Array = new Uint8Array(0);
  #next = 0;
  #end = 0;
  #base = 0;
  #bitmask = 0;

  reset(reader: RtcpReader): void {
    this.#buf = reader.buf;
    this.#next = reader.bodyAt;
    this.#end = reader.bodyAt + (reader.bodyLength & ~3);
    this.#bitmask = 0;
  }

  /** Moves to the next sequence number asked for; false when there is none. */
  next(): boolean {
    if (this.#bitmask !== 0) {
      const bit = 31 - Math.clz32(this.#bitmask & -this.#bitmask);
      this.#bitmask &= this.#bitmask - 1;
      this.sequenceNumber = (this.#base + 1 + bit) & 0xffff;
      return true;
    }
    if (this.#next >= this.#end) return false;
    this.#base = u16(this.#buf, this.#next);
    this.#bitmask = u16(this.#buf, this.#next + 2);
    this.#next += 4;
    this.sequenceNumber = this.#base;
    return true;
  }
}

/**
 * Writes a NACK for the first `count` sequence numbers of an ascending list (modulo 2^16), such as
 * `NackGenerator.pollNack` gives. At most 64 entries are written: the rest can wait for the repetition.
 */
export function writeNack(
  buf: Uint8Array,
  at: number,
  senderSsrc: number,
  mediaSsrc: number,
  sequenceNumbers: Uint16Array,
  count: number,
): number {
  let length = 12;
  for (let i = 0; i < count && length < 12 + MAX_NACK_ENTRIES * 4; ) {
    const base = sequenceNumbers[i++]!;
    let bitmask = 0;
    for (; i < count; i++) {
      const distance = (sequenceNumbers[i]! - base) & 0xffff;
      if (distance > 16) break;
      if (distance > 0) bitmask |= 1 << (distance - 1);
    }
    putU16(buf, at + length, base);
    putU16(buf, at + length + 2, bitmask);
    length += 4;
  }
  writeFeedbackHeader(
    buf,
    at,
    TransportFeedbackFormat.nack,
    RtcpType.transportFeedback,
    length,
    senderSsrc,
    mediaSsrc,
  );
  return length;
}

/** Writes a picture loss indication. RFC 4585 §6.3.1. */
export function writePli(
  buf: Uint8Array,
  at: number,
  senderSsrc: number,
  mediaSsrc: number,
): number {
  const format = PayloadFeedbackFormat.pli;
  writeFeedbackHeader(buf, at, format, RtcpType.payloadFeedback, 12, senderSsrc, mediaSsrc);
  return 12;
}

/** Entries of a FIR packet; the reader's kind is `fir`. RFC 5104 §4.3.1. */
export const firCount = (reader: RtcpReader): number => reader.bodyLength >> 3;
/** The SSRC that is asked for a key frame, of entry `index`. */
export const firSsrc = (reader: RtcpReader, index: number): number =>
  u32(reader.buf, reader.bodyAt + index * 8);
/** Number of the request, 0..255: a repetition has the same. */
export const firSequence = (reader: RtcpReader, index: number): number =>
  reader.buf[reader.bodyAt + index * 8 + 4]!;

/** Writes a full intra request with one entry. */
export function writeFir(
  buf: Uint8Array,
  at: number,
  senderSsrc: number,
  mediaSsrc: number,
  sequence: number,
): number {
  writeFeedbackHeader(
    buf,
    at,
    PayloadFeedbackFormat.fir,
    RtcpType.payloadFeedback,
    20,
    senderSsrc,
    0,
  );
  putU32(buf, at + 12, mediaSsrc);
  putU32(buf, at + 16, 0);
  buf[at + 16] = sequence;
  return 20;
}

/**
 * Bit rate of a REMB, bits per second: 6 bits of exponent, 18 of mantissa; the reader's kind is `remb`.
 * draft-alvestrand-rmcat-remb-03 §2.2.
 */
export function rembBps(reader: RtcpReader): number {
  const { buf, bodyAt } = reader;
  const exponent = buf[bodyAt + 5]! >> 2;
  const mantissa = ((buf[bodyAt + 5]! & 0x03) << 16) | u16(buf, bodyAt + 6);
  return mantissa * 2 ** exponent;
}

/** How many SSRCs a REMB is about. */
export const rembSsrcCount = (reader: RtcpReader): number => reader.buf[reader.bodyAt + 4]!;
export const rembSsrc = (reader: RtcpReader, index: number): number =>
  u32(reader.buf, reader.bodyAt + 8 + index * 4);

/** Writes a REMB about up to 255 SSRCs; the rate is rounded down to what 18 bits hold. */
export function writeRemb(
  buf: Uint8Array,
  at: number,
  senderSsrc: number,
  bps: number,
  ssrcs: Uint32Array,
): number {
  const count = Math.min(ssrcs.length, 255);
  const length = 20 + count * 4;
  let mantissa = Math.max(0, Math.floor(bps));
  let exponent = 0;
  while (mantissa >= 2 ** MANTISSA_BITS && exponent < 63) {
    mantissa = Math.floor(mantissa / 2);
    exponent++;
  }
  const format = PayloadFeedbackFormat.alfb;
  writeFeedbackHeader(buf, at, format, RtcpType.payloadFeedback, length, senderSsrc, 0);
  putU32(buf, at + 12, REMB_NAME);
  buf[at + 16] = count;
  buf[at + 17] = (exponent << 2) | (mantissa >> 16);
  putU16(buf, at + 18, mantissa & 0xffff);
  for (let i = 0; i < count; i++) putU32(buf, at + 20 + i * 4, ssrcs[i]!);
  return length;
}

/** The header all feedback shares. RFC 4585 §6.1. */
export function writeFeedbackHeader(
  buf: Uint8Array,
  at: number,
  format: number,
  packetType: RtcpType,
  length: number,
  senderSsrc: number,
  mediaSsrc: number,
): void {
  writeHeader(buf, at, format, packetType, length);
  putU32(buf, at + 4, senderSsrc);
  putU32(buf, at + 8, mediaSsrc);
}
