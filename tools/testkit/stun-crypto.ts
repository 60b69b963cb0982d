import { createHmac } from 'node:crypto';
import type { StunCrypto } from '@switchyard/core/stun';

function hmac(algorithm: string) {
  return (key: Uint8Array, buf: Uint8Array, at: number, length: number, out: Uint8Array): void => {
    const message = buf.subarray(at, at + length);
    out.set(createHmac(algorithm, key).update(message).digest());
  };
}

/** The keyed hashes of STUN from node:crypto. */
export const stunCrypto: StunCrypto = { hmacSha1: hmac('sha1'), hmacSha256: hmac('sha256') };
