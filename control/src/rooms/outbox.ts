import type { MediaCommand, WorkerId } from '@switchyard/core/media-api';
import type { ServerMessage } from '@switchyard/core/signal';
import type { SessionId } from './admission.ts';
import type { Output, RoomEvent } from './output.ts';

/** Outputs waiting to be polled, in order. */
export class Outbox {
  #waiting: Output[] = [];
  #next = 0;
  readonly #isAlive: (worker: WorkerId) => boolean;

  /** Commands to workers that are not alive are left out: everything in them is gone. */
  constructor(isAlive: (worker: WorkerId) => boolean) {
    this.#isAlive = isAlive;
  }

  send(session: SessionId, message: ServerMessage): void {
    this.#waiting.push({ kind: 'send', session, message });
  }

  close(session: SessionId, code: number, reason: string): void {
    this.#waiting.push({ kind: 'close', session, code, reason });
  }

  media(worker: WorkerId, command: MediaCommand): void {
    if (this.#isAlive(worker)) this.#waiting.push({ kind: 'media', worker, command });
  }

  event(event: RoomEvent): void {
    this.#waiting.push({ kind: 'event', event });
  }

  poll(): Output | undefined {
    const output = this.#waiting[this.#next];
    if (output === undefined) {
      this.#waiting = [];
      this.#next = 0;
    } else this.#next++;
    return output;
  }
}
