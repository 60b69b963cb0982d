import type { ClientMessage, ServerMessage, SignalError } from '@switchyard/core/signal';
import { CloseCode, DEAD_AFTER_MS, PING_INTERVAL_MS } from '@switchyard/core/signal/protocol';
import { PendingRequests } from './pending-requests.ts';
import { RetryPolicy } from './retry-policy.ts';
import {
  type Goodbye,
  type JoinBody,
  type NoticeBody,
  type RequestBody,
  readMessage,
} from './signal-messages.ts';
import type { EndReason, SignalOutput } from './signal-output.ts';

/** A socket that did not open, or a server that did not greet, within this time, ms. */
const ATTEMPT_TIMEOUT_MS = 8_000;
/** After the network changed, a socket that stays silent so long is taken for dead, ms. */
const PROBE_TIMEOUT_MS = 2_000;
/** Of our own, from the range for applications (RFC 6455 §7.4.2): the session is not over. */
const CLOSED_BY_CLIENT = 4100;

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening'; readonly deadline: number }
  | { readonly kind: 'greeting'; readonly deadline: number; readonly id: number }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'ended' };

/**
 * One signalling session: joining, asking, coming back. Owns no socket and no clock: after every
 * call the owner drains `pollOutput` and arms a timer for `nextTimeout`. Times are monotonic ms.
 */
export class SignalClient {
  #phase: Phase = { kind: 'idle' };
  readonly #join: JoinBody;
  readonly #retries: RetryPolicy;
  #session: { participantSid: string; resumeToken: string } | null = null;
  #lastSeq = 0;
  #nextId = 1;
  #pingIntervalMs = PING_INTERVAL_MS;
  #nextPing = 0;
  #deadAt = 0;
  readonly #pending = new PendingRequests();
  #view: NoticeBody | null = null;
  readonly #outputs: SignalOutput[] = [];

  constructor(join: JoinBody, random: () => number) {
    this.#join = { ...join };
    this.#retries = new RetryPolicy(random);
  }

