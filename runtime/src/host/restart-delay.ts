import type { Millis } from '@switchyard/core/base';

/** A worker that lived shorter than this may be one that cannot live: restarting it at once would only burn CPU. */
const SHORT_LIFE_MS = 10_000;
/** So many short lives in a row are still followed by a restart at once. */
const FREE_RESTARTS = 3;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** Decides how long to wait before a worker is started again: not at all, unless it keeps crashing. */
export class RestartDelay {
  #shortLives = 0;

  /** The wait in ms after a process that ran from `startedAt` to `endedAt`. */
  next(startedAt: Millis, endedAt: Millis): number {
    if (endedAt - startedAt >= SHORT_LIFE_MS) this.#shortLives = 0;
    else this.#shortLives++;
    const excess = this.#shortLives - FREE_RESTARTS;
    return excess <= 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (excess - 1), LONGEST_DELAY_MS);
  }
}
