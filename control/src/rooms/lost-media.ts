import type { Participant } from './participant.ts';
import type { Workers } from './workers.ts';

/**
 * Tells people to build a new media connection, at a moment when one can be had: while every worker is
 * starting again their offers would only be refused, so they are told when the first one is ready.
 */
export class LostMedia {
  readonly #workers: Workers;
  /** With what they will be told, in the order in which they lost it. */
  readonly #waiting = new Map<Participant, string>();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  announce(participant: Participant, message: string): void {
    if (this.#workers.leastBusy() === null) this.#waiting.set(participant, message);
    else participant.seat.tell({ kind: 'mediaLost', message });
  }

  handleWorkerReady(): void {
    for (const [participant, message] of this.#waiting)
      if (participant.media === null) participant.seat.tell({ kind: 'mediaLost', message });
    this.#waiting.clear();
  }

  forget(participant: Participant): void {
    this.#waiting.delete(participant);
  }
}
