import { after, earlier, type Millis, millis, NEVER, u16, u32 } from '@switchyard/core/base';
import type { IncomingMedia, TransportId, TransportQuality } from '@switchyard/core/media-api';
import { TransportFeedbackGenerator } from '@switchyard/core/rtcp';
import { isRtxProbe, RtpExtension, unwrapRtx } from '@switchyard/core/rtp';
import type { IncomingPacket, PacketPool } from '../sfu/incoming-packet.ts';
import type { KeyframeSource, Outlet } from '../sfu/ports.ts';
import { RateMeter } from '../sfu/rate-meter.ts';
import type { Slot } from '../sfu/slot.ts';
import type { Track } from '../sfu/track.ts';
import type { IncomingLine } from './incoming-line.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { PathQuality } from './path-quality.ts';
import type { RtcpOutlet, WallClock } from './ports.ts';
import { RtcpReceiver } from './rtcp-receiver.ts';
import { RtcpReporter } from './rtcp-reporter.ts';
import { StreamBinder } from './stream-binder.ts';

/** Between two attempts to send feedback on a transport that may not send. */
const FEEDBACK_RETRY_MS = 1_000;

export interface RtpSessionOptions {
  readonly transport: TransportId;
  readonly outlet: Outlet & RtcpOutlet;
  readonly pool: PacketPool;
  readonly clock: WallClock;
  /** SSRC of our reports and feedback. */
  readonly ssrc: number;
  readonly cname: string;
  /** The peer does not use an SSRC any more. */
  readonly onForgotten?: (ssrc: number) => void;
}

/** Why a packet was not taken; counted by the owner. */
export const RtpOutcome = {
  taken: 0,
  malformed: 1,
  unbound: 2,
  unpublished: 3,
  padding: 4,
  overload: 5,
  /** The SRTP tag is wrong. */
  unauthenticated: 6,
  /** Accepted before, or too old to tell. */
  replayed: 7,
  tooManyStreams: 8,
} as const;
export type RtpOutcome = (typeof RtpOutcome)[keyof typeof RtpOutcome];

/**
 * The RTP side of one transport, behind its cryptography: binds what comes in to m-lines and tracks,
 * repairs and reports on it, serves the feedback of the other side for the slots, and reports on those.
 */
export class RtpSession implements KeyframeSource {
  readonly binder: StreamBinder;
  readonly quality = new PathQuality();
  readonly rateUp = new RateMeter();
  readonly rateDown = new RateMeter();
  readonly slots: Slot[] = [];
  readonly #transport: TransportId;
  readonly #bytes: Uint8Array;
  readonly #pool: PacketPool;
  readonly #reporter: RtcpReporter;
  readonly #receiver: RtcpReceiver;
  /** Only peers that send need the 20 KB of it. */
  #feedback: TransportFeedbackGenerator | null = null;
  readonly #ssrc: number;
  /** The smallest seen; NaN before the first. */
  #clockOffsetMs = Number.NaN;
  #nackDeadline: Millis = NEVER;
  /** Feedback is looked at again then, while nothing may be sent: its own deadline would be in the past. */
  #feedbackRetryAt: Millis = millis(0);

  constructor(options: RtpSessionOptions) {
    const { outlet, clock, ssrc, cname } = options;
    this.binder = new StreamBinder(options.onForgotten);
    this.#transport = options.transport;
    this.#bytes = outlet.bytes;
    this.#pool = options.pool;
    this.#ssrc = ssrc;
    this.#reporter = new RtcpReporter({ session: this, outlet, clock, ssrc, cname });
    this.#receiver = new RtcpReceiver({ session: this, reporter: this.#reporter, clock });
  }

  setIncoming(media: readonly IncomingMedia[]): void {
    this.binder.setMedia(media);
    if (media.some(({ codecs }) => codecs.some((codec) => codec.transportCc)))
      this.#feedback ??= new TransportFeedbackGenerator(this.#ssrc);
  }

  /** Takes what arrives on `mid` as `track`; false when there is no such m-line. */
  openTrack(mid: string, track: Track): boolean {
    const line = this.binder.line(mid);
    if (line === null) return false;
    line.track = track;
    line.streams.forEach((stream, layer) => {
      if (stream !== null) track.layers[layer]!.setSsrc(stream.ssrc);
    });
    return true;
  }

