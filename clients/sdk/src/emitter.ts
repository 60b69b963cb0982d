/** Argument lists by event name. */
export type EventMap<T> = { [K in keyof T]: readonly unknown[] };

type Listener<Arguments extends readonly unknown[]> = (...args: Arguments) => void;

/** Typed events. A listener that throws does not keep the others from hearing: the error is reported. */
export class Emitter<Events extends EventMap<Events>> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `listener` at each `event`; the returned function ends that. */
  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
    }
    // A wrapper per call: the same function added twice is heard twice and removed once.
    const own: Listener<Events[K]> = (...args) => listener(...args);
    listeners.add(own as Listener<never>);
    return () => void listeners.delete(own as Listener<never>);
  }

  /** Resolves with the next such event's arguments. */
  once<K extends keyof Events>(event: K): Promise<Events[K]> {
    return new Promise((resolve) => {
      const stop = this.on(event, (...args) => {
        stop();
        resolve(args);
      });
    });
  }

  /** For the SDK itself. */
  emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    const listeners = this.#listeners.get(event);
    if (!listeners) return;
    for (const listener of [...listeners]) {
      try {
        (listener as unknown as Listener<Events[K]>)(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Whether anybody listens; lets costly work be left out. */
  hasListeners(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }
}
