import type { SrtpProfile } from './profile.ts';

/**
 * The cryptography of one direction of one transport. It knows keys and nothing of streams: who calls
 * supplies rollover counters and indexes. Works in place; every `at` is a byte offset into `bytes`,
 * and the caller leaves `MAX_SRTP_OVERHEAD` bytes of room behind a packet that it seals.
 *
 * No call allocates. Lengths are checked: one too short for its header and tag is an authentication
 * failure.
 */
export interface SrtpCipher {
  readonly profile: SrtpProfile;
  /** The slab that positions refer to. */
  readonly bytes: Uint8Array;

  /**
   * Encrypts the payload and appends the tag. RFC 3711 §3.1, RFC 7714 §8.
   *
   * @param headerLength bytes of RTP header with CSRCs and extension.
   * @param length bytes of the whole packet.
   * @param roc rollover counter, 0..2^32-1.
   * @returns the new length.
   */
  sealRtp(
    at: number,
    headerLength: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): number;

  /**
   * Verifies and decrypts. Returns the length without the tag, or -1 when authentication fails; the
   * payload may be garbage then.
   */
  openRtp(
    at: number,
    headerLength: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): number;

  /**
   * After `openRtp` failed with these same arguments: makes the packet what it was before, so that
   * it can be tried under another rollover counter.
   */
  undoOpenRtp(
    at: number,
    headerLength: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): void;

  /**
   * Encrypts a compound RTCP packet behind its first 8 bytes and appends index and tag.
   *
   * @param index SRTCP index, 0..2^31-1.
   * @returns the new length.
   */
  sealRtcp(at: number, length: number, index: number): number;

  /** Verifies and, where the E bit says so, decrypts. The length of the RTCP packet, or -1. */
  openRtcp(at: number, length: number): number;

  /** Wipes and frees the keys. No call may follow. */
  close(): void;
}
