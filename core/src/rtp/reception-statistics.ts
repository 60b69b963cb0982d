import { diff16, diff32, type Millis, putU24, putU32 } from '../base/index.ts';

/** RFC 3550 A.1. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
const MAX_LOST = 0x7fffff;

/** Bytes of a report block. RFC 3550 §6.4.1. */
export const REPORT_BLOCK_LENGTH = 24;

/**
 * What a receiver reports about one incoming SSRC (RFC 3550 §6.4.1, A.1, A.3, A.8). Only packets of
 * the SSRC itself count, not those recovered by RTX.
 */
export class ReceptionStatistics {
  readonly ssrc: number;
  /** Distinct packets, as far as order tells; duplicates count, as RFC 3550 wants. */
  receivedCount = 0;
  readonly #clockRate: number;
  #isStarted = false;
  #first = 0;
  /** Extended highest sequence number. */
  #highest = 0;
  #badSequence = -1;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #jitter = 0;
  #lastTimestamp = 0;
  #lastArrival = 0;
  /** Middle 32 bits of the last sender report's NTP time, and when it came. */
  #lastReport = 0;
  #lastReportAt = -1;

  /** @param clockRate of the codec, Hz. */
  constructor(ssrc: number, clockRate: number) {
    this.ssrc = ssrc;
    this.#clockRate = clockRate;
  }

  /** Interarrival jitter, timestamp units. */
  get jitter(): number {
    return Math.floor(this.#jitter);
  }

  /** Extended highest sequence number: cycles in the upper 16 bits. */
  get extendedHighest(): number {
    return this.#highest >>> 0;
  }

  /** Packets lost so far; negative when duplicates outnumber losses. Cut to 24 bits as reported. */
  get cumulativeLost(): number {
    const lost = this.#expected() - this.receivedCount;
    return Math.min(Math.max(lost, -MAX_LOST - 1), MAX_LOST);
  }

  handlePacket(now: Millis, sequenceNumber: number, timestamp: number): void {
    if (!this.#isStarted) {
      this.#restart(sequenceNumber);
      this.#isStarted = true;
      this.#lastTimestamp = timestamp;
      this.#lastArrival = now;
    }
    const ahead = diff16(sequenceNumber, this.#highest & 0xffff);
    if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
      // Two packets in a row far away: the source has restarted.
      if (sequenceNumber !== this.#badSequence) {
        this.#badSequence = (sequenceNumber + 1) & 0xffff;
        return;
      }
      this.#restart(sequenceNumber);
    } else if (ahead > 0) this.#highest += ahead;
    this.receivedCount++;
    if (ahead > 0) this.#updateJitter(now, timestamp);
  }

  /** Notes a sender report of this SSRC, for LSR and DLSR. */
  handleSenderReport(now: Millis, ntpSeconds: number, ntpFraction: number): void {
    this.#lastReport = ((ntpSeconds << 16) | (ntpFraction >>> 16)) >>> 0;
    this.#lastReportAt = now;
  }

  /** Writes a report block of 24 bytes, begins the next interval, and returns the length. */
  writeReportBlock(buf: Uint8Array, at: number, now: Millis): number {
    const expected = this.#expected();
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.receivedCount - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.receivedCount;
    const hasReport = this.#lastReportAt >= 0;
    const delay = hasReport ? Math.round((now - this.#lastReportAt) * 65.536) : 0;
    putU32(buf, at, this.ssrc);
    buf[at + 4] =
      expectedNow <= 0 || lostNow <= 0
        ? 0
        : Math.min(255, Math.floor((lostNow * 256) / expectedNow));
    putU24(buf, at + 5, this.cumulativeLost);
    putU32(buf, at + 8, this.extendedHighest);
    putU32(buf, at + 12, this.jitter);
    putU32(buf, at + 16, hasReport ? this.#lastReport : 0);
    putU32(buf, at + 20, Math.min(Math.max(delay, 0), 0xffffffff));
    return REPORT_BLOCK_LENGTH;
  }

  #expected(): number {
    return this.#isStarted ? this.#highest - this.#first + 1 : 0;
  }

  #restart(sequenceNumber: number): void {
    this.#first = sequenceNumber;
    this.#highest = sequenceNumber;
    this.#badSequence = -1;
    this.receivedCount = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
  }

  /**
   * RFC 3550 A.8. Packets of one frame share a timestamp and are spread on purpose (pacing): only the
   * first of each counts, as browsers do it.
   */
  #updateJitter(now: Millis, timestamp: number): void {
    const spacing = diff32(timestamp, this.#lastTimestamp);
    if (spacing === 0) return;
    const arrived = ((now - this.#lastArrival) * this.#clockRate) / 1000;
    this.#lastTimestamp = timestamp;
    this.#lastArrival = now;
    const difference = Math.abs(arrived - spacing);
    // A jump of more than five seconds is a new timestamp line, not jitter.
    if (difference > 5 * this.#clockRate) return;
    this.#jitter += (difference - this.#jitter) / 16;
  }
}
