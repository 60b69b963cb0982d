import { putU16, putU32 } from '../base/index.ts';
import { type ExtensionIds, RtpExtension } from './rtp-extension.ts';
import { RTP_FIXED_HEADER_LENGTH, type RtpView } from './rtp-view.ts';

/** No header that `OutgoingHeader` writes is longer: the room to keep free before a payload. */
export const MAX_OUTGOING_HEADER_LENGTH = 256;

/** A mid longer than this is not written; browsers write 1 to 3 characters. */
const MAX_MID_LENGTH = 32;
const MAX_ONE_BYTE_ID = 14;
const MAX_ONE_BYTE_LENGTH = 16;
const TRANSPORT_CC_LENGTH = 2;
const ABS_SEND_TIME_LENGTH = 3;

/**
 * What a publisher wrote and every subscriber gets as it is, with the greatest length each may have:
 * a longer element is not what its name says and is left out, which also bounds the header.
 */
const PASSED_ON: readonly (readonly [RtpExtension, number])[] = [
  [RtpExtension.audioLevel, 1],
  [RtpExtension.videoOrientation, 1],
  [RtpExtension.playoutDelay, 3],
  [RtpExtension.videoContentType, 1],
  [RtpExtension.colorSpace, 28],
  [RtpExtension.absCaptureTime, 16],
  [RtpExtension.dependencyDescriptor, 112],
];

export interface OutgoingHeaderOptions {
  readonly ssrc: number;
  /** 0..127. */
  readonly payloadType: number;
  /** The receiver's mid of the m-line, ASCII; null when the stream is not bound by mid. */
  readonly mid: string | null;
  /** The ids the receiver negotiated. */
  readonly extensions: ExtensionIds;
  /** Whether the receiver's SDP had `extmap-allow-mixed`; without it elements that need the two-byte form are left out. */
  readonly allowTwoByte: boolean;
}

/**
 * Writes the headers of one outgoing RTP stream (RFC 3550 §5.1, RFC 8285): own SSRC, payload type and
 * mid, the publisher's extensions under the receiver's ids, and room for what is only known when the
 * packet leaves. CSRCs are not passed on: the receiver knows the publisher by its m-line.
 */
export class OutgoingHeader {
  /** False once the receiver has acknowledged the SSRC by a report: the mid is then left out. */
  sendMid = true;
  /** Offset in `buf` of the 2-byte transport-wide sequence number of the last header; -1 when absent. */
  transportCcAt = -1;
  /** Offset in `buf` of the 3-byte absolute send time of the last header; -1 when absent. */
  absSendTimeAt = -1;
  /** Offset in `buf` of the dependency descriptor of the last header, for rewriting; -1 when absent. */
  dependencyDescriptorAt = -1;

  readonly ssrc: number;
  #payloadType: number;
  readonly #allowTwoByte: boolean;
  readonly #mid: Uint8Array;
  readonly #midId: number;
  readonly #transportCcId: number;
  readonly #absSendTimeId: number;
  /** The passed-on extensions this receiver negotiated: kind, id, greatest length. */
  readonly #kinds: RtpExtension[] = [];
  readonly #ids: number[] = [];
  readonly #limits: number[] = [];
  /** Offset and length in the source packet of each of them, for the packet being written; length -1 when absent. */
  readonly #sourceAt: Int32Array;
  readonly #sourceLength: Int32Array;
  /** Form and position while a header is being written. */
  #isTwoByte = false;
  #at = 0;

  constructor(options: OutgoingHeaderOptions) {
    const { extensions, allowTwoByte } = options;
    const usableId = (kind: RtpExtension): number => {
      const id = extensions.get(kind);
      return id <= MAX_ONE_BYTE_ID || allowTwoByte ? id : 0;
    };
    this.ssrc = options.ssrc;
    this.#payloadType = options.payloadType;
    this.#allowTwoByte = allowTwoByte;
    this.#mid = Uint8Array.from(options.mid ?? '', (character) => character.charCodeAt(0));
    const midLimit = allowTwoByte ? MAX_MID_LENGTH : MAX_ONE_BYTE_LENGTH;
    const hasMid = this.#mid.length > 0 && this.#mid.length <= midLimit;
    this.#midId = hasMid ? usableId(RtpExtension.mid) : 0;
    this.#transportCcId = usableId(RtpExtension.transportCc);
    this.#absSendTimeId = usableId(RtpExtension.absSendTime);
    for (const [kind, limit] of PASSED_ON) {
      const id = usableId(kind);
      if (id === 0) continue;
      this.#kinds.push(kind);
      this.#ids.push(id);
      this.#limits.push(allowTwoByte ? limit : Math.min(limit, MAX_ONE_BYTE_LENGTH));
    }
    this.#sourceAt = new Int32Array(this.#kinds.length);
    this.#sourceLength = new Int32Array(this.#kinds.length);
  }

  get payloadType(): number {
    return this.#payloadType;
  }

  /** For a receiver that is switched to another codec. */
  setPayloadType(payloadType: number): void {
    this.#payloadType = payloadType;
  }

