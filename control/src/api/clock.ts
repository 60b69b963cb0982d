import type { Millis } from '@switchyard/core/base';

/** The time, as the edges get it from the process. */
export interface Clock {
  /** The monotonic clock. */
  now(): Millis;
  /** Milliseconds since the epoch. */
  wallClock(): number;
  /** Runs something once at `at` or soon after; the returned function cancels it. */
  schedule(at: Millis, run: () => void): () => void;
}
