import { RtpView } from '@switchyard/core/rtp';
import { SrtpSendStream } from '@switchyard/core/srtp';
import type { Outlet } from '../../src/sfu/ports.ts';

const SLOT = 2048;
const PAYLOAD_OFFSET = 256;

/** A packet as a slot sent it. */
export interface SentPacket {
  readonly bytes: Uint8Array;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  /** Without padding. */
  readonly payload: Uint8Array;
  /** VP8 picture id and TL0PICIDX as `vp8Payload` writes them. */
  readonly pictureId: number;
  readonly tl0PicIdx: number;
  /** The payload's text. */
  readonly text: string;
}

/** Takes what slots send, keeps copies of it. */
export class FakeOutlet implements Outlet {
  readonly bytes: Uint8Array;
  readonly sent: SentPacket[] = [];
  /** Of the outlet; false as before DTLS has finished. */
  isReady = true;
  /** False: packets are only counted, for measurements. */
  keeps = true;
  sentCount = 0;
  readonly #base: number;
  readonly #view = new RtpView();

  /** @param bytes the shared arena; `base` is this outlet's slot in it. */
  constructor(bytes: Uint8Array = new Uint8Array(SLOT), base = 0) {
    this.bytes = bytes;
    this.#base = base;
  }

  reserve(): number {
    return this.isReady ? this.#base + PAYLOAD_OFFSET : -1;
  }

  send(
    stream: SrtpSendStream,
    payloadAt: number,
    headerLength: number,
    payloadLength: number,
    sequenceNumber: number,
  ): void {
    this.sentCount++;
    if (!this.keeps) return;
    const start = payloadAt - headerLength;
    const bytes = this.bytes.slice(start, payloadAt + payloadLength);
    const view = this.#view;
    if (!view.parse(bytes, 0, bytes.length)) throw new Error('a slot wrote a malformed packet');
    if (view.ssrc !== stream.ssrc || view.sequenceNumber !== sequenceNumber)
      throw new Error('a slot seals under another index than it wrote');
    const payload = bytes.subarray(view.payloadAt, view.payloadAt + view.payloadLength);
    this.sent.push({
      bytes,
      ssrc: view.ssrc,
      payloadType: view.payloadType,
      sequenceNumber,
      timestamp: view.timestamp,
      marker: view.marker,
      payload,
      pictureId: (((payload[2] ?? 0) & 0x7f) << 8) | (payload[3] ?? 0),
      tl0PicIdx: payload[4] ?? 0,
      text: new TextDecoder('latin1').decode(payload),
    });
  }

  sendStream(ssrc: number): SrtpSendStream {
    return new SrtpSendStream(ssrc);
  }

  /** What was sent since the last call. */
  take(): SentPacket[] {
    return this.sent.splice(0);
  }
}
