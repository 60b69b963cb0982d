import { after, earlier, type Millis, NEVER, type Random } from '../base/index.ts';
import {
  StunAttribute,
  StunClass,
  type StunCrypto,
  StunMethod,
  type StunView,
  StunWriter,
  TRANSACTION_ID_LENGTH,
} from '../stun/index.ts';
import type { CredentialPair } from './credentials.ts';
import { debitPath, type Path } from './path-table.ts';

/** A probe is sent up to three times, then given up. */
const RETRANSMIT_MS = 300;
const SEND_COUNT = 3;
const GIVE_UP_MS = 1000;

/** Priority of a peer-reflexive candidate with the highest local preference. RFC 8445 §5.1.2. */
const PROBE_PRIORITY = (110 << 24) | (0xffff << 8) | 255;

/**
 * The return-routability check of a lite agent: one Binding request to an address that has become
 * interesting, to see whether its owner, not just its spoofer, is there. Lite agents send no others.
 */
export class PathProbe {
  readonly #crypto: StunCrypto;
  readonly #random: Random;
  readonly #writer = new StunWriter();
  readonly #transactionId = new Uint8Array(TRANSACTION_ID_LENGTH);
  readonly #tieBreaker = new Uint8Array(8);
  #path: Path | null = null;
  #startedAt = NEVER;
  #nextSendAt = NEVER;
  #sentCount = 0;

  constructor(crypto: StunCrypto, random: Random) {
    this.#crypto = crypto;
    this.#random = random;
    random.fill(this.#tieBreaker);
  }

  /** The path being probed; null when none. */
  get path(): Path | null {
    return this.#path;
  }

  /** When the present probe began; `NEVER` before the first. */
  get startedAt(): Millis {
    return this.#startedAt;
  }

  start(now: Millis, path: Path): void {
    this.#random.fill(this.#transactionId);
    this.#path = path;
    this.#startedAt = now;
    this.#nextSendAt = now;
    this.#sentCount = 0;
  }

  stop(): void {
    this.#path = null;
  }

  /** When the probe is to be sent again or ends without an answer; `NEVER` when idle. */
  nextTimeout(): Millis {
    if (this.#path === null) return NEVER;
    const end = after(this.#startedAt, GIVE_UP_MS);
    return this.#sentCount < SEND_COUNT ? earlier(this.#nextSendAt, end) : end;
  }

  /** Whether the probe has gone without an answer for 1 s. */
  hasExpired(now: Millis): boolean {
    return this.#path !== null && now - this.#startedAt >= GIVE_UP_MS;
  }

  /** Whether `response` is the answer from the probed path. An error proves the address as well. */
  isAnswer(response: StunView, tuple: number, credentials: CredentialPair): boolean {
    return (
      this.#path?.tuple === tuple &&
      this.#sentCount > 0 &&
      response.hasTransactionId(this.#transactionId, 0) &&
      response.hasValidIntegrity(this.#crypto, credentials.remoteKey)
    );
  }

  /** Writes the probe when it is due; returns its length, 0 when it cannot be sent now. */
  poll(now: Millis, credentials: CredentialPair, out: Uint8Array, at: number): number {
    const path = this.#path;
    if (path === null || this.#sentCount >= SEND_COUNT) return 0;
    if (now < this.#nextSendAt) return 0;
    this.#sentCount++;
    this.#nextSendAt = after(now, RETRANSMIT_MS);
    if (credentials.remote === null) return 0;
    const length = this.#writer
      .begin(out, at, StunClass.request, StunMethod.binding, this.#transactionId, 0)
      .addText(StunAttribute.username, credentials.outgoingUsername)
      .addU32(StunAttribute.priority, PROBE_PRIORITY)
      .addBytes(StunAttribute.iceControlled, this.#tieBreaker)
      .addIntegrity(this.#crypto, credentials.remoteKey)
      .addFingerprint()
      .finish();
    return debitPath(path, length) ? length : 0;
  }
}
