import { type Millis, millis } from '../base/index.ts';

const MIN_INTERVAL_MS = 1000;
const WINDOW_MS = 60_000;
const MAX_PER_WINDOW = 10;

/** Limits path changes to one a second and ten a minute, so that nobody steers media in circles. SEC-ICE-03. */
export class SwitchLimiter {
  /** Times of the last ten changes, oldest at `#next`. */
  readonly #times = new Float64Array(MAX_PER_WINDOW).fill(Number.NEGATIVE_INFINITY);
  #next = 0;

  /** The earliest time of the next change. */
  get allowedAt(): Millis {
    const last = this.#times[(this.#next + MAX_PER_WINDOW - 1) % MAX_PER_WINDOW]!;
    const oldest = this.#times[this.#next]!;
    return millis(Math.max(last + MIN_INTERVAL_MS, oldest + WINDOW_MS));
  }

  note(now: Millis): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % MAX_PER_WINDOW;
  }
}
