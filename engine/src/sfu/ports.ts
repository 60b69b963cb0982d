import type { Millis } from '@switchyard/core/base';
import type { SrtpSendStream } from '@switchyard/core/srtp';
import type { IncomingPacket } from './incoming-packet.ts';

/**
 * Where a slot's packets go: the sending side of one transport. The slot writes a packet into a
 * reserved place of the shared arena; the transport seals and queues it.
 */
export interface Outlet {
  /** The arena. */
  readonly bytes: Uint8Array;
  /** Whether packets can be sent: false before the handshake. Becoming true, the owner reviews its slots. */
  readonly isReady: boolean;
  /**
   * Where the payload of the next packet belongs: a multiple of 4 with `MAX_OUTGOING_HEADER_LENGTH` free
   * bytes before it and the rest of a 2048-byte slot behind it; -1 when nothing may be sent now. The place
   * is given again by the next call unless `send` took it.
   */
  reserve(): number;
  /** Seals and queues the packet that was written at `payloadAt - headerLength`. */
  send(
    stream: SrtpSendStream,
    payloadAt: number,
    headerLength: number,
    payloadLength: number,
    sequenceNumber: number,
  ): void;
  /** The state of one outgoing SSRC; asked once for each stream. */
  sendStream(ssrc: number): SrtpSendStream;
}

/** Something besides slots that wants every packet of a track: a pipe to another worker. */
export interface PacketSink {
  forward(now: Millis, trackId: number, layer: number, packet: IncomingPacket): void;
}

/** Where a layer asks its publisher for a keyframe: a peer connection, or the worker behind a pipe. */
export interface KeyframeSource {
  requestKeyframe(now: Millis, ssrc: number, layer: number): void;
}
