import { TokenBucket } from '@switchyard/control/rooms';
import type { Millis } from '@switchyard/core/base';

/** An encoder that comes back at once after each failure makes one attempt every few seconds. */
const BURST = 10;
const PER_SECOND = 0.5;

/** Those remembered; beyond it the longest unseen one is forgotten. */
const MAX_KEYS = 10_000;

/** Bounds how often one identity opens sessions. */
export class AttemptLimiter {
  readonly #buckets = new Map<string, TokenBucket>();

  /** False when `key` made too many attempts lately. */
  take(now: Millis, key: string): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(now, BURST, PER_SECOND);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_KEYS) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.take(now);
  }
}
