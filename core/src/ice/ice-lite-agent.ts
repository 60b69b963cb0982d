import {
  after,
  earlier,
  type Millis,
  NEVER,
  type Random,
  type TransportAddress,
  u32,
} from '../base/index.ts';
import {
  StunAttribute,
  type StunCrypto,
  type StunView,
  writeSignedBindingSuccess,
} from '../stun/index.ts';
import { authenticateCheck, CheckVerdict, writeRefusal } from './check.ts';
import { CredentialPair, type IceCredentials } from './credentials.ts';
import type { IceLiteEvent, IceLiteState } from './ice-lite-events.ts';
import { PathSelector } from './path-selector.ts';
import { debitPath } from './path-table.ts';

/** Browsers check every 2.65 s (Chrome) to 5.6 s (Firefox); three missed checks are worth a word. */
const SUSPECT_MS = 15_000;
/** Then nothing is sent any more. RFC 7675 §5.1. */
const FAILED_MS = 30_000;
/** How long the credentials before a restart are good. */
const PREVIOUS_CREDENTIALS_MS = 30_000;
const MAX_REMOTE_CANDIDATES = 64;
/** How often media is noted as a sign of life of its path. */
const LIFE_MS = 1_000;

export interface IceLiteOptions {
  readonly local: IceCredentials;
  /** Null while the peer's description is not known; `setRemote` gives it later. */
  readonly remote: IceCredentials | null;
  readonly crypto: StunCrypto;
  readonly random: Random;
}

/**
 * The lite side of ICE for one bundled transport (RFC 8445 §2.5, §7.3, §8.2): answers checks, always
 * controlled, learns where the peer is and where to send. Addresses are the owner's small integers
 * ("tuples"), so that nothing here depends on their form.
 *
 *     verdict = agent.authenticate(request)          nothing has changed yet
 *     accepted: tuple = intern(source); length = agent.acceptCheck(now, request, tuple, source, out, at)
 *     else:     length = limiter.take(…) ? agent.rejectCheck(request, verdict, out, at) : 0
 *
 * After every call that takes `now`: drain `pollTransmit` and `pollEvent`, arm a timer for `nextTimeout`.
 */
export class IceLiteAgent {
  readonly #crypto: StunCrypto;
  readonly #events: IceLiteEvent[] = [];
  readonly #paths: PathSelector;
  #credentials: CredentialPair;
  /** Those before a restart, until the new ones have been used. */
  #previous: CredentialPair | null = null;
  #previousUntil = NEVER;
  /** Whether a check with the present credentials has come. */
  #isConfirmed = false;
  #state: IceLiteState = 'waiting';
  #lastCheck = NEVER;
  #remoteCandidateCount = 0;
  /** Where media last gave a sign of life, and when the next one counts. */
  #lifeTuple = -1;
  #nextLife = 0;

  constructor(options: IceLiteOptions) {
    this.#crypto = options.crypto;
    this.#credentials = new CredentialPair(options.local, options.remote);
    this.#paths = new PathSelector(options.crypto, options.random, this.#events);
  }

  get state(): IceLiteState {
    return this.#state;
  }

  /** Where packets go; -1 before the first check. */
  get selected(): number {
    return this.#paths.selected?.tuple ?? -1;
  }

  /** Whether each datagram counts: an address is not proved yet. False nearly always. */
  get wantsTraffic(): boolean {
    return this.#paths.wantsTraffic;
  }

  /** Whether `tuple` has proved to be the peer's and is alive: nobody else may claim it. */
  holds(now: Millis, tuple: number): boolean {
    return this.#paths.holds(now, tuple);
  }