  /**
   * Writes a header that ends exactly at `payloadAt` and returns its length, a multiple of 4 and at
   * most `MAX_OUTGOING_HEADER_LENGTH`; 0, writing nothing, when there is no room for it in front.
   * `source` is the publisher's packet, in the same or another buffer, but its extensions must not
   * lie in the bytes being written; `sourceIds` are the publisher's negotiated ids. `timestamp` counts
   * modulo 2^32: pass `timestamp | 0`, since an argument above 2^31 would be boxed. Allocates nothing.
   */
  write(
    buf: Uint8Array,
    payloadAt: number,
    marker: boolean,
    sequenceNumber: number,
    timestamp: number,
    source: RtpView,
    sourceIds: ExtensionIds,
  ): number {
    const elementsLength = this.#plan(source, sourceIds);
    const paddedLength = (elementsLength + 3) & ~3;
    const headerLength = RTP_FIXED_HEADER_LENGTH + (elementsLength === 0 ? 0 : 4 + paddedLength);
    const at = payloadAt - headerLength;
    if (at < 0) return 0;

    buf[at] = elementsLength === 0 ? 0x80 : 0x90;
    buf[at + 1] = (marker ? 0x80 : 0) | this.#payloadType;
    putU16(buf, at + 2, sequenceNumber);
    putU32(buf, at + 4, timestamp);
    putU32(buf, at + 8, this.ssrc);
    this.transportCcAt = -1;
    this.absSendTimeAt = -1;
    this.dependencyDescriptorAt = -1;
    if (elementsLength === 0) return headerLength;

    putU16(buf, at + 12, this.#isTwoByte ? 0x1000 : 0xbede);
    putU16(buf, at + 14, paddedLength >> 2);
    this.#at = at + 16;
    this.#writeOwn(buf);
    this.#writePassedOn(buf, source.buf);
    while (this.#at < payloadAt) buf[this.#at++] = 0;
    return headerLength;
  }

  /** Finds what the source has, decides the form, and returns the bytes of all elements. */
  #plan(source: RtpView, sourceIds: ExtensionIds): number {
    let count = 0;
    let dataLength = 0;
    let needsTwoByte = false;
    const kinds = this.#kinds;
    for (let i = 0; i < kinds.length; i++) {
      this.#sourceLength[i] = -1;
      if (!source.findExtension(sourceIds.get(kinds[i]!))) continue;
      const length = source.extensionLength;
      if (length === 0 || length > this.#limits[i]!) continue;
      this.#sourceAt[i] = source.extensionAt;
      this.#sourceLength[i] = length;
      if (length > MAX_ONE_BYTE_LENGTH || this.#ids[i]! > MAX_ONE_BYTE_ID) needsTwoByte = true;
      count++;
      dataLength += length;
    }
    if (this.sendMid && this.#midId !== 0) {
      if (this.#mid.length > MAX_ONE_BYTE_LENGTH || this.#midId > MAX_ONE_BYTE_ID)
        needsTwoByte = true;
      count++;
      dataLength += this.#mid.length;
    }
    if (this.#transportCcId !== 0) {
      if (this.#transportCcId > MAX_ONE_BYTE_ID) needsTwoByte = true;
      count++;
      dataLength += TRANSPORT_CC_LENGTH;
    }
    if (this.#absSendTimeId !== 0) {
      if (this.#absSendTimeId > MAX_ONE_BYTE_ID) needsTwoByte = true;
      count++;
      dataLength += ABS_SEND_TIME_LENGTH;
    }
    this.#isTwoByte = needsTwoByte && this.#allowTwoByte;
    return dataLength + (this.#isTwoByte ? 2 : 1) * count;
  }

  #writeOwn(buf: Uint8Array): void {
    if (this.sendMid && this.#midId !== 0) {
      const mid = this.#mid;
      const at = this.#begin(buf, this.#midId, mid.length);
      for (let i = 0; i < mid.length; i++) buf[at + i] = mid[i]!;
    }
    if (this.#transportCcId !== 0) {
      this.transportCcAt = this.#begin(buf, this.#transportCcId, TRANSPORT_CC_LENGTH);
      putU16(buf, this.transportCcAt, 0);
    }
    if (this.#absSendTimeId !== 0) {
      this.absSendTimeAt = this.#begin(buf, this.#absSendTimeId, ABS_SEND_TIME_LENGTH);
      buf[this.absSendTimeAt] = 0;
      putU16(buf, this.absSendTimeAt + 1, 0);
    }
  }

  #writePassedOn(buf: Uint8Array, source: Uint8Array): void {
    const kinds = this.#kinds;
    for (let i = 0; i < kinds.length; i++) {
      const length = this.#sourceLength[i]!;
      if (length < 0) continue;
      const from = this.#sourceAt[i]!;
      const at = this.#begin(buf, this.#ids[i]!, length);
      if (kinds[i] === RtpExtension.dependencyDescriptor) this.dependencyDescriptorAt = at;
      for (let j = 0; j < length; j++) buf[at + j] = source[from + j]!;
    }
  }

  /** Writes the head of an element, moves past it, and returns where its data goes. */
  #begin(buf: Uint8Array, id: number, length: number): number {
    const at = this.#at;
    if (this.#isTwoByte) {
      buf[at] = id;
      buf[at + 1] = length;
      this.#at = at + 2 + length;
      return at + 2;
    }
    buf[at] = (id << 4) | (length - 1);
    this.#at = at + 1 + length;
    return at + 1;
  }
}
