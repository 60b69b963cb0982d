import { diff16, type Millis } from '@switchyard/core/base';
import type { LayerChoice, OutgoingMedia, SlotId } from '@switchyard/core/media-api';
import {
  type ExtensionIds,
  type FrameInfo,
  OutgoingHeader,
  RtpExtension,
  type RtpView,
  StreamRewriter,
} from '@switchyard/core/rtp';
import type { SrtpSendStream } from '@switchyard/core/srtp';
import { type Codec, codecOf, extensionIdsOf } from './codec.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import { KeyframeReplay, ReplayStep } from './keyframe-replay.ts';
import type { Layer } from './layer.ts';
import { PacketWriter } from './packet-writer.ts';
import type { Outlet } from './ports.ts';
import { type OutgoingStream, Retransmitter } from './retransmitter.ts';
import type { SfuContext } from './sfu-context.ts';
import type { Track } from './track.ts';

/** Packets of a keyframe cache that a late joiner is sent per turn: 20 fit a keyframe of 720p. */
const REPLAY_PER_TURN = 24;
export interface SlotOptions {
  readonly id: SlotId;
  readonly media: OutgoingMedia;
  readonly outlet: Outlet;
  readonly context: SfuContext;
  /** 0..32767: a start in the lower half keeps the receiver's rollover guess safe. RFC 3711 §3.3.1. */
  readonly firstSequenceNumber: number;
}

/**
 * One outgoing stream of a subscriber: fixed SSRC, continuous numbers, changing sources. Video
 * switches at keyframes; until the new source's comes, the old one goes on.
 */
export class Slot {
  readonly id: SlotId;
  readonly media: OutgoingMedia;
  packetCount = 0;
  octetCount = 0;
  retransmittedCount = 0;

  readonly #context: SfuContext;
  readonly #outlet: Outlet;
  readonly #codecs: readonly Codec[];
  readonly #header: OutgoingHeader;
  readonly #stream: SrtpSendStream;
  readonly #rtx: OutgoingStream | null;
  readonly #rewriter: StreamRewriter;
  readonly #writer: PacketWriter;
  readonly #repeats: Retransmitter;
  readonly #replay = new KeyframeReplay();

  #track: Track | null = null;
  /** What is being sent. */
  #layer: Layer | null = null;
  /** What is wanted; differs from `#layer` while its keyframe is awaited. */
  #target: Layer | null = null;
  #choice: LayerChoice = { spatial: 0, temporal: 0 };
  /** Highest temporal layer forwarded now. */
  #temporal = 7;
  /** The track's codec and the receiver's payload type for it; null while they do not match. */
  #sourceCodec: Codec | null = null;
  #codec: Codec | null = null;
  #announced = false;

  /** Of the newest packet, for sender reports: the source's timestamp and ours. */
  #lastSourceTimestamp = 0;
  #lastTimestamp = 0;
  #lastSentAt = Number.NEGATIVE_INFINITY;

