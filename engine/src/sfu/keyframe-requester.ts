import { after, type Millis, NEVER } from '@switchyard/core/base';

/** At most one request per layer in this time, ms: a room full of joiners is one PLI. */
const THROTTLE_MS = 500;
/** A request that no keyframe followed is repeated after this, ms, longer than a slow round trip. */
const RETRY_MS = 1_000;
/** Publishers that never answer are asked no more until somebody wants a keyframe anew. */
const MAX_TRIES = 10;

/**
 * Decides when a publisher is asked for a keyframe: requests of any number of receivers are joined,
 * throttled, and repeated until one comes. RFC 4585 §6.3.1 leaves that to the sender of PLI.
 */
export class KeyframeRequester {
  #lastSent = Number.NEGATIVE_INFINITY;
  #wanted = false;
  #tries = 0;
  #deadline: Millis = NEVER;

  /** Whether a request waits for its keyframe. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  /** Somebody needs a keyframe. */
  want(now: Millis): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#tries = 0;
    this.#deadline = after(now, Math.max(0, this.#lastSent + THROTTLE_MS - now));
  }

  /** A keyframe has started to arrive. */
  satisfied(): void {
    this.#wanted = false;
    this.#deadline = NEVER;
  }

  nextTimeout(): Millis {
    return this.#deadline;
  }

  /** True when a PLI is to be sent now. */
  poll(now: Millis): boolean {
    if (now < this.#deadline) return false;
    this.#lastSent = now;
    this.#tries++;
    if (this.#tries >= MAX_TRIES) this.satisfied();
    else this.#deadline = after(now, RETRY_MS);
    return true;
  }
}