  start(now: number): void {
    if (this.#phase.kind !== 'idle') return;
    this.#open(now);
  }

  handleOpen(): void {
    if (this.#phase.kind !== 'opening') return;
    const id = this.#nextId++;
    this.#phase = { kind: 'greeting', deadline: this.#phase.deadline, id };
    this.#send(
      this.#session
        ? { kind: 'resume', id, ...this.#session, lastSeq: this.#lastSeq }
        : { kind: 'join', id, ...this.#join },
    );
  }

  handleText(now: number, text: string): void {
    const message = readMessage(text);
    if (!message) return;
    this.#deadAt = now + DEAD_AFTER_MS;
    if (this.#phase.kind === 'greeting') this.#handleGreeting(now, message, this.#phase.id);
    else if (this.#phase.kind === 'live') this.#handleLive(now, message);
  }

  /** The socket is gone, whoever closed it. */
  handleClose(now: number, code: number): void {
    const { kind } = this.#phase;
    if (kind === 'idle' || kind === 'ended' || kind === 'waiting') return;
    if (code === CloseCode.unauthorized) this.#end('refused', null);
    else if (code === CloseCode.superseded) this.#end('replaced', null);
    else if (code === CloseCode.goodbye) this.#end('left', null);
    else this.#retry(now);
  }

  handleTimeout(now: number): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'opening':
      case 'greeting':
        if (now >= phase.deadline) this.#drop(now);
        break;
      case 'waiting':
        if (now >= phase.until) this.#open(now);
        break;
      case 'live':
        if (now >= this.#deadAt) this.#drop(now);
        else if (now >= this.#nextPing) this.#ping(now);
        break;
      case 'idle':
      case 'ended':
        break;
    }
  }

  nextTimeout(): number {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'opening':
      case 'greeting':
        return phase.deadline;
      case 'waiting':
        return phase.until;
      case 'live':
        return Math.min(this.#deadAt, this.#nextPing);
      case 'idle':
      case 'ended':
        return Infinity;
    }
  }

  /** The device has another network, or has one again: waiting ends, a silent socket is soon given up. */
  handleNetworkChange(now: number): void {
    if (this.#phase.kind === 'waiting') this.#open(now);
    else if (this.#phase.kind === 'live') {
      this.#ping(now);
      this.#deadAt = Math.min(this.#deadAt, now + PROBE_TIMEOUT_MS);
    }
  }

  /** Asks; the answer comes as `replied` or `failed` with this id. Waits for the socket if there is none. */
  request(body: RequestBody): number {
    const id = this.#nextId++;
    if (this.#phase.kind === 'ended') {
      this.#interrupt([id]);
      return id;
    }
    const isLive = this.#phase.kind === 'live';
    this.#pending.add(id, body, isLive);
    if (isLive) this.#send({ ...body, id });
    if (body.kind === 'updateMe') this.#remember(body);
    return id;
  }

  /** Tells what is wanted to be seen; the last one is told again to a server that forgot it. */
  setView(view: NoticeBody): void {
    this.#view = view;
    if (this.#phase.kind === 'live') this.#send(view);
  }

  /** Says good-bye and ends. */
  leave(): void {
    if (this.#phase.kind === 'ended') return;
    if (this.#phase.kind === 'live') this.#send({ kind: 'leave' });
    this.#end('left', null);
  }

  pollOutput(): SignalOutput | undefined {
    return this.#outputs.shift();
  }

  #handleGreeting(now: number, message: ServerMessage, id: number): void {
    if (message.kind === 'joined' && message.id === id) {
      const isAgain = this.#retries.hadSuccess;
      this.#session = { participantSid: message.participant.sid, resumeToken: message.resumeToken };
      this.#lastSeq = message.seq;
      this.#pingIntervalMs = message.pingIntervalMs;
      // A new seat knows nothing of what was asked of the old one; the media is published anew.
      if (isAgain) this.#interrupt(this.#pending.takeAll());
      this.#outputs.push({ kind: 'joined', message, isAgain });
      this.#goLive(now);
    } else if (message.kind === 'resumed' && message.id === id) {
      if (!message.complete) this.#lastSeq = message.seq;
      this.#interrupt(this.#pending.takeUnrepeatable());
      this.#outputs.push({ kind: 'resumed', message });
      this.#goLive(now);
    } else if (message.kind === 'error') this.#handleRefusal(now, message.error);
    else if (message.kind === 'goodbye') this.#handleGoodbye(now, message);
  }

  /** A refused resume leads to a new join; a refused join is the end unless trying again can help. */
  #handleRefusal(now: number, error: SignalError): void {
    if (this.#session) {
      this.#session = null;
      this.#lastSeq = 0;
      this.#outputs.push({ kind: 'closeSocket', code: CLOSED_BY_CLIENT });
      this.#open(now);
    } else if (error.retryable && this.#retries.hadSuccess) this.#drop(now);
    else this.#end('refused', error);
  }

  #handleLive(now: number, message: ServerMessage): void {
    switch (message.kind) {
      case 'reply':
      case 'answer':
        if (this.#pending.settle(message.id)) {
          this.#outputs.push({ kind: 'replied', id: message.id, message });
        }
        return;
      case 'error':
        if (message.id !== undefined && this.#pending.settle(message.id)) {
          this.#outputs.push({ kind: 'failed', id: message.id, error: message.error });
        }
        return;
      case 'pong': {
        const roundTripMs = Math.max(0, now - message.time);
        this.#outputs.push({ kind: 'pong', roundTripMs, serverTime: message.serverTime });
        return;
      }
      case 'goodbye':
        this.#handleGoodbye(now, message);
        return;
      case 'joined':
      case 'resumed':
        return;
      default:
        if ('seq' in message && !this.#take(now, message.seq)) return;
        this.#outputs.push({ kind: 'message', message });
    }
  }

  /** Counts an event; false when it was seen before, or when one is missing and the socket was dropped. */
  #take(now: number, seq: number): boolean {
    if (seq <= this.#lastSeq) return false;
    if (seq > this.#lastSeq + 1) {
      this.#drop(now);
      return false;
    }
    this.#lastSeq = seq;
    return true;
  }

  #handleGoodbye(now: number, message: Goodbye): void {
    if (message.error.retryable && message.reason === 'serverShutdown') this.#drop(now);
    else this.#end(message.reason, message.error);
  }

  #goLive(now: number): void {
    this.#phase = { kind: 'live' };
    this.#retries.noteSuccess();
    this.#nextPing = now + this.#pingIntervalMs;
    this.#deadAt = now + DEAD_AFTER_MS;
    for (const request of this.#pending.send()) this.#send(request);
    if (this.#view) this.#send(this.#view);
  }

  #open(now: number): void {
    this.#retries.noteAttempt();
    this.#phase = { kind: 'opening', deadline: now + ATTEMPT_TIMEOUT_MS };
    this.#outputs.push({ kind: 'openSocket' });
  }

  #drop(now: number): void {
    this.#outputs.push({ kind: 'closeSocket', code: CLOSED_BY_CLIENT });
    this.#retry(now);
  }

  #retry(now: number): void {
    if (this.#phase.kind === 'live') {
      this.#retries.noteLoss(now);
      this.#outputs.push({ kind: 'reconnecting' });
    }
    if (this.#retries.isHopeless(now)) this.#end('unreachable', null);
    else this.#phase = { kind: 'waiting', until: now + this.#retries.nextDelay() };
  }

  #end(reason: EndReason, error: SignalError | null): void {
    this.#phase = { kind: 'ended' };
    this.#interrupt(this.#pending.takeAll());
    this.#outputs.push({ kind: 'closeSocket', code: 1000 }, { kind: 'ended', reason, error });
  }

  #interrupt(ids: readonly number[]): void {
    for (const id of ids) this.#outputs.push({ kind: 'failed', id, error: 'interrupted' });
  }

  #ping(now: number): void {
    this.#nextPing = now + this.#pingIntervalMs;
    this.#send({ kind: 'ping', time: now });
  }

  /** A join after a refused resume should bring the name of now. */
  #remember(body: Extract<RequestBody, { kind: 'updateMe' }>): void {
    if (body.name !== undefined) this.#join.name = body.name;
    if (body.attributes) this.#join.attributes = { ...this.#join.attributes, ...body.attributes };
  }

  #send(message: ClientMessage): void {
    this.#outputs.push({ kind: 'send', text: JSON.stringify(message) });
  }
}
