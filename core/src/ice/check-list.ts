import { isSameAddress, type Millis, type TransportAddress } from '../base/index.ts';
import type { CandidateType } from './candidate.ts';
import type { CheckTransaction } from './check-transaction.ts';

/** RFC 8445 §6.1.2.5. */
const MAX_PAIRS = 100;
const MAX_REMOTE_CANDIDATES = 64;

/** A local socket (or relayed address) that checks leave from. */
export interface LocalBase {
  /** The owner's number for it. */
  readonly handle: number;
  readonly address: TransportAddress;
  /** RFC 8445 §5.1.2. */
  readonly priority: number;
}

export interface RemoteCandidate {
  readonly address: TransportAddress;
  readonly type: CandidateType;
  readonly priority: number;
}

/** RFC 8445 §6.1.2.6, without `frozen`: with one component nothing is learnt by holding pairs back. */
export type PairState = 'waiting' | 'inProgress' | 'succeeded' | 'failed';

export interface CandidatePair {
  readonly local: LocalBase;
  readonly remote: RemoteCandidate;
  state: PairState;
  /** Whether the controlling peer has asked for it. */
  isNominated: boolean;
  /** The check under way; null when none. */
  transaction: CheckTransaction | null;
}

/** Candidates of one generation, the pairs they form, and which to check next. RFC 8445 §6.1.2, §6.1.4. */
export class CheckList {
  readonly #locals: LocalBase[];
  readonly #remotes: RemoteCandidate[] = [];
  /** Highest priority first. */
  readonly pairs: CandidatePair[] = [];
  readonly #triggered: CandidatePair[] = [];

  constructor(locals: readonly LocalBase[]) {
    this.#locals = [...locals];
  }

  get locals(): readonly LocalBase[] {
    return this.#locals;
  }

  addLocal(local: LocalBase): void {
    if (this.#locals.some(({ handle }) => handle === local.handle)) return;
    this.#locals.push(local);
    for (const remote of this.#remotes) this.#pair(local, remote);
  }

  /** Adds a remote candidate; false for one beyond 64, or known already. */
  addRemote(remote: RemoteCandidate): boolean {
    const isKnown = this.#remotes.some(({ address }) => isSameAddress(address, remote.address));
    if (isKnown || this.#remotes.length >= MAX_REMOTE_CANDIDATES) return false;
    this.#remotes.push(remote);
    for (const local of this.#locals) this.#pair(local, remote);
    return true;
  }

  find(handle: number, address: TransportAddress): CandidatePair | null {
    for (const pair of this.pairs)
      if (pair.local.handle === handle && isSameAddress(pair.remote.address, address)) return pair;
    return null;
  }

  /** Puts a pair before all ordinary checks. RFC 8445 §6.1.4.1. */
  trigger(pair: CandidatePair): void {
    pair.state = 'waiting';
    pair.transaction = null;
    if (!this.#triggered.includes(pair)) this.#triggered.push(pair);
  }

  get hasWaiting(): boolean {
    return this.pairs.some(({ state }) => state === 'waiting');
  }

  /** The pair to check next: triggered ones in order, then by priority; null when none waits. */
  takeNext(): CandidatePair | null {
    for (let pair = this.#triggered.shift(); pair !== undefined; pair = this.#triggered.shift())
      if (pair.state === 'waiting') return pair;
    return this.pairs.find(({ state }) => state === 'waiting') ?? null;
  }

  /** The check that is due; null when none is. */
  findDue(now: Millis): CandidatePair | null {
    return this.pairs.find(({ transaction }) => (transaction?.dueAt ?? now + 1) <= now) ?? null;
  }

  /** The highest pair that has succeeded; null when none. */
  get bestValid(): CandidatePair | null {
    return this.pairs.find(({ state }) => state === 'succeeded') ?? null;
  }

  /** Whether a pair before `pair` may still succeed. */
  hasHopeBefore(pair: CandidatePair): boolean {
    const place = this.pairs.indexOf(pair);
    return this.pairs.slice(0, place).some(isOpen);
  }

  get hasOpenPairs(): boolean {
    return this.pairs.some(isOpen);
  }

  /** Ends every check but that of `pair`, once it is selected. RFC 8445 §8.1.2. */
  stopAllBut(pair: CandidatePair): void {
    this.#triggered.length = 0;
    for (const other of this.pairs) {
      if (other === pair || !isOpen(other)) continue;
      other.state = 'failed';
      other.transaction = null;
    }
  }

  #pair(local: LocalBase, remote: RemoteCandidate): void {
    if (local.address.ip.length !== remote.address.ip.length) return;
    const pair: CandidatePair = {
      local,
      remote,
      state: 'waiting',
      isNominated: false,
      transaction: null,
    };
    const place = this.pairs.findIndex((other) => comparePairs(pair, other) < 0);
    this.pairs.splice(place < 0 ? this.pairs.length : place, 0, pair);
    if (this.pairs.length > MAX_PAIRS) this.#dropLowest(pair);
  }

  /** Makes room by the lowest pair that has no check under way and is not wanted. */
  #dropLowest(fallback: CandidatePair): void {
    const lowest = this.pairs.findLast(
      ({ state, isNominated }) => !isNominated && (state === 'waiting' || state === 'failed'),
    );
    this.pairs.splice(this.pairs.indexOf(lowest ?? fallback), 1);
  }
}

const isOpen = ({ state }: CandidatePair): boolean => state === 'waiting' || state === 'inProgress';

/**
 * Orders by pair priority (RFC 8445 §6.1.2.3), higher first: by the smaller of the two priorities,
 * then by the larger. Compared in parts because the formula's result has 64 bits.
 */
export function comparePairs(a: CandidatePair, b: CandidatePair): number {
  const least = (pair: CandidatePair) => Math.min(pair.local.priority, pair.remote.priority);
  const most = (pair: CandidatePair) => Math.max(pair.local.priority, pair.remote.priority);
  return least(b) - least(a) || most(b) - most(a);
}
