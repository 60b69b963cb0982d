import { SeededRandom } from '../testkit/index.ts';

/** What one direction of a path does to datagrams. Everything left out does nothing. */
export interface ImpairmentOptions {
  /** Independent loss, percent. */
  readonly lossPercent?: number;
  /**
   * Loss in bursts (Gilbert-Elliott): the chance per datagram to enter the bad state, in which everything is lost, and
   * the chance to leave it; percent.
   */
  readonly burst?: { readonly enterPercent: number; readonly leavePercent: number };
  readonly delayMs?: number;
  /** Up to so much more or less delay; keeps the order. */
  readonly jitterMs?: number;
  /** Datagrams that skip delay and jitter, so that they overtake others; percent. */
  readonly reorderPercent?: number;
  readonly duplicatePercent?: number;
  /** Bottleneck, kilobits a second. */
  readonly rateKbps?: number;
  /** Longest wait before the bottleneck; a datagram that would wait longer is dropped. Default 300. */
  readonly queueMs?: number;
}

export interface ImpairmentCounters {
  received: number;
  /** Lost at random, singly or in bursts. */
  lost: number;
  /** Dropped because the queue before the bottleneck was full. */
  tailDropped: number;
  reordered: number;
  duplicated: number;
  delivered: number;
}

/** No datagram is held longer, whatever the options say. */
const MAX_DELAY_MS = 10_000;
const DEFAULT_QUEUE_MS = 300;

/**
 * One direction of an impaired path, as a pure machine. The fate of the n-th datagram depends on the seed and n (and,
 * with a rate, on the times): each datagram draws the same number of random values, so changing one option while
 * running, or a datagram more in the other direction, leaves all other draws as they were.
 */
export class Impairment {
  options: ImpairmentOptions;
  readonly counters: ImpairmentCounters = {
    received: 0,
    lost: 0,
    tailDropped: 0,
    reordered: 0,
    duplicated: 0,
    delivered: 0,
  };
  readonly #random: SeededRandom;
  #inBurst = false;
  #bottleneckFreeAt = 0;
  #lastArrival = 0;

  constructor(seed: number, options: ImpairmentOptions) {
    this.#random = new SeededRandom(seed);
    this.options = options;
  }

  /** When the copies of a datagram of `length` bytes, sent at `now`, arrive: none, one or two times (ms). */
  decide(now: number, length: number): number[] {
    const [loss, burst, jitter, reorder, duplicate] = this.#draw();
    const { lossPercent = 0, duplicatePercent = 0, reorderPercent = 0 } = this.options;
    this.counters.received++;
    if (this.#isLostInBurst(burst) || loss < lossPercent) {
      this.counters.lost++;
      return [];
    }
    const sent = this.#passBottleneck(now, length);
    if (sent === null) {
      this.counters.tailDropped++;
      return [];
    }
    const arrival = this.#arrive(sent, jitter, reorder < reorderPercent);
    const copies = duplicate < duplicatePercent ? [arrival, arrival] : [arrival];
    this.counters.duplicated += copies.length - 1;
    this.counters.delivered += copies.length;
    return copies;
  }

  /** Percent values for the five decisions, always all of them. */
  #draw(): [loss: number, burst: number, jitter: number, reorder: number, duplicate: number] {
    const next = () => this.#random.fraction() * 100;
    return [next(), next(), next(), next(), next()];
  }

  #isLostInBurst(draw: number): boolean {
    const { burst } = this.options;
    if (!burst) this.#inBurst = false;
    else if (this.#inBurst) this.#inBurst = draw >= burst.leavePercent;
    else this.#inBurst = draw < burst.enterPercent;
    return this.#inBurst;
  }

  #passBottleneck(now: number, length: number): number | null {
    const { rateKbps, queueMs = DEFAULT_QUEUE_MS } = this.options;
    if (rateKbps === undefined) return now;
    const start = Math.max(now, this.#bottleneckFreeAt);
    if (start - now > queueMs) return null;
    this.#bottleneckFreeAt = start + (length * 8) / rateKbps;
    return this.#bottleneckFreeAt;
  }

  #arrive(sent: number, jitter: number, overtakes: boolean): number {
    const { delayMs = 0, jitterMs = 0 } = this.options;
    if (overtakes) {
      this.counters.reordered++;
      return sent;
    }
    const delay = delayMs + (jitter / 50 - 1) * jitterMs;
    const arrival = sent + Math.min(MAX_DELAY_MS, Math.max(0, delay));
    this.#lastArrival = Math.max(arrival, this.#lastArrival);
    return this.#lastArrival;
  }
}
