export type LevelVerdict = 'waiting' | 'silent' | 'good' | 'loud';

/** A live microphone in a quiet room is above this; a muted one gives exact zeros. */
const SILENCE_LEVEL = 0.004;
const SPEECH_LEVEL = 0.3;
const CLIPPING_LEVEL = 0.97;
const SILENT_AFTER_MS = 4_000;
/** So many of the last readings at the limit mean clipping. */
const CLIPPED_READINGS = 8;

/** Tells from level readings what is wrong with a microphone, if anything. */
export class LevelJudge {
  #lastSound: number | null = null;
  #hasSpoken = false;
  #clipped = 0;

  /** `now`: ms of a steady clock. `level`: 0 to 1. */
  judge(now: number, level: number): LevelVerdict {
    this.#lastSound ??= now;
    if (level > SILENCE_LEVEL) this.#lastSound = now;
    if (level > SPEECH_LEVEL) this.#hasSpoken = true;
    this.#clipped = level >= CLIPPING_LEVEL ? this.#clipped + 1 : Math.max(0, this.#clipped - 0.1);
    if (this.#clipped >= CLIPPED_READINGS) return 'loud';
    if (now - this.#lastSound >= SILENT_AFTER_MS) return 'silent';
    return this.#hasSpoken ? 'good' : 'waiting';
  }
}
