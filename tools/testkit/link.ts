import { after, type Millis, millis } from '@switchyard/core/base';
import type { SeededRandom } from './seeded-random.ts';

export interface LinkOptions {
  /** Share of datagrams lost at random, 0..1; default 0. */
  readonly lossRatio?: number;
  /** One-way delay in ms; default 0. */
  readonly latencyMs?: number;
  /** Up to this much more delay, uniformly, without changing the order; default 0. */
  readonly jitterMs?: number;
  /** Share of datagrams, 0..1, delayed by one more latency plus 10 ms, past others; default 0. */
  readonly reorderRatio?: number;
  /** Bits a second; default unlimited. */
  readonly rateBps?: number;
  /** The longest wait in the queue before the bottleneck, in ms; more is dropped. Default 200. */
  readonly queueMs?: number;
}

/** One direction of a network path: loss, delay and a bottleneck with a drop-tail queue. */
export class Link {
  /** May be replaced while running: the path then changes for later datagrams. */
  options: LinkOptions;
  /** Loses everything while true. */
  isDown = false;
  readonly #random: SeededRandom;
  #freeAt = millis(0);
  #lastArrival = millis(0);

  constructor(random: SeededRandom, options: LinkOptions) {
    this.#random = random;
    this.options = options;
  }

  /** When a datagram of `length` bytes, sent `now`, arrives; null when it is lost. */
  transit(now: Millis, length: number): Millis | null {
    const { lossRatio = 0, latencyMs = 0, jitterMs = 0, reorderRatio = 0 } = this.options;
    if (this.isDown || this.#random.fraction() < lossRatio) return null;
    const sent = this.#pass(now, length);
    if (sent === null) return null;
    const arrival = after(sent, latencyMs + this.#random.fraction() * jitterMs);
    if (this.#random.fraction() < reorderRatio) return after(arrival, latencyMs + 10);
    this.#lastArrival = millis(Math.max(arrival, this.#lastArrival));
    return this.#lastArrival;
  }

  /** The end of transmission through the bottleneck; null when its queue is full. */
  #pass(now: Millis, length: number): Millis | null {
    const { rateBps = Number.POSITIVE_INFINITY, queueMs = 200 } = this.options;
    const start = millis(Math.max(now, this.#freeAt));
    if (start - now > queueMs) return null;
    this.#freeAt = after(start, (length * 8000) / rateBps);
    return this.#freeAt;
  }
}
