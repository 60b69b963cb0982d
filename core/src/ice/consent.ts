import { after, type Millis, type Random, randomU32 } from '../base/index.ts';
import { StunClass, type StunCrypto, type StunView, TRANSACTION_ID_LENGTH } from '../stun/index.ts';
import type { CandidatePair } from './check-list.ts';
import { makeCheck } from './check-transaction.ts';
import type { CredentialPair } from './credentials.ts';
import type { Role } from './role.ts';

/** Consent checks leave every 5 s, varied by a fifth either way. RFC 7675 §5.1. */
const INTERVAL_MS = 5000;
/** Consent is lost after 30 s without a sign of the peer. RFC 7675 §5.1. */
const EXPIRY_MS = 30_000;
const SUSPECT_MS = 15_000;
/** Ids whose answers still count; an answer later than this many intervals is none. */
const ID_COUNT = 6;

/**
 * The peer's consent to receive, on the selected pair (RFC 7675 §5.1). Answers to our checks renew it;
 * so do the peer's own authenticated checks, since Chrome 144 and later may stop answering.
 */
export class Consent {
  readonly pair: CandidatePair;
  readonly #credentials: CredentialPair;
  readonly #crypto: StunCrypto;
  readonly #random: Random;
  readonly #ids = new Uint8Array(ID_COUNT * TRANSACTION_ID_LENGTH);
  #sentCount = 0;
  #heardAt: Millis;
  #nextSendAt: Millis;

  constructor(
    now: Millis,
    pair: CandidatePair,
    credentials: CredentialPair,
    crypto: StunCrypto,
    random: Random,
  ) {
    this.pair = pair;
    this.#credentials = credentials;
    this.#crypto = crypto;
    this.#random = random;
    this.#heardAt = now;
    this.#nextSendAt = after(now, this.#interval());
  }

  /** Renews consent: the peer was heard on the selected pair. */
  noteHeard(now: Millis): void {
    this.#heardAt = now;
  }

  /** Takes an answer to one of the last checks; false when it is none. */
  handleResponse(now: Millis, response: StunView): boolean {
    for (let i = 0; i < Math.min(this.#sentCount, ID_COUNT); i++) {
      if (!response.hasTransactionId(this.#ids, i * TRANSACTION_ID_LENGTH)) continue;
      const isSuccess = response.messageClass === StunClass.success;
      if (isSuccess && response.hasValidIntegrity(this.#crypto, this.#credentials.remoteKey))
        this.noteHeard(now);
      return true;
    }
    return false;
  }

  get suspectAt(): Millis {
    return after(this.#heardAt, SUSPECT_MS);
  }

  get expiresAt(): Millis {
    return after(this.#heardAt, EXPIRY_MS);
  }

  get nextSendAt(): Millis {
    return this.#nextSendAt;
  }

  /** Makes the check that is due; null when none is. */
  poll(now: Millis, role: Role): Uint8Array | null {
    if (now < this.#nextSendAt) return null;
    const idAt = (this.#sentCount++ % ID_COUNT) * TRANSACTION_ID_LENGTH;
    const id = this.#ids.subarray(idAt, idAt + TRANSACTION_ID_LENGTH);
    this.#random.fill(id);
    this.#nextSendAt = after(now, this.#interval());
    const content = {
      id,
      credentials: this.#credentials,
      role,
      localPriority: this.pair.local.priority,
      isNominating: false,
    };
    return makeCheck(content, this.#crypto);
  }

  #interval(): number {
    return INTERVAL_MS * (0.8 + (0.4 * randomU32(this.#random)) / 2 ** 32);
  }
}
