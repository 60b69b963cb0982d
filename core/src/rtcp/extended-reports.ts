import { putU16, putU32, u16, u32 } from '../base/index.ts';
import { RtcpType } from './packet-types.ts';
import { writeHeader } from './reports.ts';
import type { RtcpReader } from './rtcp-reader.ts';

const RECEIVER_REFERENCE_TIME = 4;
const DELAY_SINCE_LAST_RECEIVER_REPORT = 5;

/** Blocks of an extended report that are read here. */
export const XrBlock = { receiverReferenceTime: 1, delay: 2 } as const;
export type XrBlock = (typeof XrBlock)[keyof typeof XrBlock];

/**
 * Walks through an extended report (RFC 3611 §4.4, §4.5): reference times of receivers (RRTR), and the
 * delays that answer them (DLRR), one step per answered SSRC. Other blocks are skipped. The reader's
 * kind is `extendedReport`.
 */
export class XrReader {
  block: XrBlock = XrBlock.receiverReferenceTime;
  /** RRTR: the NTP time at the receiver. */
  ntpSeconds = 0;
  ntpFraction = 0;
  /** DLRR: the receiver the sub-block answers. */
  ssrc = 0;
  /** DLRR: middle 32 bits of that receiver's reference time; 0 when none came. */
  lastReport = 0;
  /** DLRR: time since then, 1/65,536 s. */
  delaySinceLastReport = 0;
  #buf: Uint8Array = new Uint8Array(0);
  #next = 0;
  #end = 0;
  /** End of the DLRR block whose sub-blocks are being read; `#next` is inside it until then. */
  #delaysEnd = 0;

  reset(reader: RtcpReader): void {
    this.#buf = reader.buf;
    this.#next = reader.bodyAt;
    this.#end = reader.bodyAt + reader.bodyLength;
    this.#delaysEnd = 0;
  }

  /** Moves to the next reference time or delay; false when there is none. */
  next(): boolean {
    const buf = this.#buf;
    while (this.#next + 4 <= this.#end) {
      if (this.#next + 12 <= this.#delaysEnd) {
        this.block = XrBlock.delay;
        this.ssrc = u32(buf, this.#next);
        this.lastReport = u32(buf, this.#next + 4);
        this.delaySinceLastReport = u32(buf, this.#next + 8);
        this.#next += 12;
        return true;
      }
      this.#next = Math.max(this.#next, this.#delaysEnd);
      if (this.#next + 4 > this.#end) return false;
      const at = this.#next;
      const type = buf[at]!;
      const length = u16(buf, at + 2) * 4;
      if (at + 4 + length > this.#end) return false;
      this.#next = at + 4;
      this.#delaysEnd = type === DELAY_SINCE_LAST_RECEIVER_REPORT ? at + 4 + length : 0;
      if (this.#delaysEnd !== 0) continue;
      this.#next += length;
      if (type !== RECEIVER_REFERENCE_TIME || length < 8) continue;
      this.block = XrBlock.receiverReferenceTime;
      this.ntpSeconds = u32(buf, at + 4);
      this.ntpFraction = u32(buf, at + 8);
      return true;
    }
    return false;
  }
}

/** Writes an extended report with our reference time. RFC 3611 §4.4. */
export function writeReferenceTime(
  buf: Uint8Array,
  at: number,
  senderSsrc: number,
  ntpSeconds: number,
  ntpFraction: number,
): number {
  writeHeader(buf, at, 0, RtcpType.extendedReport, 20);
  putU32(buf, at + 4, senderSsrc);
  putU32(buf, at + 8, (RECEIVER_REFERENCE_TIME << 24) | 2);
  putU32(buf, at + 12, ntpSeconds);
  putU32(buf, at + 16, ntpFraction);
  return 20;
}

/** Writes an extended report that answers the reference time of receiver `ssrc`. RFC 3611 §4.5. */
export function writeDelay(
  buf: Uint8Array,
  at: number,
  senderSsrc: number,
  ssrc: number,
  lastReport: number,
  delaySinceLastReport: number,
): number {
  writeHeader(buf, at, 0, RtcpType.extendedReport, 24);
  putU32(buf, at + 4, senderSsrc);
  buf[at + 8] = DELAY_SINCE_LAST_RECEIVER_REPORT;
  buf[at + 9] = 0;
  putU16(buf, at + 10, 3);
  putU32(buf, at + 12, ssrc);
  putU32(buf, at + 16, lastReport);
  putU32(buf, at + 20, delaySinceLastReport);
  return 24;
}
