import type { CallInfo, CallState } from '@switchyard/core/signal';
import { Emitter } from './emitter.ts';
import type { Reply, RequestBody } from './signal-messages.ts';

type Request = (body: Exclude<RequestBody, { kind: 'offer' }>) => Promise<Reply>;
type CallAnswer = Extract<RequestBody, { kind: 'answerCall' }>['answer'];

/** An invitation from one user to another. `updated` tells each change of `state`. */
export class Call extends Emitter<{ updated: [call: Call] }> {
  #info: CallInfo;
  #token: string | null = null;
  readonly #answer: (callId: string, answer: CallAnswer) => Promise<void>;

  constructor(info: CallInfo, answer: (callId: string, answer: CallAnswer) => Promise<void>) {
    super();
    this.#info = info;
    this.#answer = answer;
  }

  get callId(): string {
    return this.#info.callId;
  }

  get from(): { readonly identity: string; readonly name: string } {
    return this.#info.from;
  }

  /** Identity of the person called. */
  get to(): string {
    return this.#info.to;
  }

  get state(): CallState {
    return this.#info.state;
  }

  /** Where to meet. */
  get room(): string {
    return this.#info.room;
  }

  get payload(): string {
    return this.#info.payload;
  }

  /** Admits this user to `room`; null until the call is accepted. */
  get token(): string | null {
    return this.#token;
  }

  /** Takes the call; `token` and the state `accepted` follow as `updated`. */
  accept(): Promise<void> {
    return this.#answer(this.callId, 'accept');
  }

  reject(): Promise<void> {
    return this.#answer(this.callId, 'reject');
  }

  /** Says that this user talks to somebody else. */
  sayBusy(): Promise<void> {
    return this.#answer(this.callId, 'busy');
  }

  /** Takes an own invitation back. */
  cancel(): Promise<void> {
    return this.#answer(this.callId, 'cancel');
  }

  /** For the SDK. */
  update(info: CallInfo, token: string | undefined): void {
    this.#info = info;
    this.#token = token ?? this.#token;
    this.emit('updated', this);
  }
}

const FINAL = new Set<CallState>(['rejected', 'busy', 'noAnswer', 'cancelled']);

/** Invitations that go on, ours and those to us. */
export class Calls {
  readonly #request: Request;
  readonly #identity: () => string;
  readonly #onCall: (call: Call) => boolean;
  readonly #calls = new Map<string, Call>();

  /** `onCall` hears of each incoming call; true when somebody listens, so that the caller hears it ring. */
  constructor(request: Request, identity: () => string, onCall: (call: Call) => boolean) {
    this.#request = request;
    this.#identity = identity;
    this.#onCall = onCall;
  }

  /** Calls a user. Without `room` the server names a fresh one. */
  async start(to: string, options: { room?: string; payload?: string } = {}): Promise<Call> {
    const reply = await this.#request({ kind: 'call', to, ...options });
    const callId = reply.callId ?? '';
    return (
      this.#calls.get(callId) ??
      this.#add({
        callId,
        from: { identity: this.#identity(), name: '' },
        to,
        state: 'pending',
        room: options.room ?? '',
        payload: options.payload ?? '',
      })
    );
  }

  /** Takes a `callUpdated` of the server. */
  handle(info: CallInfo, token: string | undefined): void {
    const known = this.#calls.get(info.callId);
    const call = known ?? this.#add(info);
    if (known || token) call.update(info, token);
    if (FINAL.has(info.state)) this.#calls.delete(info.callId);
    if (known || info.state !== 'pending' || info.to !== this.#identity()) return;
    // A ring that cannot be told is no failure of ours: the caller sees `pending` on.
    if (this.#onCall(call)) void this.#answer(info.callId, 'ringing').catch(() => undefined);
  }

  #add(info: CallInfo): Call {
    const call = new Call(info, (callId, answer) => this.#answer(callId, answer));
    this.#calls.set(info.callId, call);
    return call;
  }

  async #answer(callId: string, answer: CallAnswer): Promise<void> {
    await this.#request({ kind: 'answerCall', callId, answer });
  }
}
