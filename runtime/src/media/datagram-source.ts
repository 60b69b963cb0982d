import { parseIp, type TransportAddress } from '@switchyard/core/base';
import { pathOf, remoteOf } from './paths.ts';
import type { StunSource } from './stun-router.ts';
import type { UdpPort } from './udp-ports.ts';
import type { WorkerState } from './worker-state.ts';

/** The source of the STUN datagram in hand; one object for all. */
export class DatagramSource implements StunSource {
  readonly #state: WorkerState;
  #port: UdpPort | null = null;
  #index = 0;
  #tcpPath = -1;
  #tcpAddress: TransportAddress | null = null;

  constructor(state: WorkerState) {
    this.#state = state;
  }

  move(port: UdpPort, index: number): void {
    this.#port = port;
    this.#index = index;
    this.#tcpAddress = null;
  }

  moveTcp(path: number, address: TransportAddress): void {
    this.#port = null;
    this.#tcpPath = path;
    this.#tcpAddress = address;
  }

  acquire(): number {
    if (this.#port === null) return this.#tcpPath;
    const tuple = this.#port.socket.acquireSource(this.#index);
    return tuple < 0 ? -1 : pathOf(this.#port.number, tuple);
  }

  release(path: number): void {
    this.#port?.addresses.release(remoteOf(path));
  }

  known(): number {
    if (this.#port === null) return this.#tcpPath;
    const tuple = this.#port.socket.tupleOf(this.#index);
    return tuple < 0 ? -1 : pathOf(this.#port.number, tuple);
  }

  address(): TransportAddress {
    if (this.#tcpAddress !== null) return this.#tcpAddress;
    const { ip, port } = this.#port!.socket.sourceOf(this.#index); // one of both `move`s was called
    return { ip: parseIp(ip)!, port }; // written by the socket
  }

  reply(at: number, length: number): void {
    if (this.#port === null) this.#state.tcp?.send(this.#tcpPath, this.#state.bytes, at, length);
    else {
      // Written into the reserved slot: it has to last until the reply has left.
      this.#port.socket.reply(this.#index, at, length);
      this.#port.socket.flush();
    }
  }
}
