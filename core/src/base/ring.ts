/** A bounded first-in first-out queue. When full, `push` refuses; nothing grows without a limit. */
export class Ring<T> {
  readonly #items: (T | undefined)[];
  #head = 0;
  #size = 0;

  /** @param capacity the most items held at once, >= 1. */
  constructor(capacity: number) {
    this.#items = new Array<T | undefined>(capacity).fill(undefined);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends; returns false, changing nothing, when full. */
  push(item: T): boolean {
    if (this.#size === this.#items.length) return false;
    this.#items[(this.#head + this.#size++) % this.#items.length] = item;
    return true;
  }

  /** Removes and returns the oldest; undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#items.length;
    this.#size--;
    return item;
  }

  /** The item `index` places behind the oldest; undefined beyond the end. */
  at(index: number): T | undefined {
    return index < this.#size ? this.#items[(this.#head + index) % this.#items.length] : undefined;
  }
}
