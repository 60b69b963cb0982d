import { diff16, type Millis } from '../base/index.ts';
import type { CopyBytes } from './copy-bytes.ts';
import type { RtpView } from './rtp-view.ts';

/** A key frame cache that is older or longer serves nobody: a fresh key frame is cheaper. */
const MAX_CACHE_MS = 2000;
const MAX_CACHE_PACKETS = 500;

export interface PacketHistoryOptions {
  /** Size of the byte ring; a second of the stream's highest bit rate, say. */
  readonly bytes: number;
  /** Most packets remembered, a power of two. */
  readonly packets: number;
  readonly copy: CopyBytes;
}

/**
 * The recent packets of one incoming stream in a byte ring: for retransmissions, and for starting a
 * new subscriber at the newest key frame. Old packets give way to new ones. An index, from `find`, is
 * good until the next `store`. Allocates nothing after construction.
 */
export class PacketHistory {
  /** Holds the packets' bytes; read only. */
  readonly buf: Uint8Array;
  readonly #copy: CopyBytes;
  readonly #mask: number;
  /** By sequence number modulo the number of slots: its full value, -1 when empty. */
  readonly #sequences: Int32Array;
  /** Where the packet starts, counted over all bytes ever written. */
  readonly #positions: Float64Array;
  readonly #lengths: Uint16Array;
  readonly #headerLengths: Uint16Array;
  readonly #storedAt: Float64Array;
  #written = 0;
  #highest = -1;
  #keyframeStart = -1;
  #keyframeTimestamp = 0;

  constructor(options: PacketHistoryOptions) {
    const { packets } = options;
    this.buf = new Uint8Array(options.bytes & ~3);
    this.#copy = options.copy;
    this.#mask = packets - 1;
    this.#sequences = new Int32Array(packets).fill(-1);
    this.#positions = new Float64Array(packets);
    this.#lengths = new Uint16Array(packets);
    this.#headerLengths = new Uint16Array(packets);
    this.#storedAt = new Float64Array(packets);
  }

  /** The highest sequence number stored; -1 when empty. */
  get highest(): number {
    return this.#highest;
  }

  /** Sequence number of the first packet of the newest key frame; -1 when none is known. */
  get keyframeStart(): number {
    return this.#keyframeStart;
  }

  /**
   * Keeps a copy of the packet `view` is on. Padding-only packets belong in too, so that the key frame
   * cache sees no hole. Returns false for a duplicate, a packet older than the window, or one too
   * large for the ring.
   *
   * @param isKeyframeStart a receiver can begin with this packet (`FrameInfo.isKeyframe` of video).
   */
  store(now: Millis, view: RtpView, isKeyframeStart: boolean): boolean {
    const { sequenceNumber, length } = view;
    const capacity = this.buf.length;
    if (length > capacity || length > 0xffff) return false;
    if (this.#highest < 0) this.#highest = sequenceNumber;
    else {
      const ahead = diff16(sequenceNumber, this.#highest);
      if (ahead > 0) this.#highest = sequenceNumber;
      else if (-ahead > this.#mask || this.find(sequenceNumber) >= 0) return false;
    }

    const room = capacity - (this.#written % capacity);
    if (room < length) this.#written += room;
    const slot = sequenceNumber & this.#mask;
    this.#sequences[slot] = sequenceNumber;
    this.#positions[slot] = this.#written;
    this.#lengths[slot] = length;
    this.#headerLengths[slot] = view.headerLength;
    this.#storedAt[slot] = now;
    this.#copy(view.buf, view.at, length, this.buf, this.#written % capacity);
    this.#written += (length + 3) & ~3;
    if (isKeyframeStart) this.#noteKeyframe(view);
    return true;
  }

  /** The index of a stored packet; -1 when it never came or has given way. */
  find(sequenceNumber: number): number {
    const slot = sequenceNumber & this.#mask;
    if (this.#sequences[slot] !== sequenceNumber) return -1;
    if (this.#positions[slot]! < this.#written - this.buf.length) return -1;
    const behind = diff16(this.#highest, sequenceNumber);
    return behind >= 0 && behind <= this.#mask ? slot : -1;
  }

  /** Where the packet starts in `buf`, a multiple of 4. */
  at(index: number): number {
    return this.#positions[index]! % this.buf.length;
  }

  /** The whole packet's length, header and padding included. */
  lengthOf(index: number): number {
    return this.#lengths[index]!;
  }

  headerLengthOf(index: number): number {
    return this.#headerLengths[index]!;
  }

  sequenceNumberOf(index: number): number {
    return this.#sequences[index]!;
  }

  /** When the packet was stored. */
  storedAt(index: number): Millis {
    return this.#storedAt[index]! as Millis;
  }

  /**
   * How many packets lead from the newest key frame to the newest packet, when every one of them is
   * here and the key frame is at most 2 s old and 500 packets away; 0 when the cache is not usable.
   * Packet `i` of them is `find((keyframeStart + i) & 0xffff)`.
   */
  packetsSinceKeyframe(now: Millis): number {
    if (this.#keyframeStart < 0) return 0;
    const count = diff16(this.#highest, this.#keyframeStart) + 1;
    if (count < 1 || count > MAX_CACHE_PACKETS) return 0;
    const first = this.find(this.#keyframeStart);
    if (first < 0 || now - this.#storedAt[first]! > MAX_CACHE_MS) return 0;
    for (let i = 1; i < count; i++) if (this.find((this.#keyframeStart + i) & 0xffff) < 0) return 0;
    return count;
  }

  /** Forgets everything: the stream restarts. */
  clear(): void {
    this.#sequences.fill(-1);
    this.#highest = -1;
    this.#keyframeStart = -1;
  }

  /** Parameter sets and slices of one key frame are all marked: the first of the timestamp counts. */
  #noteKeyframe(view: RtpView): void {
    const { sequenceNumber, timestamp } = view;
    const ahead = this.#keyframeStart < 0 ? 1 : diff16(sequenceNumber, this.#keyframeStart);
    const isSameFrame = this.#keyframeStart >= 0 && timestamp === this.#keyframeTimestamp;
    if (isSameFrame ? ahead > 0 : ahead < 0) return;
    this.#keyframeStart = sequenceNumber;
    this.#keyframeTimestamp = timestamp;
  }
}
