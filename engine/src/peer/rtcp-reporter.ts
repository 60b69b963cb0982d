import { after, earlier, type Millis, NEVER } from '@switchyard/core/base';
import {
  MAX_TRANSPORT_FEEDBACK_LENGTH,
  type TransportFeedbackGenerator,
  writeDelay,
  writeNack,
  writePli,
  writeReceiverReport,
  writeRemb,
  writeSenderReport,
} from '@switchyard/core/rtcp';
import { type NackGenerator, REPORT_BLOCK_LENGTH } from '@switchyard/core/rtp';
import type { Slot } from '../sfu/slot.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { RtcpOutlet, WallClock } from './ports.ts';
import { estimateRemb } from './remb.ts';
import { RtcpBuilder } from './rtcp-builder.ts';
import type { RtpSession } from './rtp-session.ts';

/** RFC 3550 allows more for less; browsers report video every second. */
const INTERVAL_MS = 1_000;
/** Chromium sends mid and rid on every packet until its SSRC was reported on. */
const FIRST_REPORT_MS = 200;
const BLOCKS_PER_REPORT = 31;

const encoder = new TextEncoder();

export interface RtcpReporterOptions {
  readonly session: RtpSession;
  readonly outlet: RtcpOutlet;
  readonly clock: WallClock;
  readonly ssrc: number;
  readonly cname: string;
}

/** Writes what one transport owes the other side: reports, NACK, PLI, transport-wide feedback, REMB. */
export class RtcpReporter {
  readonly #session: RtpSession;
  readonly #clock: WallClock;
  readonly #ssrc: number;
  readonly #builder: RtcpBuilder;
  readonly #lost = new Uint16Array(128);
  #reportDeadline: Millis = NEVER;

  constructor({ session, outlet, clock, ssrc, cname }: RtcpReporterOptions) {
    this.#session = session;
    this.#clock = clock;
    this.#ssrc = ssrc;
    this.#builder = new RtcpBuilder(outlet, ssrc, encoder.encode(cname));
  }

  /** There is something new to report on: soon. */
  expectReport(now: Millis): void {
    this.#reportDeadline = earlier(this.#reportDeadline, after(now, FIRST_REPORT_MS));
  }

  sendKeyframeRequest(stream: IncomingStream): void {
    const at = this.#builder.reserve(12, false);
    if (at < 0) return;
    this.#builder.commit(writePli(this.#builder.buf, at, this.#ssrc, stream.ssrc));
    this.#builder.flush();
  }

  sendNack(stream: IncomingStream, nack: NackGenerator): void {
    const count = nack.pollNack(this.#lost);
    if (count === 0) return;
    const at = this.#builder.reserve(12 + count * 4, false);
    if (at < 0) return;
    const { buf } = this.#builder;
    this.#builder.commit(writeNack(buf, at, this.#ssrc, stream.ssrc, this.#lost, count));
    this.#builder.flush();
  }

  /** Answers a receiver's reference time (RFC 3611 §4.5), so that it learns the round trip. */
  sendDelay(ssrc: number, lastReport: number): void {
    const at = this.#builder.reserve(24, false);
    if (at < 0) return;
    this.#builder.commit(writeDelay(this.#builder.buf, at, this.#ssrc, ssrc, lastReport, 0));
    this.#builder.flush();
  }

  handleTimeout(now: Millis): void {
    if (now >= this.#reportDeadline) this.#sendReports(now);
  }

  nextTimeout(): Millis {
    return this.#reportDeadline;
  }

  /** Sends the transport-wide feedback that is due; false when nothing may be sent, and it stays due. */
  sendFeedback(now: Millis, feedback: TransportFeedbackGenerator): boolean {
    const builder = this.#builder;
    for (;;) {
      const at = builder.reserve(MAX_TRANSPORT_FEEDBACK_LENGTH, false);
      if (at < 0) return false;
      const length = feedback.pollFeedback(now, builder.buf, at);
      if (length === 0) break;
      builder.commit(length);
      builder.flush();
    }
    builder.abandon();
    return true;
  }

  #sendReports(now: Millis): void {
    let isActive = false;
    const ntpMs = this.#clock.ntpMs(now);
    for (const slot of this.#session.slots)
      if (slot.prepareReport(now, ntpMs)) {
        isActive = true;
        this.#writeSenderReport(slot, ntpMs);
      }
    if (this.#writeReceiverReports(now)) isActive = true;
    this.#writeRemb(now);
    this.#builder.flush();
    this.#reportDeadline =
      isActive || this.#session.slots.length > 0 ? after(now, INTERVAL_MS) : NEVER;
  }

  #writeSenderReport(slot: Slot, ntpMs: number): void {
    const builder = this.#builder;
    const at = builder.reserve(80, true);
    if (at < 0) return;
    const seconds = Math.floor(ntpMs / 1000);
    builder.commit(
      writeSenderReport(
        builder.buf,
        at,
        {
          ssrc: slot.media.ssrc,
          ntpSeconds: seconds % 0x100000000,
          ntpFraction: Math.floor(((ntpMs - seconds * 1000) / 1000) * 0x100000000),
          timestamp: slot.reportTimestamp,
          packetCount: slot.packetCount % 0x100000000,
          octetCount: slot.octetCount % 0x100000000,
        },
        0,
      ),
    );
    builder.cname(slot.media.ssrc);
  }

  #writeReceiverReports(now: Millis): boolean {
    const builder = this.#builder;
    const due: IncomingStream[] = [];
    for (const stream of this.#session.binder.streams())
      if (stream.repairs === null) due.push(stream);
    for (let first = 0; first < due.length; first += BLOCKS_PER_REPORT) {
      const blocks = due.slice(first, first + BLOCKS_PER_REPORT);
      const at = builder.reserve(8 + blocks.length * REPORT_BLOCK_LENGTH, true);
      if (at < 0) return true;
      blocks.forEach((stream, index) => {
        stream.statistics.writeReportBlock(builder.buf, at + 8 + index * REPORT_BLOCK_LENGTH, now);
        stream.reported = true;
      });
      builder.commit(writeReceiverReport(builder.buf, at, this.#ssrc, blocks.length));
      builder.cname(this.#ssrc);
    }
    return due.length > 0;
  }

  /** For publishers that negotiated no transport-wide feedback. */
  #writeRemb(now: Millis): void {
    const { binder } = this.#session;
    const wants = binder.lines.some(
      ({ media }) =>
        media.kind === 'video' && media.codecs.some((codec) => codec.remb && !codec.transportCc),
    );
    if (!wants) return;
    const ssrcs: number[] = [];
    for (const stream of binder.streams())
      if (stream.repairs === null && stream.line.media.kind === 'video') ssrcs.push(stream.ssrc);
    if (ssrcs.length === 0) return;
    const at = this.#builder.reserve(20 + 4 * ssrcs.length, false);
    if (at < 0) return;
    const bps = estimateRemb(this.#session.rateUp.bitrateBps(now), this.#session.quality.lossUp);
    this.#builder.commit(
      writeRemb(this.#builder.buf, at, this.#ssrc, bps, Uint32Array.from(ssrcs)),
    );
  }
}
