import {
  rejectRequest,
  rejectSignedRequest,
  StunAttribute,
  type StunCrypto,
  type StunView,
} from '../stun/index.ts';
import type { CredentialPair } from './credentials.ts';

/** What an incoming check is. Nothing but `accepted` may change any state. */
export const CheckVerdict = {
  accepted: 0,
  /** No USERNAME, no MESSAGE-INTEGRITY, or no PRIORITY: 400. */
  malformed: 1,
  /** Not our user name, or the integrity is wrong: 401. */
  unauthorized: 2,
  /** Authentic, with an attribute that must be understood and is not: 420. */
  unknownAttribute: 3,
  /** Authentic, from an agent that has our role: 487. */
  roleConflict: 4,
  /** FINGERPRINT wrong, or not a Binding request: no answer. */
  ignored: 5,
} as const;
export type CheckVerdict = (typeof CheckVerdict)[keyof typeof CheckVerdict];

/** The error code that answers a check, by verdict; 0 for none. */
const ERRORS: readonly number[] = [0, 400, 401, 420, 487, 0];

/** Whether whoever sent a check with this verdict has proved to know our password. */
export const isAuthentic = (verdict: CheckVerdict): boolean =>
  verdict === CheckVerdict.accepted ||
  verdict === CheckVerdict.unknownAttribute ||
  verdict === CheckVerdict.roleConflict;

/**
 * Authenticates a check (RFC 8489 §9.1.3, RFC 8445 §7.3): USERNAME, MESSAGE-INTEGRITY by our
 * password, FINGERPRINT right if present. Roles are the caller's to compare.
 */
export function authenticateCheck(
  request: StunView,
  credentials: CredentialPair,
  crypto: StunCrypto,
): CheckVerdict {
  if (request.fingerprintAt >= 0 && !request.hasValidFingerprint()) return CheckVerdict.ignored;
  const usernameAt = request.find(StunAttribute.username);
  if (usernameAt < 0 || request.integrityAt < 0) return CheckVerdict.malformed;
  if (!credentials.matchesUsername(request.buf, usernameAt, request.lengthOf(usernameAt)))
    return CheckVerdict.unauthorized;
  if (!request.hasValidIntegrity(crypto, credentials.localKey)) return CheckVerdict.unauthorized;
  if (request.unknownCount > 0) return CheckVerdict.unknownAttribute;
  return request.findSized(StunAttribute.priority, 4) < 0
    ? CheckVerdict.malformed
    : CheckVerdict.accepted;
}

/**
 * Writes the refusal of a check, signed if its sender is authentic. Returns the length, 0 when the
 * check deserves none.
 */
export function writeRefusal(
  request: StunView,
  verdict: CheckVerdict,
  crypto: StunCrypto,
  key: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  const code = ERRORS[verdict]!; // one for each verdict
  if (code === 0) return 0;
  return isAuthentic(verdict)
    ? rejectSignedRequest(request, code, crypto, key, out, at)
    : rejectRequest(request, code, out, at);
}
