import { type CodecKind, describePayload, FrameInfo, RtpView } from '@switchyard/core/rtp';

/**
 * One decrypted media packet of the present batch: header window and frame facts. Pooled: valid until
 * the turn ends.
 */
export class IncomingPacket {
  view = new RtpView();
  readonly info = new FrameInfo();
  /** False when there is no payload or it is malformed: such a packet is left out of every stream. */
  described = false;
  /** Bytes of RTP padding that slots append, so that the packets of a frame are equally long. */
  padding = 0;

  /** Reads the payload of `view`. */
  describe(codec: CodecKind): void {
    const { view } = this;
    this.padding = 0;
    this.described =
      view.payloadLength > 0 &&
      describePayload(codec, view.buf, view.payloadAt, view.payloadLength, view.marker, this.info);
  }
}

/** As many packets as a batch can hold. `take` starts over after `reset`. */
export class PacketPool {
  readonly #packets: readonly IncomingPacket[];
  #used = 0;

  constructor(capacity: number) {
    this.#packets = Array.from({ length: capacity }, () => new IncomingPacket());
  }

  /** The next unused packet; null when the batch holds more than the pool, which the caller counts as a drop. */
  take(): IncomingPacket | null {
    return this.#used < this.#packets.length ? this.#packets[this.#used++]! : null;
  }

  reset(): void {
    this.#used = 0;
  }
}
