import { u32 } from '@switchyard/core/base';
import type { SrtpCipher } from './cipher.ts';
import { SRTP_PROFILES } from './profile.ts';
import { SrtcpReceiveState, SrtpReceiveStream } from './receive-stream.ts';

/** Streams of each kind for which one transport keeps state. */
const MAX_STREAMS = 64;

/** Tries under rollover counter 1 that packets of yet unknown streams may cost us between two successes. */
const MAX_ROLLOVER_TRIES = 64;

/** Why a packet was not opened: what `openRtp` and `openRtcp` return instead of a length. */
export const SrtpRejection = {
  /** The tag is wrong, or the packet too short to have one. */
  authentication: -1,
  /** Accepted before, or too old to tell. Not decrypted. */
  replay: -2,
  /** A new stream when the transport has too many already. Not decrypted. */
  tooManyStreams: -3,
} as const;
export type SrtpRejection = (typeof SrtpRejection)[keyof typeof SrtpRejection];

/**
 * The receiving side of one transport: guesses rollover counters, refuses replays before decryption,
 * and learns from a packet only once its tag has verified. RFC 3711 §3.3, §3.4.
 *
 * Per packet the caller hands in the stream object that `stream(ssrc)` gave it, so nothing is looked
 * up by SSRC here. State for an SSRC exists only after its first authentic packet.
 */
export class SrtpReceiver {
  readonly #cipher: SrtpCipher;
  readonly #rtcpTrailerLength: number;
  /** By SSRC as a signed integer: larger numbers would be boxed for each lookup. */
  readonly #streams = new Map<number, SrtpReceiveStream>();
  readonly #rtcp = new Map<number, SrtcpReceiveState>();
  #candidate = new SrtpReceiveStream(0);
  #rolloverTries = 0;
  /** Orders removals, and uses of RTCP states, without a clock. */
  #order = 0;

  /** Takes ownership of `cipher`. */
  constructor(cipher: SrtpCipher) {
    this.#cipher = cipher;
    // The index word comes last with AEAD (RFC 7714 §9), before the tag otherwise (RFC 3711 §3.4).
    const { isAead, tagLength } = SRTP_PROFILES[cipher.profile];
    this.#rtcpTrailerLength = isAead ? 4 : 4 + tagLength;
  }

  /** Streams known by an authentic packet, removed ones included while remembered. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /**
   * The state of `ssrc`. For an SSRC without an authentic packet so far this is one shared candidate,
   * good for the `openRtp` that follows: keep the object only when that succeeds.
   */
  stream(ssrc: number): SrtpReceiveStream {
    const known = this.#streams.get(ssrc | 0);
    if (known !== undefined) return known;
    this.#candidate.restart(ssrc >>> 0);
    return this.#candidate;
  }

  /**
   * Opens one packet in place.
   *
   * @param headerLength bytes of RTP header with CSRCs and extension.
   * @returns the length without the tag, or an `SrtpRejection`.
   */
  openRtp(
    stream: SrtpReceiveStream,
    at: number,
    headerLength: number,
    length: number,
    sequenceNumber: number,
  ): number {
    if (!stream.isEstablished)
      return this.#openFirst(stream, at, headerLength, length, sequenceNumber);
    const roc = stream.admit(sequenceNumber);
    if (roc < 0) return SrtpRejection.replay;
    const opened = this.#cipher.openRtp(at, headerLength, length, stream.ssrc, roc, sequenceNumber);
    if (opened < 0) return SrtpRejection.authentication;
    stream.commit(roc, sequenceNumber);
    return opened;
  }

  /**
   * Opens one compound RTCP packet in place.
   *
   * @returns the length of the plain RTCP, or an `SrtpRejection`.
   */
  openRtcp(at: number, length: number): number {
    const { bytes, profile } = this.#cipher;
    if (length < 8 + SRTP_PROFILES[profile].srtcpOverhead) return SrtpRejection.authentication;
    const key = u32(bytes, at + 4) | 0;
    const index = u32(bytes, at + length - this.#rtcpTrailerLength) & 0x7fffffff;
    const known = this.#rtcp.get(key);
    if (known !== undefined && !known.isFresh(index)) return SrtpRejection.replay;
    const opened = this.#cipher.openRtcp(at, length);
    if (opened < 0) return SrtpRejection.authentication;
    const state = known ?? this.#adoptRtcp(key);
    state.commit(index);
    state.lastUse = ++this.#order;
    return opened;
  }

  /**
   * The stream has ended. Its rollover counter and window are kept while there is room, longest-gone
   * first to go, because a sender that unmutes continues under the same SSRC.
   */
  remove(ssrc: number): void {
    const stream = this.#streams.get(ssrc | 0);
    if (stream !== undefined) stream.removedAt = ++this.#order;
  }

  /** Frees the keys. */
  close(): void {
    this.#cipher.close();
    this.#streams.clear();
    this.#rtcp.clear();
  }

  /**
   * The first packet of an SSRC has rollover counter 0, unless all packets before a wrap were lost:
   * then a low sequence number verifies under 1.
   */
  #openFirst(
    stream: SrtpReceiveStream,
    at: number,
    headerLength: number,
    length: number,
    sequenceNumber: number,
  ): number {
    const gone = this.#streams.size < MAX_STREAMS ? undefined : this.#longestGone();
    if (this.#streams.size >= MAX_STREAMS && gone === undefined)
      return SrtpRejection.tooManyStreams;
    const { ssrc } = stream;
    const cipher = this.#cipher;
    let roc = 0;
    let opened = cipher.openRtp(at, headerLength, length, ssrc, 0, sequenceNumber);
    if (opened < 0 && sequenceNumber < 0x8000 && this.#rolloverTries < MAX_ROLLOVER_TRIES) {
      this.#rolloverTries++;
      cipher.undoOpenRtp(at, headerLength, length, ssrc, 0, sequenceNumber);
      roc = 1;
      opened = cipher.openRtp(at, headerLength, length, ssrc, 1, sequenceNumber);
    }
    if (opened < 0) return SrtpRejection.authentication;
    this.#rolloverTries = 0;
    if (gone !== undefined) this.#streams.delete(gone.ssrc | 0); // only now: forgeries evict nobody
    stream.establish(roc, sequenceNumber);
    this.#streams.set(ssrc | 0, stream);
    if (stream === this.#candidate) this.#candidate = new SrtpReceiveStream(0);
    return opened;
  }

  /** The stream removed longest ago, which may make room for another; undefined when all are in use. */
  #longestGone(): SrtpReceiveStream | undefined {
    let oldest: SrtpReceiveStream | undefined;
    for (const stream of this.#streams.values())
      if (stream.removedAt > 0 && (oldest === undefined || stream.removedAt < oldest.removedAt))
        oldest = stream;
    return oldest;
  }

  /** Senders of RTCP come and go with their streams, unannounced: the least recent one makes room. */
  #adoptRtcp(key: number): SrtcpReceiveState {
    if (this.#rtcp.size >= MAX_STREAMS) {
      let oldestKey = 0;
      let oldestUse = Number.POSITIVE_INFINITY;
      for (const [candidate, { lastUse }] of this.#rtcp)
        if (lastUse < oldestUse) {
          oldestKey = candidate;
          oldestUse = lastUse;
        }
      this.#rtcp.delete(oldestKey);
    }
    const state = new SrtcpReceiveState();
    this.#rtcp.set(key, state);
    return state;
  }
}
