import type { ServerEvent } from '@switchyard/core/signal';

/** Events kept for one session; a client that missed more gets the whole state anew. */
const CAPACITY = 512;

/** An event before it has its number. */
export type EventBody = ServerEvent extends infer Event
  ? Event extends ServerEvent
    ? Omit<Event, 'seq'>
    : never
  : never;

/** The last events of one session, numbered from 1 without gaps. */
export class EventLog {
  readonly #ring: ServerEvent[] = [];
  #last = 0;

  /** Number of the newest event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  append(body: EventBody): ServerEvent {
    this.#last++;
    const event: ServerEvent = { ...body, seq: this.#last };
    this.#ring[this.#last % CAPACITY] = event;
    return event;
  }

  /** The events after number `seen`, oldest first; null when some of them are no longer kept. */
  since(seen: number): readonly ServerEvent[] | null {
    if (seen > this.#last || this.#last - seen > CAPACITY) return null;
    return Array.from(
      { length: this.#last - seen },
      (_, i) => this.#ring[(seen + 1 + i) % CAPACITY]!,
    );
  }
}
