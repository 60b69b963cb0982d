import type { WebRtcPeer } from '@switchyard/engine/peer';
import { portOf, remoteOf } from './paths.ts';

/**
 * Whose packets arrive on each path: learnt from authentic checks, looked up for every datagram. A path has one
 * owner; a peer may believe in a path that has since become another's.
 */
export class PathOwners {
  /** By socket number, then by remote address. */
  readonly #owners: ((WebRtcPeer | null)[] | undefined)[] = [];
  readonly #pathsOf = new Map<WebRtcPeer, Set<number>>();
  readonly #release: (path: number) => void;

  /** @param release gives the reference to the path's address back. */
  constructor(release: (path: number) => void) {
    this.#release = release;
  }

  /** Null for a path that is nobody's, -1 included. */
  of(path: number): WebRtcPeer | null {
    return path < 0 ? null : (this.#owners[portOf(path)]?.[remoteOf(path)] ?? null);
  }

  /** The peer has come to know a path. Returns whether the reference to its address is kept: false when it was before. */
  add(peer: WebRtcPeer, path: number): boolean {
    let paths = this.#pathsOf.get(peer);
    if (paths === undefined) {
      paths = new Set();
      this.#pathsOf.set(peer, paths);
    }
    if (paths.has(path)) return false;
    paths.add(path);
    this.claim(peer, path);
    return true;
  }

  /** An authentic check of `peer` has come on `path`, which is not held by another: what comes there is its own. */
  claim(peer: WebRtcPeer, path: number): void {
    if (!this.#pathsOf.get(peer)?.has(path)) return;
    const port = portOf(path);
    let owners = this.#owners[port];
    if (owners === undefined) {
      owners = [];
      this.#owners[port] = owners;
    }
    owners[remoteOf(path)] = peer;
  }

  remove(peer: WebRtcPeer, path: number): void {
    if (!this.#pathsOf.get(peer)?.delete(path)) return;
    const owners = this.#owners[portOf(path)];
    if (owners?.[remoteOf(path)] === peer) owners[remoteOf(path)] = null;
    this.#release(path);
  }

  /** The path has ended, a TCP connection: nobody has it any more. */
  removePath(path: number): void {
    for (const peer of this.#pathsOf.keys()) this.remove(peer, path);
  }

  removePeer(peer: WebRtcPeer): void {
    for (const path of this.#pathsOf.get(peer) ?? []) this.remove(peer, path);
    this.#pathsOf.delete(peer);
  }
}
