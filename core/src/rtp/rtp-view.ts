import { u16, u32 } from '../base/index.ts';

/** Bytes of an RTP header without CSRCs and extensions. RFC 3550 §5.1. */
export const RTP_FIXED_HEADER_LENGTH = 12;

const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;
/** In the one-byte form this id ends the block. RFC 8285 §4.2. */
const ONE_BYTE_STOP_ID = 15;

/**
 * A reusable window on one RTP packet inside an arena (RFC 3550 §5.1). `parse` moves the window;
 * no other object is made. All `…At` fields are byte offsets into `buf`. The view owns no bytes:
 * it is valid until the arena's owner reuses them.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *     |                       CSRCs, 0 to 15                          |
 *     |  0xBEDE or 0x100X             |   length in 32-bit words      |
 *     |                      extension elements                       |
 */
export class RtpView {
  buf: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  marker = false;
  payloadType = 0;
  sequenceNumber = 0;
  timestamp = 0;
  ssrc = 0;
  /** Contributing sources, 0..15; they start at `at + 12`. */
  csrcCount = 0;
  /** Fixed header, CSRCs and the extension block. */
  headerLength = 0;
  payloadAt = 0;
  /** Without padding. */
  payloadLength = 0;
  /** Padding with its count byte; 0..255. */
  paddingLength = 0;
  /** Where the extension elements start, behind profile and length; meaningless when `extensionsLength` is 0. */
  extensionsAt = 0;
  /** Bytes of extension elements of a known form; 0 when there are none. */
  extensionsLength = 0;
  /** Whether the elements are of the two-byte form of RFC 8285 §4.3. */
  hasTwoByteExtensions = false;
  /** Data of the element that the last successful `findExtension` found. */
  extensionAt = 0;
  extensionLength = 0;

  /** Returns false, leaving the view unusable, when the bytes are not a well-formed RTP packet. */
  parse(buf: Uint8Array, at: number, length: number): boolean {
    if (length < RTP_FIXED_HEADER_LENGTH) return false;
    const first = buf[at]!;
    if (first >> 6 !== 2) return false;
    const second = buf[at + 1]!;
    const csrcCount = first & 0x0f;
    const end = at + length;
    this.buf = buf;
    this.at = at;
    this.length = length;
    this.marker = second >= 0x80;
    this.payloadType = second & 0x7f;
    this.sequenceNumber = u16(buf, at + 2);
    this.timestamp = u32(buf, at + 4);
    this.ssrc = u32(buf, at + 8);
    this.csrcCount = csrcCount;
    this.extensionsLength = 0;

    let payloadAt = at + RTP_FIXED_HEADER_LENGTH + csrcCount * 4;
    if ((first & 0x10) !== 0) {
      if (payloadAt + 4 > end) return false;
      const profile = u16(buf, payloadAt);
      const extensionsLength = u16(buf, payloadAt + 2) * 4;
      this.extensionsAt = payloadAt + 4;
      payloadAt += 4 + extensionsLength;
      this.hasTwoByteExtensions = (profile & 0xfff0) === TWO_BYTE_PROFILE;
      if (profile === ONE_BYTE_PROFILE || this.hasTwoByteExtensions)
        this.extensionsLength = extensionsLength;
    }
    if (payloadAt > end) return false;

    let paddingLength = 0;
    if ((first & 0x20) !== 0) {
      if (payloadAt === end) return false;
      paddingLength = buf[end - 1]!;
      if (paddingLength === 0 || paddingLength > end - payloadAt) return false;
    }
    this.headerLength = payloadAt - at;
    this.payloadAt = payloadAt;
    this.payloadLength = end - payloadAt - paddingLength;
    this.paddingLength = paddingLength;
    return true;
  }

  /**
   * Looks for the extension element with the negotiated `id` (1..255; 0 is never found) and sets
   * `extensionAt` and `extensionLength`. Both forms are read, whatever was negotiated. An element that
   * overruns the block ends the search; those before it count. RFC 8285 §4.
   */
  findExtension(id: number): boolean {
    if (this.extensionsLength === 0 || id === 0) return false;
    return this.hasTwoByteExtensions ? this.#findTwoByte(id) : this.#findOneByte(id);
  }

  #findOneByte(id: number): boolean {
    const buf = this.buf;
    const end = this.extensionsAt + this.extensionsLength;
    let at = this.extensionsAt;
    while (at < end) {
      const head = buf[at]!;
      at++;
      if (head === 0) continue; // padding
      const elementId = head >> 4;
      const length = (head & 0x0f) + 1;
      // An element of id 0 with a length is not padding but an error, and ends the block likewise.
      if (elementId === 0 || elementId === ONE_BYTE_STOP_ID || at + length > end) return false;
      if (elementId === id) return this.#found(at, length);
      at += length;
    }
    return false;
  }

  #findTwoByte(id: number): boolean {
    const buf = this.buf;
    const end = this.extensionsAt + this.extensionsLength;
    let at = this.extensionsAt;
    while (at < end) {
      const elementId = buf[at]!;
      at++;
      if (elementId === 0) continue; // padding
      if (at === end) return false;
      const length = buf[at]!;
      at++;
      if (at + length > end) return false;
      if (elementId === id) return this.#found(at, length);
      at += length;
    }
    return false;
  }

  #found(at: number, length: number): true {
    this.extensionAt = at;
    this.extensionLength = length;
    return true;
  }
}
