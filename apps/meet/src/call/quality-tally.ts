import type { ConnectionQuality } from '@switchyard/client';

/** How much of a call was spent in each quality; ratios that add up to 1, all 0 for a call of no length. */
export type QualityShares = Readonly<Record<ConnectionQuality, number>>;

const QUALITIES: readonly ConnectionQuality[] = ['excellent', 'good', 'poor', 'lost'];

/** Adds up the time spent in each quality. Times are ms of one steady clock. */
export class QualityTally {
  readonly #spent: Record<ConnectionQuality, number> = { excellent: 0, good: 0, poor: 0, lost: 0 };
  #quality: ConnectionQuality = 'excellent';
  #since: number;
  #dropCount = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** How often the connection was lost so far. */
  get dropCount(): number {
    return this.#dropCount;
  }

  note(now: number, quality: ConnectionQuality): void {
    this.#spent[this.#quality] += Math.max(0, now - this.#since);
    if (quality === 'lost' && this.#quality !== 'lost') this.#dropCount++;
    this.#since = now;
    this.#quality = quality;
  }

  shares(now: number): QualityShares {
    this.note(now, this.#quality);
    const total = QUALITIES.reduce((sum, one) => sum + this.#spent[one], 0);
    const share = (one: ConnectionQuality) => (total > 0 ? this.#spent[one] / total : 0);
    return {
      excellent: share('excellent'),
      good: share('good'),
      poor: share('poor'),
      lost: share('lost'),
    };
  }
}
