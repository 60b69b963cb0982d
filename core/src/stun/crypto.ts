/** The keyed hashes of STUN, given by the owner: the system's library in the server. */
export interface StunCrypto {
  /** HMAC-SHA1 of `length` bytes of `buf` at `at`, into the first 20 bytes of `out`. */
  hmacSha1(key: Uint8Array, buf: Uint8Array, at: number, length: number, out: Uint8Array): void;
  /** HMAC-SHA256 into the first 32 bytes of `out`. Without it MESSAGE-INTEGRITY-SHA256 never verifies. */
  hmacSha256?(key: Uint8Array, buf: Uint8Array, at: number, length: number, out: Uint8Array): void;
}

const encoder = new TextEncoder();

/** The key of short-term credentials: the password's bytes. Browsers use ASCII, so no SASLprep. RFC 8489 §9.1.1. */
export const shortTermKey = (password: string): Uint8Array => encoder.encode(password);