  /** Judges a Binding request for our ufrag. Changes nothing. */
  authenticate(request: StunView): CheckVerdict {
    const verdict = authenticateCheck(request, this.#credentialsOf(request), this.#crypto);
    if (verdict !== CheckVerdict.accepted) return verdict;
    const isControlled = request.find(StunAttribute.iceControlled) >= 0;
    return isControlled ? CheckVerdict.roleConflict : verdict;
  }

  /**
   * Takes a check that `authenticate` accepted, from `tuple`, whose address is `source`. Writes the
   * answer to that same tuple and returns its length, 0 for none.
   */
  acceptCheck(
    now: Millis,
    request: StunView,
    tuple: number,
    source: TransportAddress,
    out: Uint8Array,
    at: number,
  ): number {
    const credentials = this.#credentialsOf(request);
    const isFresh = this.#confirm(credentials) || this.#state === 'failed';
    const priority = u32(request.buf, request.find(StunAttribute.priority));
    const path = this.#paths.hear(now, tuple, priority, request.length);
    if (request.find(StunAttribute.useCandidate) >= 0) this.#paths.nominate(now, path);
    else if (isFresh) this.#paths.propose(now, path);
    this.#lastCheck = now;
    this.#setState('connected');
    const key = credentials.localKey;
    const length = writeSignedBindingSuccess(request, source, this.#crypto, key, out, at);
    return debitPath(path, length) ? length : 0;
  }

  /** Writes the refusal of a check; returns its length, 0 when it deserves none. Changes nothing. */
  rejectCheck(request: StunView, verdict: CheckVerdict, out: Uint8Array, at: number): number {
    const key = this.#credentialsOf(request).localKey;
    return writeRefusal(request, verdict, this.#crypto, key, out, at);
  }

  /** Takes a Binding response from `tuple`. Returns false when it answers nothing of ours. */
  handleResponse(now: Millis, response: StunView, tuple: number): boolean {
    return this.#paths.handleResponse(now, response, tuple, this.#credentials);
  }

  /** Counts a datagram of `length` bytes from a validated tuple that may be anybody's: DTLS. */
  noteArrived(tuple: number, length: number): void {
    if (this.#paths.wantsTraffic) this.#paths.noteArrived(tuple, length);
  }

  /**
   * Counts an authentic SRTP or SRTCP packet of `length` bytes from a validated tuple: a sign of life. Once a
   * packet: looks closer about once a second, or at each one while an address is not proved. Allocates nothing.
   */
  noteReceived(now: Millis, tuple: number, length: number): void {
    if (tuple === this.#lifeTuple && now < this.#nextLife && !this.#paths.wantsTraffic) return;
    this.#lifeTuple = tuple;
    this.#nextLife = now + LIFE_MS;
    this.#paths.noteReceived(now, tuple, length);
  }

  /**
   * Says that the peer has provably got what we sent to `tuple`: it finished the DTLS handshake, or
   * authenticated RTCP acknowledges packets that went there. Serves peers that never answer checks.
   */
  noteDelivered(now: Millis, tuple: number): void {
    this.#paths.noteDelivered(now, tuple);
  }

  /** Asks to send `length` bytes to the selected tuple, just before. Once a datagram: allocates nothing. */
  maySend(length: number): boolean {
    const path = this.#paths.selected;
    return path !== null && this.#state !== 'failed' && debitPath(path, length);
  }

  /** Gives the peer's credentials when the agent was made before they were known. */
  setRemote(remote: IceCredentials): void {
    this.#credentials = new CredentialPair(this.#credentials.local, remote);
  }

  /** Begins a new generation (RFC 8445 §9): paths and media stay; the old credentials for 30 s at most. */
  restart(now: Millis, local: IceCredentials, remote: IceCredentials | null): void {
    const old = this.#credentials;
    this.#credentials = new CredentialPair(local, remote);
    this.#paths.forgetNominations();
    this.#remoteCandidateCount = 0;
    if (!this.#isConfirmed) {
      this.#events.push({ kind: 'ufragRetired', ufrag: old.local.ufrag });
      return;
    }
    this.#retirePrevious();
    this.#previous = old;
    this.#previousUntil = after(now, PREVIOUS_CREDENTIALS_MS);
    this.#isConfirmed = false;
  }

  /** Counts a remote candidate: a lite agent uses none. Returns false beyond 64 a generation. */
  noteRemoteCandidate(): boolean {
    if (this.#remoteCandidateCount >= MAX_REMOTE_CANDIDATES) return false;
    this.#remoteCandidateCount++;
    return true;
  }

  handleTimeout(now: Millis): void {
    if (now >= this.#previousUntil) this.#retirePrevious();
    this.#paths.handleTimeout(now);
    if (this.#state === 'waiting') return;
    const silenceMs = now - this.#lastCheck;
    if (silenceMs >= FAILED_MS) {
      this.#setState('failed');
      this.#paths.forgetProofs();
    } else if (silenceMs >= SUSPECT_MS) this.#setState('suspect');
  }

  nextTimeout(): Millis {
    return earlier(this.#paths.nextTimeout(), earlier(this.#previousUntil, this.#consentEnd()));
  }

  /** Writes our own check when one is due, for the tuple `transmitTuple`; returns its length, 0 when drained. */
  pollTransmit(now: Millis, out: Uint8Array, at: number): number {
    return this.#paths.pollTransmit(now, this.#credentials, out, at);
  }

  /** Where the datagram goes that `pollTransmit` has just written. */
  get transmitTuple(): number {
    return this.#paths.transmitTuple;
  }

  pollEvent(): IceLiteEvent | undefined {
    return this.#events.shift();
  }

  /** The credentials that the check's USERNAME names; the present ones when it names none. */
  #credentialsOf(request: StunView): CredentialPair {
    const previous = this.#previous;
    if (previous === null) return this.#credentials;
    const at = request.find(StunAttribute.username);
    const isPrevious = at >= 0 && previous.matchesUsername(request.buf, at, request.lengthOf(at));
    return isPrevious ? previous : this.#credentials;
  }

  /** Notes which generation the peer uses; true for the first check of a new one. */
  #confirm(credentials: CredentialPair): boolean {
    if (this.#isConfirmed || credentials !== this.#credentials) return false;
    this.#isConfirmed = true;
    this.#retirePrevious();
    return true;
  }

  #retirePrevious(): void {
    if (this.#previous !== null)
      this.#events.push({ kind: 'ufragRetired', ufrag: this.#previous.local.ufrag });
    this.#previous = null;
    this.#previousUntil = NEVER;
  }

  #consentEnd(): Millis {
    if (this.#state === 'connected') return after(this.#lastCheck, SUSPECT_MS);
    return this.#state === 'suspect' ? after(this.#lastCheck, FAILED_MS) : NEVER;
  }

  #setState(state: IceLiteState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.push({ kind: 'stateChanged', state });
  }
}
