import type { Millis } from '../base/index.ts';

/** A level takes about this long to rise to a louder one, and to fall to a softer one. */
const RISE_MS = 60;
const FALL_MS = 300;
/** Packets 20 ms apart; a longer gap is silence that was not sent (DTX), which fades the level. */
const GAP_MS = 200;
const SILENCE = 127;

/**
 * How loud a participant is, from the levels in the packets (RFC 6464: 0 is the loudest, 127 silence,
 * in -dBov), smoothed so that a report every 200 ms follows speech and not syllables.
 */
export class AudioLevelMeter {
  /** Smoothed, 0 (silence) to 127 (full scale), dB. */
  #loudness = 0;
  #updatedAt = -1;

  /** Takes in the level of one packet, 0..127 -dBov. */
  handleLevel(now: Millis, level: number): void {
    const loudness = SILENCE - (level & 0x7f);
    if (this.#updatedAt < 0) this.#updatedAt = now - 20;
    const elapsed = Math.max(now - this.#updatedAt, 0);
    this.#updatedAt = now;
    const constant = loudness > this.#loudness ? RISE_MS : FALL_MS;
    this.#loudness += (loudness - this.#loudness) * Math.min(1, elapsed / constant);
  }

  /** Loudness at `now`, 0 (silence) to 127 (full scale), in dB above -127 dBov. */
  loudnessAt(now: Millis): number {
    const silentMs = now - this.#updatedAt - GAP_MS;
    if (silentMs <= 0) return this.#loudness;
    return this.#loudness * Math.max(0, 1 - silentMs / FALL_MS);
  }
}
