import { type Millis, millis } from '../base/index.ts';

/**
 * Token buckets for answers to unauthenticated sources, in a fixed table: a flood from any number of
 * addresses costs no memory. The key is a hash of the source's prefix (/32 for IPv4, /64 for IPv6),
 * salted by the owner; sources whose hashes collide share one bucket, which errs to silence.
 */
export class SourceRateLimiter {
  readonly #ratePerMs: number;
  readonly #burst: number;
  readonly #tokens: Float64Array;
  readonly #refilledAt: Float64Array;

  /**
   * @param ratePerSecond answers a second in the long run, and at once, per source; >= 1.
   * @param slotCount a power of two; sources that share a slot share its tokens.
   */
  constructor(ratePerSecond: number, slotCount = 4096) {
    this.#ratePerMs = ratePerSecond / 1000;
    this.#burst = ratePerSecond;
    this.#tokens = new Float64Array(slotCount).fill(ratePerSecond);
    this.#refilledAt = new Float64Array(slotCount);
  }

  /** Takes a token of the source with hash `key` (any 32-bit integer); false when it has none left. */
  take(now: Millis, key: number): boolean {
    const slot = key & (this.#tokens.length - 1);
    const elapsedMs = Math.max(0, now - this.#refilledAt[slot]!);
    const tokens = Math.min(this.#burst, this.#tokens[slot]! + elapsedMs * this.#ratePerMs);
    this.#refilledAt[slot] = Math.max(now, millis(this.#refilledAt[slot]!));
    this.#tokens[slot] = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
  }
}

/** A salted 32-bit FNV-1a hash of the first `prefixLength` bytes of `ip` (4 for IPv4, 8 for an IPv6 /64). */
export function hashPrefix(ip: Uint8Array, prefixLength: number, salt: number): number {
  let hash = (0x811c9dc5 ^ salt) | 0;
  for (let i = 0; i < prefixLength; i++) hash = Math.imul(hash ^ ip[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
