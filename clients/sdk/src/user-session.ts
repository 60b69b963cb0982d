import { type Call, Calls } from './calls.ts';
import { Emitter } from './emitter.ts';
import { knownError, type SwitchyardError } from './errors.ts';
import { toJoin } from './identity.ts';
import type { DisconnectReason, RoomConnectionState, RoomMessageEvent } from './room-events.ts';
import { toSignalUrl } from './signal-messages.ts';
import { type SessionEvent, SignalSocket, toEndError } from './signal-socket.ts';

export interface UserSessionEvents {
  stateChanged: [state: RoomConnectionState];
  callReceived: [call: Call];
  message: [message: RoomMessageEvent];
  disconnected: [reason: DisconnectReason, error: SwitchyardError | null];
}

/** A user who is reachable without being in a room: calls and messages. Its token names no room. */
export class UserSession extends Emitter<UserSessionEvents> implements AsyncDisposable {
  #socket: SignalSocket | null = null;
  #state: RoomConnectionState = 'disconnected';
  #identity = '';
  #settle: ((error: SwitchyardError | null) => void) | null = null;
  readonly #calls: Calls;

  constructor() {
    super();
    this.#calls = new Calls(
      (body) => this.#request(body),
      () => this.#identity,
      (call) => {
        this.emit('callReceived', call);
        return this.hasListeners('callReceived');
      },
    );
  }

  get state(): RoomConnectionState {
    return this.#state;
  }

  get identity(): string {
    return this.#identity;
  }

  /** Rejects with a `SwitchyardError`, as `Room.connect`. */
  connect(url: string, token: string): Promise<void> {
    const signalUrl = toSignalUrl(url);
    if (!signalUrl) return Promise.reject(knownError('invalidUrl'));
    this.#close('left', null);
    this.#setState('connecting');
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
      const socket = new SignalSocket(signalUrl, toJoin(token, {}), (event) => {
        if (this.#socket === socket) this.#handle(event);
      });
      this.#socket = socket;
      socket.start();
    });
  }

  async disconnect(): Promise<void> {
    this.#close('left', null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  call(identity: string, options: { room?: string; payload?: string } = {}): Promise<Call> {
    return this.#calls.start(identity, options);
  }

  onCall(listener: (call: Call) => void): () => void {
    return this.on('callReceived', listener);
  }

  /** Sends a text to users wherever they are on this server. */
  async sendMessage(topic: string, text: string, to: readonly string[]): Promise<void> {
    await this.#request({ kind: 'message', topic, text, to: [...to], scope: 'user' });
  }

  async #request(body: Parameters<SignalSocket['request']>[0]) {
    if (!this.#socket) throw knownError('notConnected');
    return this.#socket.request(body);
  }

  #handle(event: SessionEvent): void {
    switch (event.kind) {
      case 'joined':
        this.#identity = event.message.participant.identity;
        this.#setState('connected');
        this.#settle?.(null);
        this.#settle = null;
        break;
      case 'resumed':
        this.#setState('connected');
        break;
      case 'reconnecting':
        this.#setState('reconnecting');
        break;
      case 'message':
        if (event.message.kind === 'callUpdated') {
          this.#calls.handle(event.message.call, event.message.token);
        } else if (event.message.kind === 'message') this.emit('message', event.message);
        break;
      case 'pong':
        break;
      case 'ended':
        this.#close(event.reason, toEndError(event));
        break;
    }
  }

  #close(reason: DisconnectReason, error: SwitchyardError | null): void {
    if (this.#state === 'disconnected') return;
    const settle = this.#settle;
    const socket = this.#socket;
    this.#settle = null;
    this.#socket = null;
    socket?.leave();
    this.#setState('disconnected');
    if (settle) settle(error ?? knownError('aborted'));
    else this.emit('disconnected', reason, error);
  }

  #setState(state: RoomConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.emit('stateChanged', state);
  }
}
