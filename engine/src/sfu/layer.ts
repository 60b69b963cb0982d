import type { Millis } from '@switchyard/core/base';
import { PacketHistory } from '@switchyard/core/rtp';
import type { IncomingPacket } from './incoming-packet.ts';
import { KeyframeRequester } from './keyframe-requester.ts';
import { RateMeter } from './rate-meter.ts';
import type { SfuContext } from './sfu-context.ts';
import type { Track } from './track.ts';

/** Packets of one layer that are handed to the slots together, so that runs to one address form. */
const MAX_RUN = 64;
/** About two seconds at 2 Mbit/s; what it holds answers NACKs and serves late joiners. */
const HISTORY_BYTES = 512 * 1024;
const HISTORY_PACKETS = 1024;
/** Bytes of padding worth a longer run. */
const MAX_EQUALISING_PADDING = 3;
/** Browsers stop upper layers without a word: one that was silent so long is not waited for. */
const LIVE_MS = 1_000;

/** One RTP stream of a track: all of it without simulcast, one resolution of it otherwise. */
export class Layer {
  readonly track: Track;
  /** 0 is the lowest. */
  readonly index: number;
  /** 0 until the first packet. */
  ssrc = 0;
  /** Video only: audio is neither retransmitted nor cached. */
  readonly history: PacketHistory | null;
  readonly keyframes = new KeyframeRequester();
  readonly rate = new RateMeter();
  readonly run: IncomingPacket[] = [];
  runLength = 0;
  lastPacketAt = Number.NEGATIVE_INFINITY;
  /** Pixels, from keyframes that state it; 0 while unknown. */
  width = 0;
  height = 0;
  /** The publisher's newest sender report: its clock in ms, and the RTP timestamp of that instant. */
  senderReportNtpMs = Number.NaN;
  senderReportTimestamp = 0;
  readonly #context: SfuContext;

  constructor(track: Track, index: number, context: SfuContext) {
    this.track = track;
    this.index = index;
    this.#context = context;
    this.history =
      track.kind === 'video'
        ? new PacketHistory({ bytes: HISTORY_BYTES, packets: HISTORY_PACKETS, copy: context.copy })
        : null;
  }

  /** Whether packets arrived lately. */
  isLive(now: Millis): boolean {
    return now - this.lastPacketAt < LIVE_MS;
  }

  /** Asks the publisher for a keyframe, soon and until one comes. */
  wantKeyframe(now: Millis): void {
    if (this.track.kind !== 'video') return;
    this.keyframes.want(now);
    this.#context.wanting.add(this);
  }

  /** Appends a packet to the run of this turn. */
  enqueue(now: Millis, packet: IncomingPacket): void {
    if (this.runLength === 0) this.#context.dirty.push(this);
    this.run[this.runLength++] = packet;
    if (this.runLength === MAX_RUN) this.flush(now);
  }

  /**
   * Notes the SSRC that the layer arrives under. A new one is a new stream: what is remembered of the old one
   * must not be taken for it.
   */
  setSsrc(ssrc: number): void {
    if (this.ssrc !== 0 && this.ssrc !== ssrc) this.track.restartLayer(this);
    this.ssrc = ssrc;
  }

  /**
   * What this layer's timestamp would be at `timestamp` of another one, by the sender reports of both
   * (simulcast layers share the publisher's clock); -1 when unknown or when that is of another track.
   */
  timestampAt(now: Millis, other: Layer, timestamp: number): number {
    if (other.track !== this.track || !this.isLive(now)) return -1;
    if (Number.isNaN(this.senderReportNtpMs) || Number.isNaN(other.senderReportNtpMs)) return -1;
    const rate = this.track.codec?.clockRate ?? 0;
    const sinceReportMs =
      other.senderReportNtpMs -
      this.senderReportNtpMs +
      (((timestamp - other.senderReportTimestamp) | 0) / rate) * 1000;
    return (this.senderReportTimestamp + Math.round((sinceReportMs * rate) / 1000)) >>> 0;
  }

  /** Hands the run to the slots. */
  flush(now: Millis): void {
    const length = this.runLength;
    if (length === 0) return;
    if (this.#context.settings.gsoPadding && this.history !== null) this.#equalise(length);
    this.runLength = 0; // first: whatever happens to the packets, they are not handed on twice
    this.track.forwardRun(now, this, length);
  }

  /**
   * Encoders cut a frame into packets of nearly equal length, the last few a byte longer. With a byte of
   * padding on the others the whole frame is one run for the kernel to segment.
   */
  #equalise(length: number): void {
    const { run } = this;
    for (let start = 0; start < length; ) {
      const { timestamp } = run[start]!.view;
      let longest = 0;
      let end = start;
      while (end < length && run[end]!.view.timestamp === timestamp)
        longest = Math.max(longest, run[end++]!.view.payloadLength);
      for (; start < end; start++) {
        const packet = run[start]!;
        const missing = longest - packet.view.payloadLength;
        packet.padding = missing <= MAX_EQUALISING_PADDING ? missing : 0;
      }
    }
  }
}
