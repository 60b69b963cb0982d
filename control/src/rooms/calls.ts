import { after, type Millis, ok, type Result } from '@switchyard/core/base';
import type { CallInfo, CallState, ClientMessage, SignalError } from '@switchyard/core/signal';
import type { Alarm } from './alarms.ts';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import { randomText } from './ids.ts';
import type { Seat } from './seat.ts';

/** Nobody answered for so long: `noAnswer`, ms. */
const NO_ANSWER_MS = 30_000;

/** Invitations of one seat that are open at once. */
const MAX_OPEN_CALLS = 8;

type CallMessage = Extract<ClientMessage, { kind: 'call' }>;
type Answer = Extract<ClientMessage, { kind: 'answerCall' }>['answer'];

interface OpenCall {
  readonly id: string;
  readonly caller: Seat;
  readonly to: string;
  readonly room: string;
  readonly payload: string;
  readonly timeout: Alarm;
  state: Extract<CallState, 'pending' | 'ringing'>;
}

/** Where each answer of the called leads. */
const ANSWERED: Readonly<Record<Exclude<Answer, 'cancel'>, CallState>> = {
  ringing: 'ringing',
  accept: 'accepted',
  reject: 'rejected',
  busy: 'busy',
};

export interface CallsOptions {
  readonly context: Context;
  /** Every seat of a user, in rooms or not. */
  readonly seatsOf: (identity: string) => readonly Seat[];
}

/**
 * Invitations between users. Every device of both hears of each change; the device that accepted and the
 * one that called get a token for the call's room.
 */
export class Calls {
  readonly #options: CallsOptions;
  readonly #open = new Map<string, OpenCall>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Starts a call; returns its id. `roomOf` is the room that the caller is in, if any. */
  start(
    now: Millis,
    caller: Seat,
    roomOf: string | null,
    message: CallMessage,
  ): Result<string, SignalError> {
    const { context, seatsOf } = this.#options;
    if (message.to === caller.identity) return refuse('callSelf');
    // Accepting hands out tokens: a caller opens no door that he has not come through himself.
    if (message.room !== undefined && message.room !== roomOf)
      return refuse('notAllowed', 'You can only invite into the room you are in.');
    if (seatsOf(message.to).length === 0) return refuse('userOffline');
    if (this.#countOf(caller) >= MAX_OPEN_CALLS) return refuse('tooManyCalls');
    const id = context.ids.sid('CA');
    const call: OpenCall = {
      id,
      caller,
      to: message.to,
      room: message.room ?? `call-${randomText(context.ports.random, 12)}`,
      payload: message.payload ?? '',
      timeout: context.alarms.create(() => this.#end(call, 'noAnswer')),
      state: 'pending',
    };
    call.timeout.set(after(now, NO_ANSWER_MS));
    this.#open.set(id, call);
    this.#tell(call, 'pending');
    return ok(id);
  }

  answer(seat: Seat, callId: string, answer: Answer): Result<void, SignalError> {
    const call = this.#open.get(callId);
    const isCaller = call?.caller.identity === seat.identity;
    if (call === undefined || !(isCaller || call.to === seat.identity))
      return refuse('callNotFound');
    if (isCaller !== (answer === 'cancel')) return refuse('badCallAnswer');
    if (answer === 'cancel') this.#end(call, 'cancelled');
    else if (answer === 'ringing') this.#ring(call);
    else this.#end(call, ANSWERED[answer], seat);
    return ok(undefined);
  }

  /** A seat ended: calls that it started are cancelled. */
  seatGone(seat: Seat): void {
    for (const call of [...this.#open.values()])
      if (call.caller === seat) this.#end(call, 'cancelled');
  }

  #ring(call: OpenCall): void {
    if (call.state === 'ringing') return;
    call.state = 'ringing';
    this.#tell(call, 'ringing');
  }

  #end(call: OpenCall, state: CallState, by?: Seat): void {
    call.timeout.dispose();
    this.#open.delete(call.id);
    this.#tell(call, state, by);
  }

  #tell(call: OpenCall, state: CallState, by?: Seat): void {
    const { seatsOf } = this.#options;
    const info: CallInfo = {
      callId: call.id,
      from: { identity: call.caller.identity, name: call.caller.name },
      to: call.to,
      state,
      room: call.room,
      payload: call.payload,
    };
    for (const seat of [...seatsOf(call.caller.identity), ...seatsOf(call.to)]) {
      const isIn = state === 'accepted' && (seat === by || seat === call.caller);
      const token = isIn ? this.#token(seat, call.room) : null;
      seat.tell({ kind: 'callUpdated', call: info, ...(token === null ? {} : { token }) });
    }
  }

  #token({ identity, name }: Seat, room: string): string | null {
    return this.#options.context.ports.issueToken({ identity, name, room });
  }

  #countOf(caller: Seat): number {
    let count = 0;
    for (const call of this.#open.values()) if (call.caller === caller) count++;
    return count;
  }
}
