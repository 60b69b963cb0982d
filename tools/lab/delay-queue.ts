interface Entry {
  readonly at: number;
  /** Keeps entries of the same time in order. */
  readonly number: number;
  readonly action: () => void;
}

/** Runs actions at their times (`performance.now()`), in order of time, with one timer. */
export class DelayQueue {
  readonly #capacity: number;
  /** A binary heap by time. */
  readonly #heap: Entry[] = [];
  #count = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Returns false, and drops the action, when the queue is full. */
  add(at: number, action: () => void): boolean {
    if (this.#heap.length >= this.#capacity) return false;
    this.#heap.push({ at, number: this.#count++, action });
    this.#rise(this.#heap.length - 1);
    if (this.#heap[0]?.at === at) this.#arm();
    return true;
  }

  clear(): void {
    this.#heap.length = 0;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const first = this.#heap[0];
    this.#timer = first
      ? setTimeout(() => this.#run(), Math.max(0, first.at - performance.now()))
      : null;
  }

  #run(): void {
    const now = performance.now();
    for (let first = this.#heap[0]; first && first.at <= now; first = this.#heap[0]) {
      this.#removeFirst();
      first.action();
    }
    this.#arm();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(index: number): void {
    for (let at = index; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, first)) first = child;
      }
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a]!, this.#heap[b]!];
    return x.at < y.at || (x.at === y.at && x.number < y.number);
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = kept;
  }
}
