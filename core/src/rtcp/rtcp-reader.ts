import { u16, u32 } from '../base/index.ts';
import {
  PayloadFeedbackFormat,
  RtcpKind,
  RtcpType,
  TransportFeedbackFormat,
} from './packet-types.ts';

/** "REMB" in ASCII. */
const REMB_NAME = 0x52454d42;

/**
 * Walks through the sub-packets of an RTCP datagram, compound or reduced-size (RFC 3550 §6.1, RFC 5506).
 * Each is checked against the bytes that are there before it is offered; the first bad one ends the
 * walk, those before it count. Reused from datagram to datagram; makes no objects.
 *
 *      |V=2|P| count |      type     |       length in words - 1     |
 *      |                     sender's SSRC                           |
 *      |   media SSRC (feedback)     |   body ...
 */
export class RtcpReader {
  buf: Uint8Array = new Uint8Array(0);
  /** Start of the current sub-packet. */
  at = 0;
  /** Its whole length, header and padding included. */
  length = 0;
  kind: RtcpKind = RtcpKind.other;
  packetType = 0;
  /** Report count, source count or feedback format: the five bits of the first byte. */
  count = 0;
  /** SSRC of who sent it; the first source of SDES and BYE, 0 if there is none. */
  senderSsrc = 0;
  /** Of feedback: the SSRC it is about. 0 in FIR and REMB, which name theirs in the body. */
  mediaSsrc = 0;
  /** What follows the common header of the kind (see the functions that read it), without padding. */
  bodyAt = 0;
  bodyLength = 0;
  #next = 0;
  #end = 0;

  /** Begins with a datagram. */
  reset(buf: Uint8Array, at: number, length: number): void {
    this.buf = buf;
    this.#next = at;
    this.#end = at + length;
  }

  /** Moves to the next sub-packet; false when there is none, or it is malformed. */
  next(): boolean {
    const { buf } = this;
    const at = this.#next;
    const end = this.#end;
    if (at + 4 > end) return false;
    const first = buf[at]!;
    const length = (u16(buf, at + 2) + 1) * 4;
    if (first >> 6 !== 2 || at + length > end) return this.#stop();
    let paddingLength = 0;
    if ((first & 0x20) !== 0) {
      // RFC 3550 wants whole words on the last sub-packet; Chrome pads TWCC feedback by 1 to 3 bytes.
      paddingLength = buf[at + length - 1]!;
      if (paddingLength === 0 || paddingLength > length - 4) return this.#stop();
    }
    this.at = at;
    this.length = length;
    this.packetType = buf[at + 1]!;
    this.count = first & 0x1f;
    if (!this.#classify(length - paddingLength)) return this.#stop();
    this.#next = at + length;
    return true;
  }

  #stop(): false {
    this.#next = this.#end;
    return false;
  }

  /** Tells the kind and checks everything its readers rely on. */
  #classify(length: number): boolean {
    const { at, buf, count } = this;
    this.kind = RtcpKind.other;
    this.mediaSsrc = 0;
    this.senderSsrc = length >= 8 ? u32(buf, at + 4) : 0;
    this.#setBody(4, length);
    switch (this.packetType) {
      case RtcpType.senderReport:
        this.kind = RtcpKind.senderReport;
        this.#setBody(8, length);
        return length >= 28 + count * 24;
      case RtcpType.receiverReport:
        this.kind = RtcpKind.receiverReport;
        this.#setBody(8, length);
        return length >= 8 + count * 24;
      case RtcpType.sourceDescription:
        this.kind = RtcpKind.sourceDescription;
        return true;
      case RtcpType.bye:
        this.kind = RtcpKind.bye;
        return length >= 4 + count * 4;
      case RtcpType.transportFeedback:
        return this.#classifyTransportFeedback(length);
      case RtcpType.payloadFeedback:
        return this.#classifyPayloadFeedback(length);
      case RtcpType.extendedReport:
        this.kind = RtcpKind.extendedReport;
        this.#setBody(8, length);
        return length >= 8;
      default:
        return true;
    }
  }

  #classifyTransportFeedback(length: number): boolean {
    if (length < 12) return false;
    this.mediaSsrc = u32(this.buf, this.at + 8);
    this.#setBody(12, length);
    if (this.count === TransportFeedbackFormat.nack) this.kind = RtcpKind.nack;
    else if (this.count === TransportFeedbackFormat.twcc) {
      this.kind = RtcpKind.twcc;
      return this.bodyLength >= 8;
    }
    return true;
  }

  #classifyPayloadFeedback(length: number): boolean {
    if (length < 12) return false;
    this.mediaSsrc = u32(this.buf, this.at + 8);
    this.#setBody(12, length);
    switch (this.count) {
      case PayloadFeedbackFormat.pli:
        this.kind = RtcpKind.pli;
        return true;
      case PayloadFeedbackFormat.fir:
        this.kind = RtcpKind.fir;
        return this.bodyLength % 8 === 0;
      case PayloadFeedbackFormat.alfb:
        if (this.bodyLength < 8 || u32(this.buf, this.bodyAt) !== REMB_NAME) return true;
        this.kind = RtcpKind.remb;
        return this.bodyLength >= 8 + this.buf[this.bodyAt + 4]! * 4;
      default:
        return true;
    }
  }

  #setBody(headerLength: number, length: number): void {
    this.bodyAt = this.at + Math.min(headerLength, length);
    this.bodyLength = Math.max(0, length - headerLength);
  }
}
