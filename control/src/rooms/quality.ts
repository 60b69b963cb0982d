import type { TransportQuality } from '@switchyard/core/media-api';
import type { ConnectionQuality } from '@switchyard/core/signal';

/** Weight of a new measurement: bad news are believed sooner than good ones. */
const FALLING_WEIGHT = 0.6;
const RISING_WEIGHT = 0.25;

/** Lowest scores of the classes. */
const EXCELLENT = 80;
const GOOD = 50;

/** A class is left upwards only so many points above its border, so that it does not flicker. */
const HYSTERESIS = 5;

/**
 * Score 0-100 of one measurement. Without trouble 100; half of it is gone at 10 % loss, 500 ms round trip
 * or 150 ms jitter (about where the E-model, ITU-T G.107, calls a call poor).
 */
export function scoreOf(quality: TransportQuality): number {
  const loss = Math.max(quality.lossUp, quality.lossDown, 0);
  const jitter = Math.max(quality.jitterUpMs, quality.jitterDownMs, 0);
  const lossPenalty = loss * 500;
  const delayPenalty = Math.max(0, quality.rttMs - 150) / 7;
  const jitterPenalty = Math.max(0, jitter - 30) / 2.4;
  return Math.max(0, Math.min(100, 100 - lossPenalty - delayPenalty - jitterPenalty));
}

/** One participant's connection, judged from the worker's reports every 2 s. */
export class QualityMeter {
  #score = 100;
  #quality: ConnectionQuality = 'excellent';

  get quality(): ConnectionQuality {
    return this.#quality;
  }

  /** Smoothed, 0-100, whole points. */
  get score(): number {
    return this.#quality === 'lost' ? 0 : Math.round(this.#score);
  }

  /** Takes a measurement; true when the class changed. */
  handleReport(report: TransportQuality): boolean {
    const score = scoreOf(report);
    const weight = score < this.#score ? FALLING_WEIGHT : RISING_WEIGHT;
    this.#score += (score - this.#score) * weight;
    return this.#set(classOf(this.#score, this.#quality));
  }

  /** No media path: no check for 15 s. True when the class changed. */
  handleLost(): boolean {
    return this.#set('lost');
  }

  /** There is a path again; the class follows with the next report. */
  handleFound(): boolean {
    return this.#quality === 'lost' && this.#set(classOf(this.#score, 'lost'));
  }

  #set(quality: ConnectionQuality): boolean {
    if (quality === this.#quality) return false;
    this.#quality = quality;
    return true;
  }
}

const RANK: Readonly<Record<ConnectionQuality, number>> = {
  lost: 0,
  poor: 1,
  good: 2,
  excellent: 3,
};

function classOf(score: number, present: ConnectionQuality): ConnectionQuality {
  const plain = borderless(score);
  if (RANK[plain] <= RANK[present] || present === 'lost') return plain;
  const cautious = borderless(score - HYSTERESIS);
  return RANK[cautious] > RANK[present] ? cautious : present;
}

function borderless(score: number): ConnectionQuality {
  if (score >= EXCELLENT) return 'excellent';
  return score >= GOOD ? 'good' : 'poor';
}
