import { diff32, type Millis, NEVER } from '../base/index.ts';
import type { FrameInfo } from './frame-info.ts';
import { Renumbering, TOO_FAR, TOO_OLD } from './renumbering.ts';
import type { RtpView } from './rtp-view.ts';

/** Sequence numbers remembered for late packets and NACKs: a second of 10 Mbit/s. */
const SEQUENCE_WINDOW = 1024;
/** Pictures remembered for late packets. */
const PICTURE_WINDOW = 128;
/** A longer hole is a restart of the source: it is closed, nobody could repair it. RFC 3550 A.1. */
const MAX_DROPOUT = 3000;
const MAX_PICTURE_JUMP = 1024;
/** A hint that leads further ahead than this rests on wrong reports. */
const MAX_HINT_SECONDS = 10;

export interface StreamRewriterOptions {
  /** First outgoing sequence number; by default the first source's own. */
  readonly sequenceNumber?: number;
  /** First outgoing timestamp; by default the first source's own. */
  readonly timestamp?: number;
}

/**
 * Keeps one outgoing stream continuous while its source changes (simulcast layers, another speaker)
 * and while packets are left out on purpose (temporal layers, padding): sequence number, timestamp
 * and VP8's picture id and TL0PICIDX.
 *
 * Each source packet is either mapped or dropped. Packets that were lost keep their numbers, so the
 * receiver misses and asks for exactly those. Allocates nothing after construction.
 */
export class StreamRewriter {
  /** Results of the last `map` that returned true. */
  sequenceNumber = 0;
  timestamp = 0;
  /** 15 bits; -1 when the payload has none. */
  pictureId = -1;
  /** 8 bits; -1 when the payload has none. */
  tl0PicIdx = -1;
  /** The packet was mapped before: a duplicate, or a retransmission being made. */
  isRepeat = false;

  readonly #sequences = new Renumbering(SEQUENCE_WINDOW, MAX_DROPOUT);
  readonly #pictures = new Renumbering(PICTURE_WINDOW, MAX_PICTURE_JUMP);
  #nextSequence: number;
  #nextTimestamp: number;
  #isSwitchPending = true;
  #hasSent = false;
  #switchedAt: Millis = NEVER;
  #clockRate = 90_000;
  #hint = -1;
  /** Source minus outgoing timestamp, int32. */
  #timestampOffset = 0;
  #highestTimestamp = 0;
  /** An instant and the outgoing timestamp that belonged to it. */
  #anchorAt: Millis = NEVER;
  #anchorTimestamp = 0;
  #tl0Offset = 0;
  #highestTl0 = -1;
  #highestPicture = -1;
  /** The source since the last switch has had a picture id, or a TL0PICIDX. */
  #hasPictures = false;
  #hasTl0 = false;

  constructor(options: StreamRewriterOptions = {}) {
    this.#nextSequence = options.sequenceNumber ?? -1;
    this.#nextTimestamp = options.timestamp ?? -1;
  }

  /** Whether a switch waits for the new source's first packet. True in the beginning. */
  get isSwitchPending(): boolean {
    return this.#isSwitchPending;
  }

  /**
   * The next packet mapped is the first of another source, or of the same one after a pause. Its
   * timestamp is the last one plus the time gone by, at least 1 more; its sequence number follows on.
   *
   * @param clockRate of the codec, Hz.
   * @param sourceTimestampHint what the old source's timestamp would be at the new one's first packet,
   *   known when both have sent sender reports: then pictures keep their exact distance. -1 when unknown.
   */
  switchTo(now: Millis, clockRate: number, sourceTimestampHint = -1): void {
    this.#isSwitchPending = true;
    this.#switchedAt = now;
    this.#clockRate = clockRate;
    this.#hint = sourceTimestampHint;
  }

