import type { Millis } from '@switchyard/core/base';
import {
  byeSsrc,
  firCount,
  firSequence,
  firSsrc,
  NackReader,
  ntpFraction,
  ntpSeconds,
  ReportBlock,
  RtcpKind,
  RtcpReader,
  reportTimestamp,
  roundTripMs,
  XrBlock,
  XrReader,
} from '@switchyard/core/rtcp';
import type { Slot } from '../sfu/slot.ts';
import type { PathQuality } from './path-quality.ts';
import type { WallClock } from './ports.ts';
import type { RtcpReporter } from './rtcp-reporter.ts';
import type { RtpSession } from './rtp-session.ts';

/** A NACK asks for at most this many packets at once; more is a keyframe's business. */
const MAX_NACKED = 256;

/** Takes the other side's RTCP apart and serves it. */
export class RtcpReceiver {
  readonly #session: RtpSession;
  readonly #reporter: RtcpReporter;
  readonly #clock: WallClock;
  readonly #reader = new RtcpReader();
  readonly #block = new ReportBlock();
  readonly #nack = new NackReader();
  readonly #xr = new XrReader();
  /** By SSRC and by RTX SSRC, as signed integers. */
  readonly #slots = new Map<number, Slot>();
  /** Last FIR number of each receiver's SSRC: a repetition is not a new request. RFC 5104 §4.3.1.1. */
  readonly #firs = new Map<number, number>();
  #expectedBefore = 0;
  #receivedBefore = 0;

  constructor(options: { session: RtpSession; reporter: RtcpReporter; clock: WallClock }) {
    this.#session = options.session;
    this.#reporter = options.reporter;
    this.#clock = options.clock;
  }

  slotsChanged(): void {
    this.#slots.clear();
    for (const slot of this.#session.slots) {
      this.#slots.set(slot.media.ssrc | 0, slot);
      if (slot.media.rtxSsrc !== null) this.#slots.set(slot.media.rtxSsrc | 0, slot);
    }
  }

  handle(now: Millis, buf: Uint8Array, at: number, length: number): void {
    const reader = this.#reader;
    reader.reset(buf, at, length);
    while (reader.next())
      switch (reader.kind) {
        case RtcpKind.senderReport:
          this.#handleSenderReport(now);
          this.#handleBlocks(now);
          break;
        case RtcpKind.receiverReport:
          this.#handleBlocks(now);
          break;
        case RtcpKind.nack:
          this.#handleNack(now);
          break;
        case RtcpKind.pli:
          this.#slots.get(reader.mediaSsrc | 0)?.requestKeyframe(now);
          break;
        case RtcpKind.fir:
          this.#handleFir(now);
          break;
        case RtcpKind.bye:
          for (let i = 0; i < reader.count; i++) this.#session.binder.forget(byeSsrc(reader, i));
          break;
        case RtcpKind.extendedReport:
          this.#handleExtendedReport();
          break;
        default: // descriptions, REMB and transport feedback about us: nothing depends on them yet
      }
  }

  /** Brings loss and jitter of what the peer sends up to date. */
  measureUp(quality: PathQuality): void {
    let expected = 0;
    let received = 0;
    let jitterMs = -1;
    for (const { statistics, repairs, line } of this.#session.binder.streams()) {
      if (repairs !== null) continue;
      received += statistics.receivedCount;
      expected += statistics.receivedCount + statistics.cumulativeLost;
      const clockRate = line.track?.codec?.clockRate;
      if (clockRate !== undefined)
        jitterMs = Math.max(jitterMs, (statistics.jitter * 1000) / clockRate);
    }
    quality.jitterUpMs = jitterMs;
    const expectedNow = expected - this.#expectedBefore;
    const receivedNow = received - this.#receivedBefore;
    this.#expectedBefore = expected;
    this.#receivedBefore = received;
    if (expectedNow > 0) quality.lossUp = Math.max(0, 1 - receivedNow / expectedNow);
  }

  #handleSenderReport(now: Millis): void {
    const reader = this.#reader;
    const stream = this.#session.stream(reader.senderSsrc);
    if (stream === null) return;
    const seconds = ntpSeconds(reader);
    const fraction = ntpFraction(reader);
    stream.statistics.handleSenderReport(now, seconds, fraction);
    const { track } = stream.line;
    if (track === null || stream.repairs !== null || (seconds === 0 && fraction === 0)) return;
    const layer = track.layers[stream.layer]!;
    layer.senderReportNtpMs = seconds * 1000 + (fraction / 0x100000000) * 1000;
    layer.senderReportTimestamp = reportTimestamp(reader);
    // The report that travelled fastest tells best how the clocks differ.
    const offsetMs = this.#clock.ntpMs(now) - layer.senderReportNtpMs;
    this.#session.noteClockOffset(offsetMs);
  }

  #handleBlocks(now: Millis): void {
    const block = this.#block;
    const { quality } = this.#session;
    for (let i = 0; block.read(this.#reader, i); i++) {
      const slot = this.#slots.get(block.ssrc | 0);
      if (slot === undefined || slot.media.ssrc !== block.ssrc) continue;
      slot.noteReported();
      const clockRate = slot.clockRate;
      quality.noteReportBlock(block.fractionLost, (block.jitter * 1000) / clockRate);
      const compact = Math.floor(this.#clock.ntpMs(now) * 65.536) | 0;
      quality.noteRtt(roundTripMs(compact, block.lastReport, block.delaySinceLastReport));
    }
  }

  #handleNack(now: Millis): void {
    const slot = this.#slots.get(this.#reader.mediaSsrc | 0);
    // RTX itself is not repeated: its numbers are others.
    if (slot === undefined || slot.media.ssrc !== this.#reader.mediaSsrc) return;
    const { rttMs } = this.#session.quality;
    this.#nack.reset(this.#reader);
    for (let i = 0; i < MAX_NACKED && this.#nack.next(); i++)
      slot.retransmit(now, this.#nack.sequenceNumber, rttMs);
  }

  #handleFir(now: Millis): void {
    const reader = this.#reader;
    for (let i = 0; i < firCount(reader); i++) {
      const ssrc = firSsrc(reader, i) | 0;
      const slot = this.#slots.get(ssrc);
      if (slot === undefined || this.#firs.get(ssrc) === firSequence(reader, i)) continue;
      this.#firs.set(ssrc, firSequence(reader, i));
      slot.requestKeyframe(now);
    }
  }

  /** RFC 3611 §4.4 has one reference time in a report; more of them are not answered, or we would amplify. */
  #handleExtendedReport(): void {
    const xr = this.#xr;
    xr.reset(this.#reader);
    while (xr.next())
      if (xr.block === XrBlock.receiverReferenceTime) {
        const lastReport = ((xr.ntpSeconds << 16) | (xr.ntpFraction >>> 16)) >>> 0;
        this.#reporter.sendDelay(this.#reader.senderSsrc, lastReport);
        return;
      }
  }
}
