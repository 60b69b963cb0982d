import type { Millis } from '@switchyard/core/base';

/** How often the main process hears something of a worker, ms: a hang is noticed within 500. */
const INTERVAL_MS = 100;

/** Says when a worker that has nothing to tell should send a sign of life. */
export class Heartbeat {
  #lastAt: Millis;

  constructor(now: Millis) {
    this.#lastAt = now;
  }

  /** Once a turn: true when a sign is due. `told`: something is sent anyway, which is one. */
  isDue(now: Millis, told: boolean): boolean {
    if (!told && now - this.#lastAt < INTERVAL_MS) return false;
    this.#lastAt = now;
    return !told;
  }
}