  closeTrack(track: Track): void {
    for (const line of this.binder.lines) if (line.track === track) line.track = null;
  }

  addSlot(now: Millis, slot: Slot): void {
    this.slots.push(slot);
    this.#receiver.slotsChanged();
    this.reportSoon(now);
  }

  /** A slot has switched: the receiver needs the new source's clock for lip sync. */
  reportSoon(now: Millis): void {
    this.#reporter.expectReport(now);
  }

  /** Media can be sent from now on: slots begin, from a keyframe cache where there is one. */
  resume(now: Millis): void {
    for (const slot of this.slots) slot.review(now);
  }

  /** Nothing can be sent any more: what a slot sends later begins anew. */
  interrupt(): void {
    for (const slot of this.slots) slot.sourcePaused();
  }

  removeSlot(slot: Slot): void {
    const index = this.slots.indexOf(slot);
    if (index >= 0) this.slots.splice(index, 1);
    this.#receiver.slotsChanged();
  }

  /** The stream of an SSRC; null while it is not bound. */
  stream(ssrc: number): IncomingStream | null {
    return this.binder.find(ssrc);
  }

  /**
   * Takes one decrypted RTP packet. Its bytes stay where they are until the turn ends. `known` is what
   * `stream` gave for its SSRC.
   */
  handleRtp(now: Millis, at: number, length: number, known: IncomingStream | null): RtpOutcome {
    const packet = this.#pool.take();
    if (packet === null) return RtpOutcome.overload;
    const { view } = packet;
    if (!view.parse(this.#bytes, at, length)) return RtpOutcome.malformed;
    this.rateUp.add(now, length);
    // Every packet on the transport is reported, bound or not: else browsers stay at 300 kbit/s.
    const feedback = this.#feedback;
    if (feedback !== null && view.findExtension(this.binder.ids.get(RtpExtension.transportCc)))
      feedback.handlePacket(now, u16(view.buf, view.extensionAt));
    const stream = known ?? this.binder.bind(now, view);
    if (stream === null) return RtpOutcome.unbound;
    if (known === null) this.#begin(now, stream);
    if (feedback !== null) feedback.mediaSsrc = stream.ssrc;
    stream.statistics.handlePacket(now, view.sequenceNumber, view.timestamp);
    if (stream.repairs !== null) return this.#handleRepair(now, packet, stream, stream.repairs);
    return this.#deliver(now, packet, stream, false);
  }

  /** Takes one decrypted compound RTCP packet. Malformed parts are skipped. */
  handleRtcp(now: Millis, at: number, length: number): void {
    this.#receiver.handle(now, this.#bytes, at, length);
  }

  requestKeyframe(_now: Millis, ssrc: number, _layer: number): void {
    const stream = this.binder.find(ssrc);
    if (stream !== null) this.#reporter.sendKeyframeRequest(stream);
  }

  handleTimeout(now: Millis): void {
    if (now >= this.#nackDeadline) this.#sendNacks(now);
    if (now >= this.#feedbackDue()) this.#sendFeedback(now);
    this.#reporter.handleTimeout(now);
  }

  nextTimeout(): Millis {
    const reports = earlier(this.#nackDeadline, this.#reporter.nextTimeout());
    return earlier(reports, this.#feedbackDue());
  }

  /** A sender report shows how the peer's clock differs from ours; all its tracks share the answer. */
  noteClockOffset(offsetMs: number): void {
    if (!(offsetMs >= this.#clockOffsetMs)) this.#clockOffsetMs = offsetMs;
    for (const { track } of this.binder.lines)
      if (track !== null) track.ntpOffsetMs = this.#clockOffsetMs;
  }

  /** What has happened since the last call, for the rooms' side. */
  takeQuality(now: Millis): TransportQuality {
    const { quality } = this;
    this.#receiver.measureUp(quality);
    return {
      transport: this.#transport,
      rttMs: quality.rttMs,
      lossUp: quality.lossUp,
      lossDown: quality.takeLossDown(),
      jitterUpMs: quality.jitterUpMs,
      jitterDownMs: quality.jitterDownMs,
      bitrateUpBps: this.rateUp.bitrateBps(now),
      bitrateDownBps: this.rateDown.bitrateBps(now),
    };
  }

  close(now: Millis): void {
    for (const slot of this.slots) slot.close(now);
    this.slots.length = 0;
  }

  #begin(now: Millis, stream: IncomingStream): void {
    if (stream.repairs === null) stream.line.track?.layers[stream.layer]?.setSsrc(stream.ssrc);
    this.#reporter.expectReport(now);
  }

  #handleRepair(
    now: Millis,
    packet: IncomingPacket,
    stream: IncomingStream,
    media: IncomingStream,
  ): RtpOutcome {
    const { view } = packet;
    if (isRtxProbe(view)) return RtpOutcome.padding;
    const codec = stream.line.codecs.findByRtx(view.payloadType);
    if (codec === null) return RtpOutcome.malformed;
    if (!unwrapRtx(this.#bytes, view, codec.payloadType, media.ssrc)) return RtpOutcome.malformed;
    return this.#deliver(now, packet, media, true);
  }

  #deliver(
    now: Millis,
    packet: IncomingPacket,
    stream: IncomingStream,
    isRetransmission: boolean,
  ): RtpOutcome {
    const { view } = packet;
    const { nack, line } = stream;
    const track = line.track;
    if (nack !== null) {
      nack.handlePacket(now, view.sequenceNumber, isRetransmission);
      if (nack.missingCount > 0) this.#noteMissing(nack.nextTimeout());
    }
    if (track === null) return RtpOutcome.unpublished;
    track.receive(now, track.layers[stream.layer]!, packet);
    return RtpOutcome.taken;
  }

  #feedbackDue(): Millis {
    const due = this.#feedback?.nextTimeout() ?? NEVER;
    return millis(Math.max(due, this.#feedbackRetryAt));
  }

  #sendFeedback(now: Millis): void {
    const isSent = this.#feedback === null || this.#reporter.sendFeedback(now, this.#feedback);
    this.#feedbackRetryAt = isSent ? millis(0) : after(now, FEEDBACK_RETRY_MS);
  }

  #noteMissing(deadline: Millis): void {
    if (deadline < this.#nackDeadline) this.#nackDeadline = deadline;
  }

  #sendNacks(now: Millis): void {
    this.#nackDeadline = NEVER;
    for (const stream of this.binder.streams()) {
      const { nack } = stream;
      if (nack === null || nack.nextTimeout() === NEVER) continue;
      if (this.quality.rttMs >= 0) nack.setRtt(this.quality.rttMs);
      nack.handleTimeout(now);
      this.#reporter.sendNack(stream, nack);
      if (nack.needsKeyframe) {
        nack.needsKeyframe = false;
        this.#wantKeyframe(now, stream.line, stream.layer);
      }
      const next = nack.nextTimeout();
      // What `pollNack` could not ask for at once follows in the next turn.
      this.#noteMissing(next <= now ? after(now, 1) : next);
    }
  }

  #wantKeyframe(now: Millis, line: IncomingLine, layer: number): void {
    if (line.track !== null && line.track.slotCount > 0)
      line.track.layers[layer]!.wantKeyframe(now);
  }
}

/** The SSRC of an RTP packet that is not decrypted yet. */
export const readSsrc = (buf: Uint8Array, at: number): number => u32(buf, at + 8);

/**
 * Length of the header, CSRCs and extension of an RTP packet that may still be encrypted (padding cannot be
 * judged before decryption); 0 when it is malformed.
 */
export function readHeaderLength(buf: Uint8Array, at: number, length: number): number {
  if (length < 12 || buf[at]! >> 6 !== 2) return 0;
  let headerLength = 12 + (buf[at]! & 0x0f) * 4;
  if ((buf[at]! & 0x10) !== 0) {
    if (headerLength + 4 > length) return 0;
    headerLength += 4 + u16(buf, at + headerLength + 2) * 4;
  }
  return headerLength <= length ? headerLength : 0;
}
