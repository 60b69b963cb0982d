import type { SrtpCipher } from './cipher.ts';

const MAX_ROC = 0xffffffff;
const MAX_SRTCP_INDEX = 0x7fffffff;

/** The rollover counter of one SSRC that we send. RFC 3711 §3.3. */
export class SrtpSendStream {
  readonly ssrc: number;
  #roc = 0;
  #highest = -1;

  constructor(ssrc: number) {
    this.ssrc = ssrc;
  }

  /**
   * The sequence number after the highest one so far; -1 when there was none. Who takes the SSRC up again
   * begins there: earlier numbers are used up (RFC 7714 §9.1).
   */
  get nextSequenceNumber(): number {
    return this.#highest < 0 ? -1 : (this.#highest + 1) & 0xffff;
  }

  /**
   * The rollover counter for a packet, which becomes the newest if it is newer. An older number (a
   * repetition, a packet that overtook) gets the counter it had or would have had. -1 when it would
   * lie before the first packet or behind the lifetime of the keys.
   */
  advance(sequenceNumber: number): number {
    const highest = this.#highest;
    if (highest < 0) {
      this.#highest = sequenceNumber;
      return 0;
    }
    const distance = ((sequenceNumber - highest) << 16) >> 16;
    if (distance <= 0) return sequenceNumber > highest ? this.#roc - 1 : this.#roc;
    if (sequenceNumber < highest) {
      if (this.#roc === MAX_ROC) return -1;
      this.#roc++;
    }
    this.#highest = sequenceNumber;
    return this.#roc;
  }
}

/**
 * The sending side of one transport. Its callers keep one rule: a sequence number that is sealed a
 * second time carries the same bytes, because (key, SSRC, index) must never protect two payloads
 * (RFC 7714 §9.1). RTX and cached ciphertext obey it; rewriting an old packet does not.
 */
export class SrtpSender {
  readonly #cipher: SrtpCipher;
  readonly #streams = new Map<number, SrtpSendStream>();
  /** One counter for all SSRCs: each sees it rise, with gaps, which RFC 3711 §3.4 allows. */
  #rtcpIndex = 0;

  /** Takes ownership of `cipher`. */
  constructor(cipher: SrtpCipher) {
    this.#cipher = cipher;
  }

  /** The state of `ssrc`, made on first use. Keep it: there is no lookup per packet. */
  stream(ssrc: number): SrtpSendStream {
    let stream = this.#streams.get(ssrc | 0);
    if (stream === undefined) {
      stream = new SrtpSendStream(ssrc >>> 0);
      this.#streams.set(ssrc | 0, stream);
    }
    return stream;
  }

  /**
   * Seals one packet in place, leaving room being the caller's duty (`MAX_SRTP_OVERHEAD`).
   *
   * @returns the new length, or -1 when the packet must not be sent (see `SrtpSendStream.advance`).
   */
  sealRtp(
    stream: SrtpSendStream,
    at: number,
    headerLength: number,
    length: number,
    sequenceNumber: number,
  ): number {
    const roc = stream.advance(sequenceNumber);
    if (roc < 0) return -1;
    return this.#cipher.sealRtp(at, headerLength, length, stream.ssrc, roc, sequenceNumber);
  }

  /** Seals one compound RTCP packet in place. The new length; -1 when the keys are used up. */
  sealRtcp(at: number, length: number): number {
    if (this.#rtcpIndex > MAX_SRTCP_INDEX) return -1;
    return this.#cipher.sealRtcp(at, length, this.#rtcpIndex++);
  }

  /** Forgets an SSRC. It must never be sent again under these keys: its counter would restart. */
  remove(ssrc: number): void {
    this.#streams.delete(ssrc | 0);
  }

  /** Frees the keys. */
  close(): void {
    this.#cipher.close();
    this.#streams.clear();
  }
}
