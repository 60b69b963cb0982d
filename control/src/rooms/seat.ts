import type { Millis } from '@switchyard/core/base';
import type { ParticipantKind, ServerMessage } from '@switchyard/core/signal';
import type { Admission, SessionId } from './admission.ts';
import type { Context } from './context.ts';
import { type EventBody, EventLog } from './event-log.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * The server's end of one client, outliving its connections: numbers its events, keeps them for a resume
 * and knows which connection carries it now. Seats of participants and of users without a room alike.
 */
export class Seat {
  readonly sid: string;
  readonly kind: ParticipantKind;
  readonly admission: Admission;
  readonly resumeToken: string;
  readonly log = new EventLog();
  readonly textBucket: TokenBucket;
  /** null while the connection is away. */
  session: SessionId | null;
  name: string;
  readonly #context: Context;

  constructor(
    context: Context,
    now: Millis,
    session: SessionId,
    admission: Admission,
    kind: ParticipantKind,
    name: string,
  ) {
    const { messageBurst, messagesPerSecond } = context.settings.limits;
    this.#context = context;
    this.sid = context.ids.sid('PA');
    this.kind = kind;
    this.admission = admission;
    this.resumeToken = context.ids.secret();
    this.textBucket = new TokenBucket(now, messageBurst, messagesPerSecond);
    this.session = session;
    this.name = name;
  }

  get identity(): string {
    return this.admission.identity;
  }

  /** Gateways hold their sessions in this process: there is nothing to come back from. */
  get isResumable(): boolean {
    return this.kind !== 'whip' && this.kind !== 'whep';
  }

  /** Numbers an event, keeps it and sends it if the connection is there. */
  tell(body: EventBody): void {
    const event = this.log.append(body);
    if (this.session !== null) this.#context.out.send(this.session, event);
  }

  /** Sends something that is not kept. */
  send(message: ServerMessage): void {
    if (this.session !== null) this.#context.out.send(this.session, message);
  }

  /** Closes the connection for good; returns it. */
  close(code: number, reason: string): SessionId | null {
    const session = this.session;
    if (session !== null) this.#context.out.close(session, code, reason);
    this.session = null;
    return session;
  }
}
