import {
  after,
  earlier,
  isSameAddress,
  type Millis,
  millis,
  NEVER,
  type Random,
  type TransportAddress,
} from '../base/index.ts';
import { StunClass, type StunCrypto, type StunView } from '../stun/index.ts';
import { type CandidatePair, CheckList, comparePairs, type LocalBase } from './check-list.ts';
import { CheckTransaction, makeCheck } from './check-transaction.ts';
import type { CredentialPair } from './credentials.ts';
import type { Outbox } from './outbox.ts';
import type { Role } from './role.ts';

/** New checks leave this far apart. RFC 8445 §14.2. */
const TA_MS = 50;
const MIN_RTO_MS = 500;
/** How long a valid pair waits for a better one before it is nominated. */
const NOMINATION_PATIENCE_MS = 1000;

export interface CheckOptions {
  readonly credentials: CredentialPair;
  /** Shared with the agent and changed in place: roles outlive generations. */
  readonly role: Role;
  readonly crypto: StunCrypto;
  readonly random: Random;
  readonly outbox: Outbox;
  readonly locals: readonly LocalBase[];
}

/** The connectivity checks of one generation, up to a selected pair. RFC 8445 §6.1.4, §7, §8. */
export class ConnectivityChecks {
  credentials: CredentialPair;
  readonly list: CheckList;
  readonly #role: Role;
  readonly #crypto: StunCrypto;
  readonly #random: Random;
  readonly #outbox: Outbox;
  #selected: CandidatePair | null = null;
  #nominating: CandidatePair | null = null;
  #nextCheckAt = millis(0);
  #firstValidAt = NEVER;

  constructor(options: CheckOptions) {
    this.credentials = options.credentials;
    this.list = new CheckList(options.locals);
    this.#role = options.role;
    this.#crypto = options.crypto;
    this.#random = options.random;
    this.#outbox = options.outbox;
  }

  /** The nominated pair that has been checked; null before. */
  get selected(): CandidatePair | null {
    return this.#selected;
  }

