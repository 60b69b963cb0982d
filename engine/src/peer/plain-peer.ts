import type { Millis } from '@switchyard/core/base';
import type { TransportId } from '@switchyard/core/media-api';
import { SrtpSendStream } from '@switchyard/core/srtp';
import type { PacketPool } from '../sfu/incoming-packet.ts';
import type { Outlet } from '../sfu/ports.ts';
import type { RtcpOutlet, WallClock } from './ports.ts';
import { RtpSession } from './rtp-session.ts';
import { PAYLOAD_OFFSET } from './webrtc-peer.ts';

/** The worker around a plain transport. */
export interface PlainHost {
  readonly bytes: Uint8Array;
  reserve(): number;
  /** Queues the datagram at `at` to the remote address `tuple` of this transport's own socket. */
  sendPlain(peer: PlainPeer, tuple: number, at: number, length: number): void;
}

/**
 * RTP and RTCP without encryption on one port, for mixers, recorders and gateways of the same host. Sends to
 * the given address, or to the first one that sends to it.
 */
export class PlainPeer implements Outlet, RtcpOutlet {
  readonly id: TransportId;
  readonly bytes: Uint8Array;
  readonly session: RtpSession;
  /** Where to send; -1 while unknown. */
  remote = -1;
  readonly #host: PlainHost;

  constructor(options: {
    readonly id: TransportId;
    readonly host: PlainHost;
    readonly pool: PacketPool;
    readonly clock: WallClock;
    readonly ssrc: number;
    readonly cname: string;
  }) {
    const { host, pool, clock, ssrc, cname } = options;
    this.id = options.id;
    this.bytes = host.bytes;
    this.#host = host;
    this.session = new RtpSession({ transport: this.id, outlet: this, pool, clock, ssrc, cname });
  }

  handleTimeout(now: Millis): void {
    this.session.handleTimeout(now);
  }

  nextTimeout(): Millis {
    return this.session.nextTimeout();
  }

  close(now: Millis): void {
    this.session.close(now);
  }

  get isReady(): boolean {
    return this.remote >= 0;
  }

  reserve(): number {
    return this.remote < 0 ? -1 : this.#host.reserve() + PAYLOAD_OFFSET;
  }

  send(
    _stream: SrtpSendStream,
    payloadAt: number,
    headerLength: number,
    payloadLength: number,
  ): void {
    const at = payloadAt - headerLength;
    this.#host.sendPlain(this, this.remote, at, headerLength + payloadLength);
  }

  sendStream(ssrc: number): SrtpSendStream {
    return new SrtpSendStream(ssrc);
  }

  reserveRtcp(): number {
    return this.remote < 0 ? -1 : this.#host.reserve();
  }

  sendRtcp(at: number, length: number): void {
    this.#host.sendPlain(this, this.remote, at, length);
  }
}
