/** Packets behind the newest that are still told apart, as libwebrtc configures libsrtp. */
export const REPLAY_WINDOW = 1024;

/**
 * Which of the last 1024 indexes have been accepted (RFC 3711 §3.3.2). The owner keeps the highest
 * index and speaks of others by their distance to it, so the full 48 bits are never needed here.
 */
export class ReplayWindow {
  readonly #seen = new Uint32Array(REPLAY_WINDOW / 32);
  /** The highest index modulo the window. */
  #head = 0;

  /** @param distance index minus highest index: positive for a newer packet. */
  isFresh(distance: number): boolean {
    if (distance > 0) return true;
    if (distance <= -REPLAY_WINDOW) return false;
    const bit = (this.#head + distance) & (REPLAY_WINDOW - 1);
    return (this.#seen[bit >>> 5]! & (1 << (bit & 31))) === 0;
  }

  /** Marks an index as accepted; a positive distance makes it the highest. */
  accept(distance: number): void {
    if (distance >= REPLAY_WINDOW) this.#seen.fill(0);
    else for (let i = 1; i <= distance; i++) this.#clear(this.#head + i);
    const bit = (this.#head + distance) & (REPLAY_WINDOW - 1);
    if (distance > 0) this.#head = bit;
    this.#seen[bit >>> 5]! |= 1 << (bit & 31);
  }

  /** Forgets everything; the next index accepted with distance 0 is the highest. */
  reset(): void {
    this.#seen.fill(0);
    this.#head = 0;
  }

  #clear(index: number): void {
    const bit = index & (REPLAY_WINDOW - 1);
    this.#seen[bit >>> 5]! &= ~(1 << (bit & 31));
  }
}