  /** Takes an authenticated check of the peer. RFC 8445 §7.3.1.3 to §7.3.1.5. */
  handleCheck(
    now: Millis,
    handle: number,
    source: TransportAddress,
    priority: number,
    isNominating: boolean,
  ): void {
    this.list.addRemote({ address: source, type: 'prflx', priority });
    const pair = this.list.find(handle, source);
    if (pair === null) return; // its table is full, or the socket is not ours
    if (isNominating && !this.#role.isControlling) pair.isNominated = true;
    if (pair.state === 'succeeded') this.#selectIfNominated(pair);
    else if (pair.state === 'inProgress') pair.transaction?.hasten(now);
    else if (this.#selected === null || pair.isNominated) this.list.trigger(pair);
  }

  /** Takes a Binding answer; false when it belongs to none of the checks. RFC 8445 §7.2.5. */
  handleResponse(
    now: Millis,
    response: StunView,
    handle: number,
    source: TransportAddress,
  ): boolean {
    const pair = this.list.pairs.find(
      ({ transaction }) => transaction !== null && response.hasTransactionId(transaction.id, 0),
    );
    if (pair === undefined) return false;
    if (!response.hasValidIntegrity(this.#crypto, this.credentials.remoteKey)) return true;
    const transaction = pair.transaction!; // it has just matched
    pair.transaction = null;
    const isSymmetric = pair.local.handle === handle && isSameAddress(pair.remote.address, source);
    if (response.messageClass === StunClass.success && isSymmetric)
      this.#succeed(now, pair, transaction);
    else if (response.messageClass === StunClass.error && response.errorCode === 487)
      this.#yieldRole(pair, transaction);
    else this.#fail(pair);
    return true;
  }

  handleTimeout(now: Millis): void {
    if (this.credentials.remote === null) return;
    for (let pair = this.list.findDue(now); pair !== null; pair = this.list.findDue(now))
      this.#resend(now, pair);
    if (now >= this.#nextCheckAt) this.#checkNext(now);
    this.#considerNomination(now);
  }

  nextTimeout(): Millis {
    if (this.credentials.remote === null) return NEVER;
    let next = this.list.hasWaiting ? this.#nextCheckAt : NEVER;
    for (const { transaction } of this.list.pairs)
      if (transaction !== null) next = earlier(next, transaction.dueAt);
    return earlier(next, this.#nominationAt());
  }

  #checkNext(now: Millis): void {
    const pair = this.list.takeNext();
    if (pair === null) return;
    const open = this.list.pairs.filter(
      ({ state }) => state === 'waiting' || state === 'inProgress',
    );
    const rtoMs = Math.max(MIN_RTO_MS, TA_MS * open.length); // RFC 8445 §14.3
    pair.state = 'inProgress';
    this.#start(now, pair, rtoMs, false);
    this.#nextCheckAt = after(now, TA_MS);
  }

  #start(now: Millis, pair: CandidatePair, rtoMs: number, isNominating: boolean): void {
    pair.transaction = new CheckTransaction(now, this.#random, this.#role, rtoMs, isNominating);
    this.#resend(now, pair);
  }

  #resend(now: Millis, pair: CandidatePair): void {
    const transaction = pair.transaction!; // callers have one
    if (transaction.hasFailed(now)) {
      pair.transaction = null;
      this.#fail(pair);
      return;
    }
    transaction.noteSent(now);
    const content = {
      id: transaction.id,
      credentials: this.credentials,
      role: this.#role,
      localPriority: pair.local.priority,
      isNominating: transaction.isNominating,
    };
    this.#outbox.push(pair.local.handle, pair.remote.address, makeCheck(content, this.#crypto));
  }

  /**
   * The pair works both ways. A mapped address that is new would make a local peer-reflexive
   * candidate (§7.2.5.3.1); it would have the same base, so there is nothing to add.
   */
  #succeed(now: Millis, pair: CandidatePair, transaction: CheckTransaction): void {
    pair.state = 'succeeded';
    this.#firstValidAt = earlier(this.#firstValidAt, now);
    if (transaction.isNominating && this.#role.isControlling) pair.isNominated = true;
    this.#selectIfNominated(pair);
    this.#considerNomination(now);
  }

  #fail(pair: CandidatePair): void {
    pair.state = 'failed';
    if (this.#nominating === pair) this.#nominating = null;
  }

  /** The peer insists on our role: take the other and ask again. RFC 8445 §7.2.5.1. */
  #yieldRole(pair: CandidatePair, transaction: CheckTransaction): void {
    if (this.#role.isControlling === transaction.isControlling) {
      this.#role.isControlling = !transaction.isControlling;
      this.#role.tieBreaker = new Uint8Array(8);
      this.#random.fill(this.#role.tieBreaker);
    }
    this.#nominating = null;
    this.list.trigger(pair);
  }

  /** A peer that nominates several pairs gets the highest. RFC 8445 §8.1.1. */
  #selectIfNominated(pair: CandidatePair): void {
    if (!pair.isNominated || pair === this.#selected) return;
    if (this.#selected !== null && comparePairs(this.#selected, pair) < 0) return;
    this.#selected = pair;
    this.#nominating = null;
    this.list.stopAllBut(pair);
  }

  /** Regular nomination: the best valid pair, once nothing better can be hoped for. RFC 8445 §8.1.1. */
  #considerNomination(now: Millis): void {
    if (now < this.#nominationAt()) return;
    const best = this.list.bestValid!; // there is one from the first success on
    this.#nominating = best;
    this.#start(now, best, MIN_RTO_MS, true);
  }

  #nominationAt(): Millis {
    if (!this.#role.isControlling || this.#selected !== null || this.#nominating !== null)
      return NEVER;
    const best = this.list.bestValid;
    if (best === null) return NEVER;
    if (!this.list.hasHopeBefore(best)) return this.#firstValidAt;
    return after(this.#firstValidAt, NOMINATION_PATIENCE_MS);
  }
}
