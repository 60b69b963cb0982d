import { after, type Millis, type Random } from '../base/index.ts';
import {
  StunAttribute,
  StunClass,
  type StunCrypto,
  StunMethod,
  StunWriter,
  TRANSACTION_ID_LENGTH,
} from '../stun/index.ts';
import type { CredentialPair } from './credentials.ts';
import type { Role } from './role.ts';

/** RFC 8489 §6.2.1. */
const SEND_COUNT = 7;
const LAST_WAIT_FACTOR = 16;
const writer = new StunWriter();

/** One of our checks: its id, what it says, and when it is sent again. RFC 8489 §6.2.1. */
export class CheckTransaction {
  readonly id = new Uint8Array(TRANSACTION_ID_LENGTH);
  readonly isNominating: boolean;
  /** Our role when it was made; an answer of 487 speaks of that one. */
  readonly isControlling: boolean;
  /** When it is to be sent again, or has failed. */
  dueAt: Millis;
  #rtoMs: number;
  #sentCount = 0;
  readonly #firstRtoMs: number;

  /** @param rtoMs the wait after the first sending; it doubles. */
  constructor(now: Millis, random: Random, role: Role, rtoMs: number, isNominating: boolean) {
    random.fill(this.id);
    this.isControlling = role.isControlling;
    this.isNominating = isNominating;
    this.dueAt = now;
    this.#rtoMs = rtoMs;
    this.#firstRtoMs = rtoMs;
  }

  /** Whether all was sent and waited for in vain. */
  hasFailed(now: Millis): boolean {
    return this.#sentCount >= SEND_COUNT && now >= this.dueAt;
  }

  noteSent(now: Millis): void {
    const isLast = ++this.#sentCount >= SEND_COUNT;
    this.dueAt = after(now, isLast ? this.#firstRtoMs * LAST_WAIT_FACTOR : this.#rtoMs);
    this.#rtoMs *= 2;
  }

  /** Sends again at once, because the peer has just shown to be there. RFC 8445 §7.3.1.4. */
  hasten(now: Millis): void {
    if (this.#sentCount < SEND_COUNT) this.dueAt = now;
  }
}

export interface CheckContent {
  readonly id: Uint8Array;
  readonly credentials: CredentialPair;
  readonly role: Role;
  /** That of the local base; the check offers it with the type preference of prflx. RFC 8445 §7.1.1. */
  readonly localPriority: number;
  readonly isNominating: boolean;
}

/** Writes a connectivity check (RFC 8445 §7.1) into new bytes. */
export function makeCheck(content: CheckContent, crypto: StunCrypto): Uint8Array {
  const { credentials, role } = content;
  const buf = new Uint8Array(640); // a USERNAME has at most 513 bytes
  writer
    .begin(buf, 0, StunClass.request, StunMethod.binding, content.id, 0)
    .addText(StunAttribute.username, credentials.outgoingUsername)
    .addU32(StunAttribute.priority, 110 * 2 ** 24 + (content.localPriority % 2 ** 24))
    .addBytes(
      role.isControlling ? StunAttribute.iceControlling : StunAttribute.iceControlled,
      role.tieBreaker,
    );
  if (content.isNominating) writer.addFlag(StunAttribute.useCandidate);
  const length = writer.addIntegrity(crypto, credentials.remoteKey).addFingerprint().finish();
  return buf.subarray(0, length);
}
