import type { TransportState } from '@switchyard/core/media-api';
import type { SrtpCipher, SrtpMasterKeys, SrtpProfile } from '@switchyard/core/srtp';
import type { PeerHost, PlainHost, PlainPeer, WebRtcPeer } from '@switchyard/engine/peer';
import { openSrtpCipher } from '../native/index.ts';
import { portOf, remoteOf, TCP_PORT } from './paths.ts';
import type { StunRouter } from './stun-router.ts';
import type { WorkerState } from './worker-state.ts';

/** What peers see of the worker: memory to write packets in, sockets that take them, and an ear for what has changed. */
export class Outgoing implements PeerHost, PlainHost {
  readonly bytes: Buffer;
  readonly #state: WorkerState;
  readonly #stun: StunRouter;

  constructor(state: WorkerState, stun: StunRouter) {
    this.bytes = state.bytes;
    this.#state = state;
    this.#stun = stun;
  }

  reserve(): number {
    return this.#state.ring.reserve();
  }

  send(path: number, at: number, length: number): void {
    const state = this.#state;
    state.counters.sent++;
    const port = portOf(path);
    if (port === TCP_PORT) {
      state.tcp?.send(path, this.bytes, at, length);
      return;
    }
    const target = state.ports[port];
    if (target === undefined || path < 0) return;
    target.socket.queue(at, length, remoteOf(path));
    state.ring.take();
  }

  sendPlain(peer: PlainPeer, tuple: number, at: number, length: number): void {
    for (const entry of this.#state.plain.values())
      if (entry.peer === peer) {
        entry.port.socket.queue(at, length, tuple);
        this.#state.ring.take();
        return;
      }
  }

  pathValidated(peer: WebRtcPeer, path: number): void {
    if (this.#state.paths.add(peer, path)) this.#stun.keptPath = path;
  }

  pathReleased(peer: WebRtcPeer, path: number): void {
    this.#state.paths.remove(peer, path);
  }

  ufragRetired(peer: WebRtcPeer, ufrag: string): void {
    this.#stun.remove(ufrag, peer);
  }

  stateChanged(peer: WebRtcPeer, state: TransportState, detail: string): void {
    this.#state.notifyState(peer.id, state, detail);
  }

  openCipher(
    profile: SrtpProfile,
    keys: SrtpMasterKeys,
    direction: 'send' | 'receive',
  ): SrtpCipher {
    return openSrtpCipher(profile, keys, this.#state.slab, direction);
  }
}
