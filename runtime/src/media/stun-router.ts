import type { Millis, TransportAddress } from '@switchyard/core/base';
import { CheckVerdict, readLocalUfrag } from '@switchyard/core/ice';
import {
  hashPrefix,
  rejectRequest,
  SourceRateLimiter,
  StunClass,
  StunMethod,
  StunView,
  writeBindingSuccess,
} from '@switchyard/core/stun';
import type { PlainPeer, WebRtcPeer } from '@switchyard/engine/peer';

/** Longest refusal or answer to a stranger. */
const UNAUTHORIZED = 401;

/** A datagram's way back, for answers to addresses that are not known. */
export interface StunSource {
  /** Path of the source, taking a reference to its address; -1 when the table is full. */
  acquire(): number;
  /** Gives the reference back that nobody kept. */
  release(path: number): void;
  /** Path of the source when it is known already; -1 otherwise. */
  known(): number;
  address(): TransportAddress;
  /** Sends the bytes at `at` to the source. */
  reply(at: number, length: number): void;
}

/** Is told whose message is being handled. */
export interface StunService {
  subject: WebRtcPeer | PlainPeer | null;
}

/**
 * Finds the peer of each STUN message by the ufrag in its USERNAME and answers those that are nobody's,
 * within a rate per source: nothing unauthenticated makes the server keep state or amplify.
 */
export class StunRouter {
  readonly #peers = new Map<string, WebRtcPeer>();
  readonly #view = new StunView();
  readonly #limiter: SourceRateLimiter;
  readonly #salt: number;
  /** Messages refused or dropped, for the metrics. */
  refused = 0;
  /** Whether the last message was an authentic check: its path is the peer's from now on. */
  isClaim = false;
  /** The path whose reference `pathValidated` kept during `acceptCheck`; -1 for none. */
  keptPath = -1;

  constructor(answersPerSecond: number, salt: number) {
    this.#limiter = new SourceRateLimiter(answersPerSecond);
    this.#salt = salt;
  }

  add(ufrag: string, peer: WebRtcPeer): void {
    this.#peers.set(ufrag, peer);
  }

  remove(ufrag: string, peer: WebRtcPeer): void {
    if (this.#peers.get(ufrag) === peer) this.#peers.delete(ufrag);
  }

  removePeer(peer: WebRtcPeer): void {
    for (const [ufrag, owner] of this.#peers) if (owner === peer) this.#peers.delete(ufrag);
  }

  /**
   * Takes one STUN datagram. `out` at `outAt` may be written for answers to strangers. Returns the peer
   * that it concerned, null for none; `service.subject` is told before anything is done for a peer.
   */
  handle(
    now: Millis,
    buf: Uint8Array,
    at: number,
    length: number,
    source: StunSource,
    out: Uint8Array,
    outAt: number,
    peerOfPath: (path: number) => WebRtcPeer | null,
    service: StunService,
  ): WebRtcPeer | null {
    const view = this.#view;
    this.isClaim = false;
    if (!view.parse(buf, at, length) || view.method !== StunMethod.binding) return this.#refuse();
    if (view.messageClass !== StunClass.request) {
      const path = source.known();
      const peer = path < 0 ? null : peerOfPath(path);
      if (peer === null || view.messageClass === StunClass.indication) return null;
      service.subject = peer;
      peer.handleStunResponse(now, view, path);
      return peer;
    }
    const ufrag = readLocalUfrag(view);
    const peer = ufrag === null ? undefined : this.#peers.get(ufrag);
    if (peer === undefined) {
      this.#answerStranger(now, ufrag, source, out, outAt);
      return null;
    }
    service.subject = peer;
    const verdict = peer.authenticate(view);
    if (verdict !== CheckVerdict.accepted) {
      if (this.#mayAnswer(now, source.address()))
        this.#reply(source, outAt, peer.rejectCheck(view, verdict, out, outAt));
      this.refused++;
      return null;
    }
    const path = source.acquire();
    if (path < 0) return this.#refuse();
    // A check says who wrote it, not who sent it: a replayed or spoofed one must not cut another peer off.
    const owner = peerOfPath(path);
    if (owner !== null && owner !== peer && owner.holdsPath(now, path)) {
      source.release(path);
      return this.#refuse();
    }
    this.isClaim = true;
    this.keptPath = -1;
    peer.acceptCheck(now, view, path, source.address());
    if (this.keptPath !== path) source.release(path);
    return peer;
  }

  /** A plain Binding request gets its reflexive address (RFC 8489 §12); one for an unknown ufrag, 401. */
  #answerStranger(
    now: Millis,
    ufrag: string | null,
    source: StunSource,
    out: Uint8Array,
    outAt: number,
  ): void {
    this.refused++;
    const address = source.address();
    if (!this.#mayAnswer(now, address)) return;
    const length =
      ufrag === null
        ? writeBindingSuccess(this.#view, address, out, outAt)
        : rejectRequest(this.#view, UNAUTHORIZED, out, outAt);
    this.#reply(source, outAt, length);
  }

  #mayAnswer(now: Millis, { ip }: TransportAddress): boolean {
    return this.#limiter.take(now, hashPrefix(ip, ip.length === 4 ? 4 : 8, this.#salt));
  }

  #reply(source: StunSource, at: number, length: number): void {
    if (length > 0) source.reply(at, length);
  }

  #refuse(): null {
    this.refused++;
    return null;
  }
}
