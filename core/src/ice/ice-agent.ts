import {
  after,
  earlier,
  isSameAddress,
  type Millis,
  NEVER,
  parseIp,
  type Random,
  type TransportAddress,
  u32,
} from '../base/index.ts';
import {
  SourceRateLimiter,
  StunAttribute,
  StunClass,
  type StunCrypto,
  StunMethod,
  StunView,
  writeSignedBindingSuccess,
} from '../stun/index.ts';
import { type Candidate, candidatePriority, isMdnsName } from './candidate.ts';
import { authenticateCheck, CheckVerdict, isAuthentic, writeRefusal } from './check.ts';
import { ConnectivityChecks } from './connectivity-checks.ts';
import { Consent } from './consent.ts';
import { CredentialPair, type IceCredentials } from './credentials.ts';
import type {
  IceAgentOptions,
  IceEvent,
  IceState,
  LocalCandidate,
  SelectedPair,
} from './ice-agent-types.ts';
import { Outbox } from './outbox.ts';
import { type Role, settleRole } from './role.ts';

/** Candidates may come, or names resolve, as late as a check would last. RFC 8863 §4. */
const PATIENCE_MS = 39_500;
/** Answers to peers who do not know our password. */
const REJECTIONS_PER_SECOND = 10;
/** An answer: addresses, reason, unknown attributes, check values. */
const MAX_ANSWER_LENGTH = 160;

/**
 * A full ICE agent for one bundled transport (RFC 8445, RFC 8838): one component over UDP. Gathering
 * is the owner's; so are sockets, known here by number.
 *
 * Sans-IO: after every call the owner drains `pollTransmit` and `pollEvent`, then arms one timer for
 * `nextTimeout()`.
 */
export class IceAgent {
  readonly #crypto: StunCrypto;
  readonly #random: Random;
  readonly #role: Role;
  readonly #view = new StunView();
  readonly #events: IceEvent[] = [];
  readonly #outbox = new Outbox();
  readonly #limiter = new SourceRateLimiter(REJECTIONS_PER_SECOND, 1);
  #checks: ConnectivityChecks;
  #consent: Consent | null = null;
  /** Those before a restart, until the new ones have selected a pair. */
  #previous: CredentialPair | null = null;
  #state: IceState = 'new';
  #patienceEnd = NEVER;
  #isRemoteComplete = false;

  constructor(options: IceAgentOptions) {
    this.#crypto = options.crypto;
    this.#random = options.random;
    this.#role = { isControlling: options.isControlling, tieBreaker: new Uint8Array(8) };
    options.random.fill(this.#role.tieBreaker);
    this.#checks = this.#makeChecks(new CredentialPair(options.local, options.remote), null);
  }

  get state(): IceState {
    return this.#state;
  }

  get isControlling(): boolean {
    return this.#role.isControlling;
  }

  /** Where to send; null before a pair is selected and after consent is lost. */
  get selectedPair(): SelectedPair | null {
    if (this.#consent === null || this.#state === 'failed') return null;
    const { local, remote } = this.#consent.pair;
    return { base: local.handle, remote: remote.address };
  }

  addLocalCandidate(now: Millis, candidate: LocalCandidate): void {
    const { base, address, type, localPreference = 65_535 } = candidate;
    this.#checks.list.addLocal({
      handle: base,
      address,
      priority: candidatePriority(type, localPreference),
    });
    this.#advance(now);
  }

  /** Gives the peer's credentials, from its first description. */
  setRemote(now: Millis, remote: IceCredentials): void {
    this.#checks.credentials = new CredentialPair(this.#checks.credentials.local, remote);
    this.#advance(now);
  }

  /**
   * Adds a remote candidate, at any time (RFC 8838 §11). Returns false for what is ignored: another
   * generation's, another component's (Firefox sends component 2), TCP, names, more than 64.
   */
  addRemoteCandidate(now: Millis, candidate: Candidate): boolean {
    const expected = this.#checks.credentials.remote?.ufrag;
    if (candidate.ufrag !== null && expected !== undefined && candidate.ufrag !== expected)
      return false;
    if (candidate.component !== 1 || candidate.transport !== 'udp') return false;
    const ip = parseIp(candidate.address);
    if (ip === null) {
      if (isMdnsName(candidate.address)) this.#events.push({ kind: 'nameUnresolved', candidate });
      return false;
    }
    const { port, type, priority } = candidate;
    const isAdded = this.#checks.list.addRemote({ address: { ip, port }, type, priority });
    this.#advance(now);
    return isAdded;
  }

  /** Says that no remote candidate of this generation will follow. RFC 8838 §14. */
  endRemoteCandidates(now: Millis): void {
    this.#isRemoteComplete = true;
    this.#advance(now);
  }