  constructor({ id, media, outlet, context, firstSequenceNumber }: SlotOptions) {
    this.id = id;
    this.media = media;
    this.#outlet = outlet;
    this.#context = context;
    this.#codecs = media.codecs.map(codecOf);
    const extensions = sentExtensions(media);
    const { mid, allowTwoByteExtensions: allowTwoByte } = media;
    const payloadType = this.#codecs[0]?.payloadType ?? 0;
    const open = (ssrc: number): OutgoingStream => ({
      header: new OutgoingHeader({ ssrc, payloadType, mid, extensions, allowTwoByte }),
      srtp: outlet.sendStream(ssrc),
    });
    const main = open(media.ssrc);
    this.#header = main.header;
    this.#stream = main.srtp;
    this.#rtx = media.rtxSsrc === null ? null : open(media.rtxSsrc);
    this.#rewriter = new StreamRewriter({ sequenceNumber: startOf(main, firstSequenceNumber) });
    this.#writer = new PacketWriter(outlet.bytes, context.copy);
    this.#repeats = new Retransmitter({
      outlet,
      writer: this.#writer,
      media: main,
      rtx: this.#rtx,
      firstSequenceNumber: startOf(this.#rtx, firstSequenceNumber),
    });
  }

  /** Hz, of the codec in use or the preferred one. */
  get clockRate(): number {
    return (this.#codec ?? this.#codecs[0])?.clockRate ?? 90_000;
  }

  get track(): Track | null {
    return this.#track;
  }

  /** Takes another track, or none, or other layers of the same one. */
  assign(now: Millis, track: Track | null, choice: LayerChoice): void {
    this.#choice = choice;
    if (track !== this.#track) {
      this.#track?.removeSlot(this);
      this.#track = track;
      this.#layer = null;
      this.#target = null;
      this.#sourceCodec = null;
      this.#announced = false;
      this.#repeats.forget();
      this.#stopReplay();
      track?.addSlot(this);
    }
    if (track !== null) this.review(now);
  }

  /** Chooses the layer again: another is wanted, or layers have stopped or come back. */
  review(now: Millis): void {
    const track = this.#track;
    if (track === null || track.muted || !this.#outlet.isReady) return;
    const best = track.bestLayer(now, this.#choice.spatial);
    if (best === null || (best === this.#target && this.#layer !== null)) return;
    if (best === this.#layer) {
      this.#target = best;
      return;
    }
    if (!this.#mayStart(track)) return;
    this.#target = best;
    if (track.kind !== 'video') return;
    if (this.#layer === null && this.#startReplay(now, best)) return;
    best.wantKeyframe(now);
  }

  /** The track's codec has changed: the payload type is matched again at the next packet. */
  codecChanged(): void {
    this.#sourceCodec = null;
    this.#restart();
  }

  /** The track is muted, or the transport has lost its way: what comes next begins anew, without a hole. */
  sourcePaused(): void {
    this.#restart();
  }

  /** A layer begins anew under another SSRC. */
  layerRestarted(layer: Layer): void {
    if (layer === this.#layer) this.#restart();
    else this.#repeats.forget();
  }

  /** The receiver asks for a keyframe (PLI, FIR). */
  requestKeyframe(now: Millis): void {
    (this.#layer ?? this.#target)?.wantKeyframe(now);
  }

  /** The first `length` packets of `run`, all of `layer`. Runs once per turn, layer and slot; allocates nothing. */
  forwardRun(now: Millis, layer: Layer, run: readonly IncomingPacket[], length: number): void {
    for (let i = 0; i < length; i++) {
      if (this.#replay.isActive) return; // the rest is in the history that is being replayed
      const packet = run[i]!;
      if (layer !== this.#layer && !this.#maySwitch(now, layer, packet, length - 1 - i)) continue;
      this.#forward(now, layer, packet);
    }
  }

  /** Sends the next part of a replay; false when the slot is live again. */
  replay(now: Millis): boolean {
    const replay = this.#replay;
    const layer = this.#layer;
    const history = layer?.history;
    if (!replay.isActive || !layer || !history) return false;
    for (let i = 0; i < REPLAY_PER_TURN; i++) {
      const { codec } = layer.track;
      const step = codec === null ? ReplayStep.hole : replay.next(history);
      if (codec === null || step !== ReplayStep.packet) {
        if (step === ReplayStep.hole) {
          replay.stop();
          this.#layer = null;
          layer.wantKeyframe(now);
        }
        this.#context.replaying.delete(this);
        return false;
      }
      replay.packet.describe(codec.kind);
      this.#forward(now, layer, replay.packet);
    }
    return true;
  }

  /** Sends a packet again that the receiver misses, within the budget and once per round trip. */
  retransmit(now: Millis, sequenceNumber: number, rttMs: number): void {
    const track = this.#track;
    if (track === null) return;
    const rateBps = this.#layer?.rate.bitrateBps(now) ?? 0;
    if (this.#repeats.retransmit(now, track, sequenceNumber, rttMs, rateBps))
      this.retransmittedCount++;
  }

  /** False when there is nothing to report on; else sets `reportTimestamp` to our timestamp at `now`. */
  prepareReport(now: Millis, wallClockMs: number): boolean {
    const layer = this.#layer;
    const codec = this.#codec;
    if (layer === null || codec === null || this.packetCount === 0) return false;
    if (now - this.#lastSentAt > 5_000) return false;
    // While a cache is replayed, or a switch waits for its first packet, there is no line between both clocks.
    if (this.#replay.isPacing || this.#rewriter.isSwitchPending) return false;
    const { ntpOffsetMs } = layer.track;
    const ticksPerMs = codec.clockRate / 1000;
    const elapsedMs =
      Number.isNaN(layer.senderReportNtpMs) || Number.isNaN(ntpOffsetMs)
        ? now - this.#lastSentAt
        : wallClockMs -
          ntpOffsetMs -
          layer.senderReportNtpMs -
          ((this.#lastSourceTimestamp - layer.senderReportTimestamp) | 0) / ticksPerMs;
    this.reportTimestamp = (this.#lastTimestamp + Math.round(elapsedMs * ticksPerMs)) >>> 0;
    return true;
  }
  reportTimestamp = 0;

  /**
   * The receiver has confirmed our SSRC by a report: it needs no mid any more (RFC 9143 §9.2). Without RTX the
   * header must stay as it is, since packets are repeated under their own number.
   */
  noteReported(): void {
    const needsSameHeader = this.#codecs.some(
      ({ nack, rtxPayloadType }) => nack && (this.#rtx === null || rtxPayloadType < 0),
    );
    if (!needsSameHeader || this.media.kind === 'audio') this.#header.sendMid = false;
  }

  close(now: Millis): void {
    this.assign(now, null, this.#choice);
  }

  /**
   * What was sent cannot be made again: a sequence number that is sealed a second time must carry the same
   * bytes (RFC 7714 §9.1).
   */
  #restart(): void {
    this.#layer = null;
    this.#repeats.forget();
    this.#stopReplay();
  }

  /** Whether anything could be sent and understood: otherwise no keyframe is asked for, and none wasted. */
  #mayStart(track: Track): boolean {
    if (!this.#outlet.isReady) return false;
    return track.codec === null || this.#matchCodec(track.codec);
  }

  /**
   * Whether a packet of another layer than the present one begins the wanted one.
   *
   * @param behind packets that follow in the run.
   */
  #maySwitch(now: Millis, layer: Layer, packet: IncomingPacket, behind: number): boolean {
    if (!this.#mayStart(layer.track)) return false;
    const { info, view } = packet;
    if (!packet.described || !info.isKeyframe || !info.startsFrame) {
      if (this.#target === null) this.review(now);
      else if (layer === this.#target) this.#awaitKeyframe(now, layer, view);
      return false;
    }
    this.#target ??= layer.track.bestLayer(now, this.#choice.spatial);
    if (layer !== this.#target) return false;
    // Was the keyframe's start overtaken by other packets of it, they have to be fetched from the history.
    const { history } = layer;
    const isOvertaken =
      history !== null &&
      history.keyframeStart === view.sequenceNumber &&
      diff16(history.highest, view.sequenceNumber) > behind;
    if (isOvertaken && this.#startReplay(now, layer)) return false;
    return this.#switchTo(now, layer, view.timestamp);
  }

  /** A packet of the wanted layer that is not the start of a keyframe. */
  #awaitKeyframe(now: Millis, layer: Layer, view: RtpView): void {
    const { history } = layer;
    // A late packet may have filled the last hole behind a keyframe.
    const isLate = history !== null && diff16(history.highest, view.sequenceNumber) > 0;
    if (isLate && this.#layer === null && this.#startReplay(now, layer)) return;
    if (!layer.keyframes.isWanted) layer.wantKeyframe(now);
  }

  /** @param timestamp of the layer's packet that comes first. */
  #switchTo(now: Millis, layer: Layer, timestamp: number): boolean {
    const codec = layer.track.codec;
    if (codec === null || !this.#mayStart(layer.track)) return false;
    const hint = this.#layer?.timestampAt(now, layer, timestamp) ?? -1;
    this.#rewriter.switchTo(now, codec.clockRate, hint);
    this.#layer = layer;
    this.#temporal = this.#choice.temporal;
    return true;
  }

  #matchCodec(codec: Codec): boolean {
    if (codec === this.#sourceCodec) return this.#codec !== null;
    this.#sourceCodec = codec;
    const match = this.#codecs.find((own) => own.matchKey === codec.matchKey) ?? null;
    this.#codec = match;
    this.#repeats.rtxPayloadType = match?.rtxPayloadType ?? -1;
    if (match === null) {
      const track = this.#track;
      if (track !== null)
        this.#context.events.push({ kind: 'slotUnavailable', slot: this.id, track: track.id });
      return false;
    }
    this.#header.setPayloadType(match.payloadType);
    if (match.rtxPayloadType >= 0) this.#rtx?.header.setPayloadType(match.rtxPayloadType);
    return true;
  }

  #forward(now: Millis, layer: Layer, packet: IncomingPacket): void {
    const { view, info } = packet;
    const rewriter = this.#rewriter;
    if (!packet.described) {
      rewriter.drop(view.sequenceNumber);
      return;
    }
    if (info.startsFrame) this.#chooseTemporal(info);
    if (info.temporalId > this.#temporal) {
      rewriter.drop(view.sequenceNumber, info);
      return;
    }
    const replay = this.#replay;
    if (replay.isPacing) replay.pace(now, view, rewriter, this.clockRate);
    if (!rewriter.map(view, info, now) || rewriter.isRepeat) return;
    replay.noteSent(rewriter.timestamp);

    const outlet = this.#outlet;
    const payloadAt = outlet.reserve();
    if (payloadAt < 0) return;
    const { sequenceNumber, timestamp, pictureId, tl0PicIdx } = rewriter;
    const padding = packet.padding;
    const writer = this.#writer;
    const headerLength = writer.write(
      this.#header,
      payloadAt,
      view,
      info,
      layer.track.ids,
      sequenceNumber,
      timestamp,
      0,
      pictureId,
      tl0PicIdx,
    );
    const payloadLength = view.payloadLength + writer.pad(payloadAt, headerLength, view, padding);
    if (this.#codec!.nack)
      this.#repeats.log.note(
        sequenceNumber,
        view.sequenceNumber,
        layer.index,
        timestamp,
        pictureId,
        tl0PicIdx,
        padding,
      );
    outlet.send(this.#stream, payloadAt, headerLength, payloadLength, sequenceNumber);
    this.packetCount++;
    this.octetCount += payloadLength;
    this.#lastSourceTimestamp = view.timestamp;
    this.#lastTimestamp = timestamp;
    this.#lastSentAt = now;
    if (!this.#announced) this.#announce(timestamp);
  }

  /** Down at once, up at a switching point; between frames only, since half a frame is worth nothing. */
  #chooseTemporal({ temporalId, isSwitchingPoint }: FrameInfo): void {
    const wanted = this.#choice.temporal;
    if (this.#temporal > wanted) this.#temporal = wanted;
    else if (temporalId > this.#temporal && temporalId <= wanted && isSwitchingPoint)
      this.#temporal = temporalId;
  }

  #startReplay(now: Millis, layer: Layer): boolean {
    const { history } = layer;
    const replay = this.#replay;
    if (history === null || !replay.find(now, history)) return false;
    if (!this.#switchTo(now, layer, replay.packet.view.timestamp)) return false;
    replay.start(history);
    this.#context.replaying.add(this);
    return true;
  }

  #stopReplay(): void {
    this.#replay.stop();
    this.#context.replaying.delete(this);
  }

  #announce(rtpTimestamp: number): void {
    this.#announced = true;
    this.#context.events.push({
      kind: 'slotSwitched',
      slot: this.id,
      track: this.#track!.id,
      rtpTimestamp,
    });
  }
}

/** An SSRC that the transport has sent before goes on: its earlier numbers must not be sealed again. */
function startOf(stream: OutgoingStream | null, first: number): number {
  const next = stream?.srtp.nextSequenceNumber ?? -1;
  return next < 0 ? first : next;
}

/**
 * The receiver's ids without those that only a bandwidth estimator towards it needs: a receiver that
 * sees no transport-wide numbers sends no feedback about them.
 */
function sentExtensions(media: OutgoingMedia): ExtensionIds {
  const ids = extensionIdsOf(media.extensions);
  ids.set(RtpExtension.transportCc, 0);
  ids.set(RtpExtension.absSendTime, 0);
  return ids;
}
