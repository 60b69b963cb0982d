import { DeadlineHeap, type Millis, NEVER } from '@switchyard/core/base';
import type { TransportId } from '@switchyard/core/media-api';
import { type PlainPeer, WebRtcPeer } from '@switchyard/engine/peer';

export type Peer = WebRtcPeer | PlainPeer;

/** The peers of a worker by id, and the deadlines of those that have many to wait for. */
export class PeerTable {
  readonly byId = new Map<number, Peer>();
  readonly #deadlines = new DeadlineHeap();
  /** Peers by their small number, for the deadlines. */
  readonly #byIndex: (WebRtcPeer | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.byId.size;
  }

  /** The earliest deadline; `NEVER` for none. */
  get earliest(): Millis {
    return this.#deadlines.earliest;
  }

  get handshakeCount(): number {
    let count = 0;
    for (const peer of this.byId.values())
      if (peer instanceof WebRtcPeer && peer.isHandshaking) count++;
    return count;
  }

  get(id: TransportId): Peer | undefined {
    return this.byId.get(id);
  }

  add(peer: Peer): void {
    this.byId.set(peer.id, peer);
    if (!(peer instanceof WebRtcPeer)) return;
    peer.index = this.#free.pop() ?? this.#byIndex.length;
    this.#byIndex[peer.index] = peer;
  }

  /** Arms the peer's timer for its next deadline. After every call that may have changed it; cheap when it did not. */
  arm(peer: WebRtcPeer): void {
    const deadline = peer.nextTimeout();
    if (deadline === peer.armedAt || this.#byIndex[peer.index] !== peer) return;
    peer.armedAt = deadline;
    this.#deadlines.set(peer.index, deadline);
  }

  /** Takes a peer whose deadline has come, null when there is none. It is not armed any more. */
  popDue(now: Millis): WebRtcPeer | null {
    for (let index = this.#deadlines.popDue(now); index >= 0; index = this.#deadlines.popDue(now)) {
      const peer = this.#byIndex[index] ?? null;
      if (peer === null) continue;
      peer.armedAt = NEVER;
      return peer;
    }
    return null;
  }

  /** False when it was not there. */
  remove(peer: Peer): boolean {
    if (this.byId.get(peer.id) !== peer) return false;
    this.byId.delete(peer.id);
    if (!(peer instanceof WebRtcPeer)) return true;
    this.#deadlines.delete(peer.index);
    this.#byIndex[peer.index] = null;
    this.#free.push(peer.index);
    return true;
  }
}
