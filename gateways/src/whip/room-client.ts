import type { Clock, SessionSink } from '@switchyard/control/api';
import type { Admission, IcePair, SessionId } from '@switchyard/control/rooms';
import { after, err, ok, type Result } from '@switchyard/core/base';
import type { ClientMessage, ServerMessage, SignalError } from '@switchyard/core/signal';
import type { WhipRooms } from './port.ts';

/** The rooms answer at once; this only bounds what a fault there can hold up. */
const REQUEST_TIMEOUT_MS = 10_000;

const TIMEOUT: SignalError = {
  code: 'timeout',
  message: 'The room did not answer in time.',
  fix: 'Try again in a moment.',
  retryable: true,
};

const ENDED: SignalError = {
  code: 'sessionEnded',
  message: 'The session ended before it was set up.',
  fix: 'Try again in a moment.',
  retryable: true,
};

type AnswerKind = 'joined' | 'answer' | 'reply';
type AnswerOf<K extends AnswerKind> = Extract<ServerMessage, { kind: K }>;

export interface RoomClientListener {
  /** Whatever is not an answer to a request. */
  onMessage(message: ServerMessage): void;
  /** Once, when the rooms ended the session; not after `close`. */
  onEnd(): void;
}

/** One session in a room, as a WebSocket client would have it: requests with answers, and messages. */
export class RoomClient {
  readonly #rooms: WhipRooms;
  readonly #clock: Clock;
  readonly #listener: RoomClientListener;
  readonly #session: SessionId;
  readonly #pending = new Map<number, (result: Result<ServerMessage, SignalError>) => void>();
  #nextRequest = 1;
  /** Why the session is over; null while it lives. */
  #ended: SignalError | null = null;

  constructor(rooms: WhipRooms, clock: Clock, listener: RoomClientListener) {
    this.#rooms = rooms;
    this.#clock = clock;
    this.#listener = listener;
    const sink: SessionSink = {
      send: (message) => this.#receive(message),
      close: () => {
        if (this.#ended !== null) return;
        this.#end(ENDED);
        this.#listener.onEnd();
      },
    };
    this.#session = rooms.connect(sink);
  }

  open(admission: Admission, kind: 'whip' | 'whep'): void {
    this.#rooms.open(this.#session, admission, kind);
  }

  /** Sends a request and waits for its answer, which must be of this kind. */
  async request<K extends AnswerKind>(
    kind: K,
    make: (id: number) => ClientMessage,
  ): Promise<Result<AnswerOf<K>, SignalError>> {
    if (this.#ended !== null) return err(this.#ended);
    const id = this.#nextRequest++;
    const answer = await new Promise<Result<ServerMessage, SignalError>>((resolve) => {
      const at = after(this.#clock.now(), REQUEST_TIMEOUT_MS);
      const cancel = this.#clock.schedule(at, () => this.#settle(id, err(TIMEOUT)));
      this.#pending.set(id, (result) => {
        cancel();
        resolve(result);
      });
      this.#rooms.message(this.#session, make(id));
    });
    if (!answer.ok) return answer;
    if (answer.value.kind !== kind)
      throw new Error(`the rooms answered ${answer.value.kind} instead of ${kind}`);
    return ok(answer.value as AnswerOf<K>);
  }

  /** Sends something that has no answer. */
  tell(message: ClientMessage): void {
    if (this.#ended === null) this.#rooms.message(this.#session, message);
  }

  restartIce(remote: IcePair): IcePair | null {
    return this.#ended === null ? this.#rooms.restartIce(this.#session, remote) : null;
  }

  prepareOffer(): Result<string, SignalError> {
    return this.#ended === null ? this.#rooms.prepareOffer(this.#session) : err(this.#ended);
  }

  /** Leaves the room. */
  close(): void {
    if (this.#ended !== null) return;
    this.#end(ENDED);
    this.#rooms.message(this.#session, { kind: 'leave' });
    this.#rooms.disconnect(this.#session);
  }

  #receive(message: ServerMessage): void {
    if (this.#ended !== null) return;
    switch (message.kind) {
      case 'joined':
      case 'answer':
      case 'reply':
        this.#settle(message.id, ok(message));
        return;
      case 'error':
        if (message.id !== undefined) this.#settle(message.id, err(message.error));
        return;
      case 'goodbye':
        for (const id of [...this.#pending.keys()]) this.#settle(id, err(message.error));
        return;
      default:
        this.#listener.onMessage(message);
    }
  }

  #settle(id: number, result: Result<ServerMessage, SignalError>): void {
    const resolve = this.#pending.get(id);
    this.#pending.delete(id);
    resolve?.(result);
  }

  #end(error: SignalError): void {
    this.#ended = error;
    for (const id of [...this.#pending.keys()]) this.#settle(id, err(error));
  }
}
