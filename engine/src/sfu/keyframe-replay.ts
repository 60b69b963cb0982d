import { diff16, diff32, type Millis } from '@switchyard/core/base';
import type { PacketHistory, RtpView, StreamRewriter } from '@switchyard/core/rtp';
import { IncomingPacket } from './incoming-packet.ts';

/** Cached frames keep this distance, in clock ticks: they are shown at once, not at their old pace. */
const REPLAY_FRAME_TICKS = 90;

/** What `KeyframeReplay.next` found. */
export const ReplayStep = {
  packet: 0,
  /** Everything has been sent: the slot is live. */
  end: 1,
  /** A hole: what follows could not be decoded. */
  hole: 2,
} as const;
export type ReplayStep = (typeof ReplayStep)[keyof typeof ReplayStep];

/** Where a slot stands that is sent a layer's cached keyframe and what followed, faster than it came. */
export class KeyframeReplay {
  /** The packet that `begin` or `next` has found. */
  readonly packet = new IncomingPacket();
  /** Packets sent since the keyframe's first, -1 when live. */
  #cursor = -1;
  #start = 0;
  /** The first live frame after a replay goes back to the pace of the clock. */
  #isRebasing = false;
  /** Timestamp of the frame being sent; -1 before the first. */
  #frame = -1;
  #began = 0;
  /** Outgoing timestamp of the first packet replayed; -1 before it. */
  #base = -1;

  get isActive(): boolean {
    return this.#cursor >= 0;
  }

  /** Whether `pace` is wanted for each packet: during a replay, and until the first live frame after it. */
  get isPacing(): boolean {
    return this.#cursor >= 0 || this.#isRebasing;
  }

  /** Looks for the keyframe's first packet; false when there is none whole. Nothing has begun yet. */
  find(now: Millis, history: PacketHistory): boolean {
    if (history.packetsSinceKeyframe(now) === 0) return false;
    return readPacket(history, history.keyframeStart, this.packet.view);
  }

  start(history: PacketHistory): void {
    this.#cursor = 0;
    this.#start = history.keyframeStart;
    this.#frame = -1;
    this.#base = -1;
  }

  /** Moves on to the next packet. At the end or a hole the replay is over. */
  next(history: PacketHistory): ReplayStep {
    const sequenceNumber = (this.#start + this.#cursor) & 0xffff;
    if (diff16(sequenceNumber, history.highest) > 0) {
      this.#cursor = -1;
      this.#isRebasing = true;
      return ReplayStep.end;
    }
    if (!readPacket(history, sequenceNumber, this.packet.view)) {
      this.stop();
      return ReplayStep.hole;
    }
    this.#cursor++;
    return ReplayStep.packet;
  }

  stop(): void {
    this.#cursor = -1;
    this.#isRebasing = false;
  }

  /**
   * Cached frames follow one another by a millisecond of media time; the first live one then stands
   * where the clock is. At their old distances they would be taken for early and shown too late.
   */
  pace(now: Millis, view: RtpView, rewriter: StreamRewriter, clockRate: number): void {
    if (this.#frame < 0) {
      this.#frame = view.timestamp;
      this.#began = now;
      return; // the pending switch places the first frame
    }
    if (view.timestamp === this.#frame) return;
    this.#frame = view.timestamp;
    const next = (rewriter.highestTimestamp + REPLAY_FRAME_TICKS) >>> 0;
    if (this.#cursor >= 0) {
      rewriter.rebase(now, view.timestamp, next);
      return;
    }
    const ticks = Math.round(((now - this.#began) * clockRate) / 1000);
    const live = (this.#base + ticks) >>> 0;
    rewriter.rebase(now, view.timestamp, diff32(live, next) > 0 ? live : next);
    this.#isRebasing = false;
  }

  /** Tells what timestamp a replayed packet went out with. */
  noteSent(timestamp: number): void {
    if (this.#cursor >= 0 && this.#base < 0) this.#base = timestamp;
  }
}

/** Moves `view` onto a packet of the history; false when it is not there. */
export function readPacket(history: PacketHistory, sequenceNumber: number, view: RtpView): boolean {
  const index = history.find(sequenceNumber);
  return index >= 0 && view.parse(history.buf, history.at(index), history.lengthOf(index));
}
