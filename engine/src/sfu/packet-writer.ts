import { putU16 } from '@switchyard/core/base';
import type {
  CopyBytes,
  ExtensionIds,
  FrameInfo,
  OutgoingHeader,
  RtpView,
} from '@switchyard/core/rtp';

/** Writes a slot's packets into the arena: once per packet and subscriber, nothing is allocated. */
export class PacketWriter {
  readonly #bytes: Uint8Array;
  readonly #copy: CopyBytes;

  constructor(bytes: Uint8Array, copy: CopyBytes) {
    this.#bytes = bytes;
    this.#copy = copy;
  }

  /**
   * Copies the payload of `view` to `payloadAt` and writes the header before it.
   *
   * @param shift room in front of the payload, for RTX's original sequence number.
   * @param pictureId and `tl0PicIdx` replace those of the payload; -1 leaves them.
   * @returns the header's length.
   */
  write(
    header: OutgoingHeader,
    payloadAt: number,
    view: RtpView,
    info: FrameInfo,
    ids: ExtensionIds,
    sequenceNumber: number,
    timestamp: number,
    shift: number,
    pictureId: number,
    tl0PicIdx: number,
  ): number {
    const bytes = this.#bytes;
    const at = payloadAt + shift;
    this.#copy(view.buf, view.payloadAt, view.payloadLength, bytes, at);
    const pictureIdOffset = info.pictureIdAt - view.payloadAt;
    if (pictureId >= 0 && pictureIdOffset >= 0) {
      if (info.pictureIdBits === 15) putU16(bytes, at + pictureIdOffset, 0x8000 | pictureId);
      else bytes[at + pictureIdOffset] = pictureId & 0x7f;
    }
    const tl0Offset = info.tl0At - view.payloadAt;
    if (tl0PicIdx >= 0 && tl0Offset >= 0) bytes[at + tl0Offset] = tl0PicIdx;
    return header.write(bytes, payloadAt, view.marker, sequenceNumber, timestamp | 0, view, ids);
  }

  /** Appends RTP padding (RFC 3550 §5.1) so that the packets of a frame are equally long; returns its length. */
  pad(payloadAt: number, headerLength: number, view: RtpView, padding: number): number {
    if (padding === 0) return 0;
    const bytes = this.#bytes;
    const at = payloadAt + view.payloadLength;
    for (let i = 0; i < padding - 1; i++) bytes[at + i] = 0;
    bytes[at + padding - 1] = padding;
    bytes[payloadAt - headerLength] = bytes[payloadAt - headerLength]! | 0x20;
    return padding;
  }
}