  /** Begins a new generation (RFC 8445 §9). The selected pair stays in use until another is selected. */
  restart(now: Millis, local: IceCredentials, remote: IceCredentials | null): void {
    this.#previous = this.#checks.credentials;
    this.#checks = this.#makeChecks(new CredentialPair(local, remote), this.#checks);
    this.#isRemoteComplete = false;
    this.#patienceEnd = NEVER;
    if (this.#state !== 'new') this.#setState('checking');
    this.#advance(now);
  }

  /**
   * Feeds one datagram that arrived on `base` from `source`. Returns false when it was not for this
   * agent; nothing changed then.
   */
  handleDatagram(
    now: Millis,
    base: number,
    source: TransportAddress,
    buf: Uint8Array,
    at: number,
    length: number,
  ): boolean {
    const view = this.#view;
    if (!view.parse(buf, at, length) || view.method !== StunMethod.binding) return false;
    if (view.messageClass === StunClass.indication) return true; // a keep-alive
    if (view.messageClass !== StunClass.request) {
      const isOurs =
        this.#checks.handleResponse(now, view, base, source) ||
        (this.#consent?.handleResponse(now, view) ?? false);
      if (isOurs) this.#advance(now);
      return isOurs;
    }
    this.#handleRequest(now, base, source);
    this.#advance(now);
    return true;
  }

  /** Advances time. Calling early, or twice for the same instant, is harmless. */
  handleTimeout(now: Millis): void {
    this.#advance(now);
  }

  nextTimeout(): Millis {
    let next = earlier(this.#checks.nextTimeout(), this.#failureAt());
    if (this.#consent === null || this.#state === 'failed') return next;
    const { suspectAt, expiresAt, nextSendAt } = this.#consent;
    next = earlier(next, nextSendAt);
    return earlier(next, this.#state === 'connected' ? suspectAt : expiresAt);
  }

  /** Writes the next datagram at `at` of `out`; returns its length, 0 when drained. See `transmit…`. */
  pollTransmit(out: Uint8Array, at: number): number {
    const next = this.#outbox.shift();
    if (next === undefined) return 0;
    out.set(next.bytes, at);
    this.transmitBase = next.base;
    this.transmitTo = next.to;
    return next.bytes.length;
  }

  /** The socket for the datagram that `pollTransmit` has just written. */
  transmitBase = -1;
  /** Where that datagram goes. */
  transmitTo: TransportAddress = { ip: new Uint8Array(4), port: 0 };

  pollEvent(): IceEvent | undefined {
    return this.#events.shift();
  }

  #makeChecks(credentials: CredentialPair, before: ConnectivityChecks | null): ConnectivityChecks {
    return new ConnectivityChecks({
      credentials,
      role: this.#role,
      crypto: this.#crypto,
      random: this.#random,
      outbox: this.#outbox,
      locals: before?.list.locals ?? [],
    });
  }

  #handleRequest(now: Millis, base: number, source: TransportAddress): void {
    const view = this.#view;
    const credentials = this.#credentialsOf(view);
    let verdict = authenticateCheck(view, credentials, this.#crypto);
    if (verdict === CheckVerdict.accepted && !settleRole(this.#role, view))
      verdict = CheckVerdict.roleConflict;
    const key = credentials.localKey;
    const answer = new Uint8Array(MAX_ANSWER_LENGTH);
    if (verdict !== CheckVerdict.accepted) {
      if (!isAuthentic(verdict) && !this.#limiter.take(now, 0)) return;
      const length = writeRefusal(view, verdict, this.#crypto, key, answer, 0);
      if (length > 0) this.#outbox.push(base, source, answer.subarray(0, length));
      return;
    }
    const length = writeSignedBindingSuccess(view, source, this.#crypto, key, answer, 0);
    this.#outbox.push(base, source, answer.subarray(0, length));
    const pair = this.#consent?.pair;
    if (pair?.local.handle === base && isSameAddress(pair.remote.address, source))
      this.#consent?.noteHeard(now);
    if (credentials !== this.#checks.credentials) return;
    const priority = u32(view.buf, view.find(StunAttribute.priority));
    const isNominating = view.find(StunAttribute.useCandidate) >= 0;
    this.#checks.handleCheck(now, base, source, priority, isNominating);
  }

  #credentialsOf(request: StunView): CredentialPair {
    const at = request.find(StunAttribute.username);
    const isPrevious =
      at >= 0 && (this.#previous?.matchesUsername(request.buf, at, request.lengthOf(at)) ?? false);
    return isPrevious ? this.#previous! : this.#checks.credentials; // it has just matched
  }

  /** Does all that is due, and draws the conclusions. */
  #advance(now: Millis): void {
    this.#checks.handleTimeout(now);
    const isReady = this.#checks.credentials.remote !== null;
    if (this.#state === 'new' && isReady) this.#setState('checking');
    if (this.#state === 'checking' && isReady && this.#patienceEnd === NEVER)
      this.#patienceEnd = after(now, PATIENCE_MS);
    this.#adoptSelection(now);
    this.#tickConsent(now);
    if (now >= this.#failureAt()) this.#setState('failed');
  }

  #adoptSelection(now: Millis): void {
    const selected = this.#checks.selected;
    if (selected === null || selected === this.#consent?.pair) return;
    const { credentials } = this.#checks;
    this.#consent = new Consent(now, selected, credentials, this.#crypto, this.#random);
    this.#previous = null;
    const pair = { base: selected.local.handle, remote: selected.remote.address };
    this.#events.push({ kind: 'pairSelected', pair });
    this.#setState('connected');
  }

  /** RFC 7675 §5.1. A pair from before a restart may end without ending the agent. */
  #tickConsent(now: Millis): void {
    const consent = this.#consent;
    if (consent === null || this.#state === 'failed') return;
    const isRestarting = this.#state === 'checking';
    if (now >= consent.expiresAt) {
      if (isRestarting) this.#consent = null;
      else this.#setState('failed');
      return;
    }
    const check = consent.poll(now, this.#role);
    if (check !== null)
      this.#outbox.push(consent.pair.local.handle, consent.pair.remote.address, check);
    if (!isRestarting) this.#setState(now >= consent.suspectAt ? 'suspect' : 'connected');
  }

  /** When to give up: all candidates known, all pairs failed, and no late check can arrive. RFC 8863 §4. */
  #failureAt(): Millis {
    const { list } = this.#checks;
    const isHopeless =
      this.#state === 'checking' &&
      this.#isRemoteComplete &&
      list.bestValid === null &&
      !list.hasOpenPairs;
    return isHopeless ? this.#patienceEnd : NEVER;
  }

  #setState(state: IceState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.push({ kind: 'stateChanged', state });
  }
}
