import { after, type Millis, type Result } from '@switchyard/core/base';
import {
  ClientMessage,
  CloseCode,
  DEAD_AFTER_MS,
  MAX_MESSAGE,
  MAX_MESSAGE_BEFORE_JOIN,
  type ServerMessage,
  type SignalError,
} from '@switchyard/core/signal';
import type { AuthError } from '../auth/index.ts';
import { type Admission, type SessionId, TokenBucket } from '../rooms/index.ts';
import { signalErrorOf } from './auth-error.ts';
import type { Clock } from './clock.ts';
import type { SwitchboardHost } from './switchboard-host.ts';

/** The first message is due so long after the connection, ms. */
const FIRST_MESSAGE_MS = 5_000;

/** Messages of one connection at once and per second; a page that grows fast sends some tens of `view`s. */
const MESSAGE_BURST = 200;
const MESSAGES_PER_SECOND = 50;

/** RFC 6455 §7.4.1. */
const MESSAGE_TOO_BIG = 1009;

/** A WebSocket as this connection uses it. Nothing may be sent after `close`. */
export interface SignalSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SignalConnectionOptions {
  readonly socket: SignalSocket;
  readonly host: SwitchboardHost;
  readonly clock: Clock;
  /** Who a token admits; never rejects. */
  readonly verify: (token: string) => Promise<Result<Admission, AuthError>>;
}

type Phase =
  /** Connected, no message yet. */
  | { readonly kind: 'waiting' }
  /** The token is being verified; what comes meanwhile is kept, in order. */
  | { readonly kind: 'verifying'; readonly backlog: ClientMessage[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' };

/** Messages that a client may send before it has heard about its `join`. */
const MAX_BACKLOG = 32;

/**
 * One signalling WebSocket without the socket: decodes messages, enforces the limits of size, rate and
 * silence, verifies the token, and hands everything to the rooms. The owner passes text frames to
 * `receive` and tells the end by `disconnected`.
 */
export class SignalConnection {
  readonly #options: SignalConnectionOptions;
  readonly #session: SessionId;
  readonly #bucket: TokenBucket;
  #phase: Phase = { kind: 'waiting' };
  #lastMessageAt: Millis;
  #cancelTimer: () => void;

  constructor(options: SignalConnectionOptions) {
    const { clock, host } = options;
    this.#options = options;
    const now = clock.now();
    this.#lastMessageAt = now;
    this.#bucket = new TokenBucket(now, MESSAGE_BURST, MESSAGES_PER_SECOND);
    this.#session = host.connect({
      send: (message) => this.#send(message),
      close: (code, reason) => this.#close(code, reason),
    });
    this.#cancelTimer = clock.schedule(after(now, FIRST_MESSAGE_MS), () => this.#onSilence());
  }

  /** One text frame. Binary frames are the owner's to refuse. */
  receive(text: string): void {
    const phase = this.#phase;
    if (phase.kind === 'closed') return;
    const now = this.#options.clock.now();
    this.#lastMessageAt = now;
    const limit = phase.kind === 'waiting' ? MAX_MESSAGE_BEFORE_JOIN : MAX_MESSAGE;
    if (text.length > limit) {
      this.#refuse(tooLong(text.length, limit), MESSAGE_TOO_BIG);
      return;
    }
    if (!this.#bucket.take(now)) {
      this.#refuse(TOO_MANY, CloseCode.tooMany);
      return;
    }
    const decoded = decode(text);
    if (decoded.ok) this.#accept(decoded.value);
    else if (phase.kind === 'waiting') this.#refuse(decoded.error, CloseCode.badHandshake);
    else this.#send({ kind: 'error', ...decoded.id, error: decoded.error });
  }

  /** The socket is gone. */
  disconnected(): void {
    if (this.#phase.kind === 'closed') return;
    this.#end();
    this.#options.host.disconnect(this.#session);
  }

  #accept(message: ClientMessage): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'waiting':
        this.#begin(message);
        return;
      case 'verifying':
        if (phase.backlog.length < MAX_BACKLOG) phase.backlog.push(message);
        else this.#refuse(TOO_MANY, CloseCode.tooMany);
        return;
      case 'open':
        this.#options.host.message(this.#session, message);
        return;
      case 'closed':
        return;
    }
  }

  #begin(message: ClientMessage): void {
    if (message.kind === 'resume') {
      this.#open(message, []);
    } else if (message.kind === 'join') {
      const backlog: ClientMessage[] = [];
      this.#phase = { kind: 'verifying', backlog };
      void this.#options
        .verify(message.token)
        .then((admission) => this.#onVerified(message, admission, backlog));
    } else {
      this.#refuse(notJoined(message.kind), CloseCode.badHandshake);
    }
  }

  #onVerified(
    join: Extract<ClientMessage, { kind: 'join' }>,
    admission: Result<Admission, AuthError>,
    backlog: readonly ClientMessage[],
  ): void {
    if (this.#phase.kind !== 'verifying') return;
    if (!admission.ok) {
      this.#send({ kind: 'error', id: join.id, error: signalErrorOf(admission.error) });
      this.#refuse(null, CloseCode.unauthorized);
      return;
    }
    this.#options.host.open(this.#session, admission.value, 'standard');
    this.#open(join, backlog);
  }

  #open(first: ClientMessage, backlog: readonly ClientMessage[]): void {
    this.#phase = { kind: 'open' };
    this.#cancelTimer();
    this.#watch();
    for (const message of [first, ...backlog])
      if (this.#phase.kind === 'open') this.#options.host.message(this.#session, message);
  }

  /** One timer for the whole life: it moves on by itself when messages came meanwhile. */
  #watch(): void {
    const at = after(this.#lastMessageAt, DEAD_AFTER_MS);
    this.#cancelTimer = this.#options.clock.schedule(at, () => {
      if (this.#options.clock.now() - this.#lastMessageAt < DEAD_AFTER_MS) this.#watch();
      else this.#onSilence();
    });
  }

  #onSilence(): void {
    if (this.#phase.kind === 'open') {
      // The seat is kept: the client is expected to come back and resume.
      this.#options.socket.close(CloseCode.silent, 'no message for 12 s');
      this.disconnected();
    } else if (this.#phase.kind !== 'closed') {
      this.#refuse(TOO_LATE, CloseCode.badHandshake);
    }
  }

  /** Ends the connection, with an error message before it. */
  #refuse(error: SignalError | null, code: number): void {
    if (error !== null) this.#send({ kind: 'error', error });
    this.#options.socket.close(code, error?.code ?? 'refused');
    this.disconnected();
  }

  #send(message: ServerMessage): void {
    if (this.#phase.kind !== 'closed') this.#options.socket.send(JSON.stringify(message));
  }

  /** The rooms closed the session. */
  #close(code: number, reason: string): void {
    if (this.#phase.kind === 'closed') return;
    this.#end();
    this.#options.socket.close(code, reason);
  }

  #end(): void {
    this.#phase = { kind: 'closed' };
    this.#cancelTimer();
  }
}