  /**
   * Gives a source packet its place in the outgoing stream. Returns false, changing no result, for a
   * packet that has none: it is older than the switch or the window, or it or its frame was dropped.
   *
   * @param now when it arrived; lets the next switch measure the pause. May be left out.
   */
  map(view: RtpView, info: FrameInfo, now: Millis = NEVER): boolean {
    if (this.#isSwitchPending) this.#begin(view);
    const sequence = this.#resolveSequence(view.sequenceNumber);
    if (sequence === TOO_OLD || this.#sequences.isDropped(sequence)) return false;
    if (!this.#mapPicture(info)) return false;

    this.isRepeat = this.#sequences.isMapped(sequence);
    this.sequenceNumber = this.#sequences.map(sequence);
    this.timestamp = this.mapTimestamp(view.timestamp);
    if (diff32(this.timestamp, this.#highestTimestamp) > 0) {
      this.#highestTimestamp = this.timestamp;
      if (now !== NEVER) {
        this.#anchorAt = now;
        this.#anchorTimestamp = this.timestamp;
      }
    }
    this.#hasSent = true;
    return true;
  }

  /**
   * Leaves a source packet out and closes its place, provided that none after it has been mapped.
   *
   * @param info the packet's description, so that the picture ids of dropped VP8 frames close too;
   *   null for packets that belong to no frame, such as padding.
   */
  drop(sequenceNumber: number, info: FrameInfo | null = null): void {
    if (this.#isSwitchPending) return;
    const sequence = this.#resolveSequence(sequenceNumber);
    if (sequence === TOO_OLD) return;
    this.#sequences.drop(sequence);
    if (info === null || info.pictureId < 0 || !this.#hasPictures) return;
    const picture = this.#pictures.resolve(info.pictureId, info.pictureIdBits);
    if (picture >= 0) this.#pictures.drop(picture);
  }

  /** The timestamp of this stream that a timestamp of the present source stands for; for sender reports. */
  mapTimestamp(sourceTimestamp: number): number {
    return (sourceTimestamp - this.#timestampOffset) >>> 0;
  }

  /**
   * Moves the timestamp line of the present source: its `sourceTimestamp` stands for `timestamp` from
   * here on. For frames that are sent at another pace than they were captured at (a replayed cache).
   */
  rebase(now: Millis, sourceTimestamp: number, timestamp: number): void {
    this.#timestampOffset = (sourceTimestamp - timestamp) | 0;
    this.#highestTimestamp = timestamp;
    this.#anchorAt = now;
    this.#anchorTimestamp = timestamp;
  }

  /** The highest timestamp mapped so far. */
  get highestTimestamp(): number {
    return this.#highestTimestamp;
  }

  /**
   * The source's sequence number of an outgoing packet, for serving a NACK; -1 when it was sent before
   * the last switch, is older than the window, or was never sent.
   */
  sourceSequence(outgoingSequence: number): number {
    return this.#sequences.sourceOf(outgoingSequence);
  }

  #begin(view: RtpView): void {
    this.#isSwitchPending = false;
    if (this.#sequences.isBegun) this.#nextSequence = this.#sequences.next;
    else if (this.#nextSequence < 0) this.#nextSequence = view.sequenceNumber;
    this.#sequences.begin(view.sequenceNumber, this.#nextSequence);

    if (this.#hasSent) this.#nextTimestamp = this.#continueTimestamp();
    else if (this.#nextTimestamp < 0) this.#nextTimestamp = view.timestamp;
    this.#timestampOffset = (view.timestamp - this.#nextTimestamp) | 0;
    this.#highestTimestamp = this.#nextTimestamp;
    this.#anchorAt = this.#switchedAt;
    this.#anchorTimestamp = this.#nextTimestamp;
    this.#hasPictures = false;
    this.#hasTl0 = false;
  }

  #continueTimestamp(): number {
    const rate = this.#clockRate;
    if (this.#hint >= 0) {
      const ahead = diff32(this.mapTimestamp(this.#hint), this.#highestTimestamp);
      if (Math.abs(ahead) < MAX_HINT_SECONDS * rate)
        return (this.#highestTimestamp + Math.max(1, ahead)) >>> 0;
    }
    if (this.#anchorAt === NEVER || this.#switchedAt === NEVER)
      return (this.#highestTimestamp + 1) >>> 0;
    const elapsed = Math.round(((this.#switchedAt - this.#anchorAt) * rate) / 1000);
    const ahead = diff32(this.#anchorTimestamp + elapsed, this.#highestTimestamp);
    return (this.#highestTimestamp + Math.max(1, ahead)) >>> 0;
  }

  #resolveSequence(sequenceNumber: number): number {
    const sequence = this.#sequences.resolve(sequenceNumber, 16);
    if (sequence !== TOO_FAR) return sequence;
    this.#sequences.begin(sequenceNumber, this.#sequences.next);
    return this.#sequences.resolve(sequenceNumber, 16);
  }

  #mapPicture(info: FrameInfo): boolean {
    if (info.pictureId < 0) this.pictureId = -1;
    else {
      const picture = this.#resolvePicture(info);
      if (picture < 0 || this.#pictures.isDropped(picture)) return false;
      this.pictureId = this.#pictures.map(picture) & 0x7fff;
      if (((this.pictureId - this.#highestPicture) << 17) >> 17 > 0 || this.#highestPicture < 0)
        this.#highestPicture = this.pictureId;
    }
    this.#mapTl0(info.tl0PicIdx);
    return true;
  }

  #resolvePicture(info: FrameInfo): number {
    if (this.#hasPictures) {
      const picture = this.#pictures.resolve(info.pictureId, info.pictureIdBits);
      if (picture !== TOO_FAR) return picture;
    }
    this.#hasPictures = true;
    const next = this.#highestPicture < 0 ? info.pictureId : (this.#highestPicture + 1) & 0x7fff;
    this.#pictures.begin(info.pictureId, next);
    return this.#pictures.resolve(info.pictureId, info.pictureIdBits);
  }

  #mapTl0(tl0PicIdx: number): void {
    if (tl0PicIdx < 0) {
      this.tl0PicIdx = -1;
      return;
    }
    if (!this.#hasTl0) {
      this.#hasTl0 = true;
      this.#tl0Offset = this.#highestTl0 < 0 ? 0 : tl0PicIdx - this.#highestTl0 - 1;
    }
    this.tl0PicIdx = (tl0PicIdx - this.#tl0Offset) & 0xff;
    if (this.#highestTl0 < 0 || ((this.tl0PicIdx - this.#highestTl0) << 24) >> 24 > 0)
      this.#highestTl0 = this.tl0PicIdx;
  }
}
