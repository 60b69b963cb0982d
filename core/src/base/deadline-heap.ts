import { type Millis, NEVER } from './time.ts';

/**
 * A binary heap of one deadline per small integer key (a peer's index, say). Setting, moving and
 * removing cost O(log n) and allocate nothing once the arrays have grown to the number of keys.
 */
export class DeadlineHeap {
  readonly #keys: number[] = [];
  /** Position of a key in `#keys`, -1 when absent; indexed by key. */
  readonly #positions: number[] = [];
  readonly #deadlines: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** The earliest deadline; `NEVER` when empty. */
  get earliest(): Millis {
    return this.#keys.length === 0 ? NEVER : (this.#deadlines[this.#keys[0]!]! as Millis);
  }

  /** The key whose deadline is earliest; -1 when empty. */
  get first(): number {
    return this.#keys[0] ?? -1;
  }

  /** Gives `key` (an integer >= 0) a deadline, or moves it; `NEVER` removes it. */
  set(key: number, deadline: Millis): void {
    while (this.#positions.length <= key) {
      this.#positions.push(-1);
      this.#deadlines.push(NEVER);
    }
    if (deadline === NEVER) {
      this.delete(key);
      return;
    }
    const before = this.#deadlines[key]!;
    this.#deadlines[key] = deadline;
    let position = this.#positions[key]!;
    if (position < 0) {
      position = this.#keys.length;
      this.#keys.push(key);
      this.#positions[key] = position;
      this.#rise(position);
    } else if (deadline < before) this.#rise(position);
    else this.#sink(position);
  }

  delete(key: number): void {
    const position = this.#positions[key] ?? -1;
    if (position < 0) return;
    this.#positions[key] = -1;
    this.#deadlines[key] = NEVER;
    const last = this.#keys.pop()!;
    if (last === key) return;
    this.#keys[position] = last;
    this.#positions[last] = position;
    this.#rise(position);
    this.#sink(this.#positions[last]!);
  }

  /** Removes and returns a key whose deadline is `now` or earlier; -1 when there is none. */
  popDue(now: Millis): number {
    const key = this.first;
    if (key < 0 || this.#deadlines[key]! > now) return -1;
    this.delete(key);
    return key;
  }

  #rise(start: number): void {
    const keys = this.#keys;
    const key = keys[start]!;
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = keys[parent]!;
      if (this.#deadlines[above]! <= this.#deadlines[key]!) break;
      keys[position] = above;
      this.#positions[above] = position;
      position = parent;
    }
    keys[position] = key;
    this.#positions[key] = position;
  }

  #sink(start: number): void {
    const keys = this.#keys;
    const key = keys[start]!;
    let position = start;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= keys.length) break;
      if (
        child + 1 < keys.length &&
        this.#deadlines[keys[child + 1]!]! < this.#deadlines[keys[child]!]!
      )
        child++;
      const below = keys[child]!;
      if (this.#deadlines[below]! >= this.#deadlines[key]!) break;
      keys[position] = below;
      this.#positions[below] = position;
      position = child;
    }
    keys[position] = key;
    this.#positions[key] = position;
  }
}