type Decoded =
  | { readonly ok: true; readonly value: ClientMessage }
  | { readonly ok: false; readonly id: { readonly id?: number }; readonly error: SignalError };

/** Decodes a frame; an error names the field and, where readable, the request. */
function decode(text: string): Decoded {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, id: {}, error: badMessage('The message is not JSON.') };
  }
  const parsed = ClientMessage.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0]!;
  const field = issue.path.length === 0 ? 'message' : issue.path.join('.');
  return {
    ok: false,
    id: requestIdOf(json),
    error: badMessage(`Field "${field}": ${issue.message}.`),
  };
}

function requestIdOf(json: unknown): { readonly id?: number } {
  if (typeof json !== 'object' || json === null || !('id' in json)) return {};
  return Number.isSafeInteger(json.id) ? { id: json.id as number } : {};
}

const badMessage = (message: string): SignalError => ({
  code: 'badMessage',
  message,
  fix: 'Send messages as docs/protocol.md describes them.',
  retryable: false,
});

const tooLong = (length: number, limit: number): SignalError => ({
  code: 'messageTooLong',
  message: `The message has ${length} characters; at most ${limit} are taken here.`,
  fix: limit === MAX_MESSAGE ? 'Send less at once.' : 'Send `join` first.',
  retryable: false,
});

const notJoined = (kind: string): SignalError => ({
  code: 'notJoined',
  message: `The first message must be join or resume, not ${kind}.`,
  fix: 'Send `join` with a token first.',
  retryable: false,
});

const TOO_MANY: SignalError = {
  code: 'tooManyMessages',
  message: `More than ${MESSAGES_PER_SECOND} messages per second.`,
  fix: 'Send fewer messages, for example one `view` for several changes.',
  retryable: true,
};

const TOO_LATE: SignalError = {
  code: 'joinTimeout',
  message: 'No join or resume arrived within 5 s.',
  fix: 'Send `join` as soon as the socket is open.',
  retryable: true,
};
