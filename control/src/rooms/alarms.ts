import { DeadlineHeap, type Millis, NEVER } from '@switchyard/core/base';

/** One deadline of one owner: set it, move it, cancel it, and `dispose` when the owner ends. */
export interface Alarm {
  set(at: Millis): void;
  cancel(): void;
  dispose(): void;
}

/** The deadlines of all rooms, seats and calls in one heap. */
export class Alarms {
  readonly #heap = new DeadlineHeap();
  readonly #actions: (((now: Millis) => void) | null)[] = [];
  readonly #free: number[] = [];

  get earliest(): Millis {
    return this.#heap.earliest;
  }

  /** Makes an alarm that is not set. `action` runs once for each time it goes off. */
  create(action: (now: Millis) => void): Alarm {
    const key = this.#free.pop() ?? this.#actions.length;
    this.#actions[key] = action;
    let live = true;
    return {
      set: (at) => {
        if (live) this.#heap.set(key, at);
      },
      cancel: () => {
        if (live) this.#heap.set(key, NEVER);
      },
      dispose: () => {
        if (!live) return;
        live = false;
        this.#heap.set(key, NEVER);
        this.#actions[key] = null;
        this.#free.push(key);
      },
    };
  }

  /** Runs what is due at `now`, earliest first. */
  run(now: Millis): void {
    for (let key = this.#heap.popDue(now); key >= 0; key = this.#heap.popDue(now))
      this.#actions[key]?.(now);
  }
}
