import type { TransportAddress } from '../base/index.ts';
import { StunAttribute, StunClass } from './constants.ts';
import type { StunCrypto } from './crypto.ts';
import type { StunView } from './view.ts';
import { StunWriter } from './writer.ts';

const writer = new StunWriter();

/** Starts the answer to `request`: its method and its transaction id. */
export const beginResponse = (
  to: StunWriter,
  request: StunView,
  messageClass: typeof StunClass.success | typeof StunClass.error,
  out: Uint8Array,
  at: number,
): StunWriter =>
  to.begin(out, at, messageClass, request.method, request.buf, request.transactionIdAt);

/**
 * Answers a Binding request without credentials (RFC 8489 §6.3.1): XOR-MAPPED-ADDRESS and nothing
 * that would help to amplify. Returns the length written, 0 without room.
 */
export const writeBindingSuccess = (
  request: StunView,
  source: TransportAddress,
  out: Uint8Array,
  at: number,
): number =>
  beginResponse(writer, request, StunClass.success, out, at)
    .addXorAddress(StunAttribute.xorMappedAddress, source)
    .finish();

/** Answers an authenticated Binding request (RFC 8445 §7.3). Returns the length written, 0 without room. */
export const writeSignedBindingSuccess = (
  request: StunView,
  source: TransportAddress,
  crypto: StunCrypto,
  key: Uint8Array,
  out: Uint8Array,
  at: number,
): number =>
  beginResponse(writer, request, StunClass.success, out, at)
    .addXorAddress(StunAttribute.xorMappedAddress, source)
    .addIntegrity(crypto, key)
    .addFingerprint()
    .finish();

/**
 * Refuses a request whose sender we do not know: `code` with its reason, for 420 the attributes, no
 * integrity (RFC 8489 §6.3.1.1, §9.1.3). Needs no state; the owner limits how often. Returns the
 * length written, 0 without room.
 */
export function rejectRequest(
  request: StunView,
  code: number,
  out: Uint8Array,
  at: number,
): number {
  beginResponse(writer, request, StunClass.error, out, at).addError(code);
  if (code === 420) writer.addUnknownAttributes(request.unknown, request.unknownCount);
  return writer.finish();
}

/** As `rejectRequest`, to an authenticated sender: with integrity and fingerprint. */
export function rejectSignedRequest(
  request: StunView,
  code: number,
  crypto: StunCrypto,
  key: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  beginResponse(writer, request, StunClass.error, out, at).addError(code);
  if (code === 420) writer.addUnknownAttributes(request.unknown, request.unknownCount);
  return writer.addIntegrity(crypto, key).addFingerprint().finish();
}
