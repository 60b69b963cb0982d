/** Somebody must be the loudest for this long before the stage turns to him: a cough is shorter. ms. */
const TAKES_OVER_AFTER_MS = 1_200;

/** Whom the speaker view shows. Times are ms of a steady clock. */
export class SpeakerFocus {
  #focus: string | null = null;
  #candidate: string | null = null;
  #candidateSince = 0;

  get current(): string | null {
    return this.#focus;
  }

  /** `loudest`: who speaks loudest now; null: nobody, which leaves the stage as it is. */
  observe(now: number, loudest: string | null): void {
    if (loudest === null || loudest === this.#focus) {
      this.#candidate = null;
      return;
    }
    if (this.#focus === null) {
      this.#focus = loudest;
      return;
    }
    if (loudest !== this.#candidate) {
      this.#candidate = loudest;
      this.#candidateSince = now;
    }
    this.#advance(now);
  }

  /** When `handleTimeout` is next wanted; null: not before the next observation. */
  nextTimeout(): number | null {
    return this.#candidate === null ? null : this.#candidateSince + TAKES_OVER_AFTER_MS;
  }

  handleTimeout(now: number): void {
    this.#advance(now);
  }

  /** Somebody left. */
  forget(who: string): void {
    if (this.#focus === who) this.#focus = null;
    if (this.#candidate === who) this.#candidate = null;
  }

  #advance(now: number): void {
    if (this.#candidate === null || now - this.#candidateSince < TAKES_OVER_AFTER_MS) return;
    this.#focus = this.#candidate;
    this.#candidate = null;
  }
}
