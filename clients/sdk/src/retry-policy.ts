const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
/** A first join that fails is tried once more (a proxy that restarts), then reported: people wait. */
const MAX_FIRST_ATTEMPTS = 2;
/** A lost session is given up after this time, but never before so many attempts (a laptop slept). */
const GIVE_UP_AFTER_MS = 120_000;
const MIN_ATTEMPTS = 5;

/** When to try again, and when not to any more. Times are ms; `random` gives 0 to below 1. */
export class RetryPolicy {
  readonly #random: () => number;
  #attempts = 0;
  #brokenSince = 0;
  #hadSuccess = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether there was a session before: then patience is longer. */
  get hadSuccess(): boolean {
    return this.#hadSuccess;
  }

  noteAttempt(): void {
    this.#attempts++;
  }

  noteSuccess(): void {
    this.#attempts = 0;
    this.#hadSuccess = true;
  }

  noteLoss(now: number): void {
    this.#brokenSince = now;
  }

  isHopeless(now: number): boolean {
    return this.#hadSuccess
      ? this.#attempts >= MIN_ATTEMPTS && now - this.#brokenSince >= GIVE_UP_AFTER_MS
      : this.#attempts >= MAX_FIRST_ATTEMPTS;
  }

  /** Doubles its ceiling with each attempt; full jitter, so that a room does not return in one moment. */
  nextDelay(): number {
    const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#attempts);
    return FIRST_BACKOFF_MS + this.#random() * (ceiling - FIRST_BACKOFF_MS);
  }
}
