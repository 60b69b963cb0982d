import { SUBPROTOCOL } from '@switchyard/core/signal/protocol';
import { fromSignalError, knownError, type SwitchyardError } from './errors.ts';
import { SignalClient } from './signal-client.ts';
import type { Answer, JoinBody, NoticeBody, Reply, RequestBody } from './signal-messages.ts';
import type { SignalOutput } from './signal-output.ts';

/** What the session tells its owner; answers to requests are promises instead. */
export type SessionEvent = Extract<
  SignalOutput,
  { kind: 'joined' | 'resumed' | 'reconnecting' | 'message' | 'pong' | 'ended' }
>;

type Settle = {
  readonly resolve: (message: Reply | Answer) => void;
  readonly reject: (error: SwitchyardError) => void;
};

/** Drives a `SignalClient` with a WebSocket, one timer and the clock. */
export class SignalSocket {
  readonly #url: string;
  readonly #client: SignalClient;
  readonly #onEvent: (event: SessionEvent) => void;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #waiting = new Map<number, Settle>();
  #isDraining = false;

  constructor(url: string, join: JoinBody, onEvent: (event: SessionEvent) => void) {
    this.#url = url;
    this.#client = new SignalClient(join, Math.random);
    this.#onEvent = onEvent;
  }

  start(): void {
    this.#client.start(performance.now());
    this.#drain();
  }

  /** Rejects with a `SwitchyardError`; `interrupted` when the connection broke meanwhile. */
  request(body: Extract<RequestBody, { kind: 'offer' }>): Promise<Answer>;
  request(body: Exclude<RequestBody, { kind: 'offer' }>): Promise<Reply>;
  request(body: RequestBody): Promise<Reply | Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(this.#client.request(body), { resolve, reject });
      this.#drain();
    });
  }

  setView(view: NoticeBody): void {
    this.#client.setView(view);
    this.#drain();
  }

  handleNetworkChange(): void {
    this.#client.handleNetworkChange(performance.now());
    this.#drain();
  }

  leave(): void {
    this.#client.leave();
    this.#drain();
  }

  #open(): void {
    this.#close(1000);
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    // Late events of a socket that was replaced are nobody's.
    const whenCurrent = (act: () => void) => {
      if (this.#socket !== socket) return;
      act();
      this.#drain();
    };
    socket.onopen = () => whenCurrent(() => this.#client.handleOpen());
    socket.onmessage = ({ data }) =>
      whenCurrent(() => this.#client.handleText(performance.now(), String(data)));
    socket.onclose = ({ code }) =>
      whenCurrent(() => {
        this.#socket = null;
        this.#client.handleClose(performance.now(), code);
      });
  }

  #close(code: number): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
  }

  #drain(): void {
    if (this.#isDraining) return; // a listener asked something: the loop below comes to it
    this.#isDraining = true;
    try {
      for (let output = this.#client.pollOutput(); output; output = this.#client.pollOutput()) {
        this.#handle(output);
      }
    } finally {
      this.#isDraining = false;
    }
    this.#arm();
  }

  #handle(output: SignalOutput): void {
    switch (output.kind) {
      case 'openSocket':
        this.#open();
        break;
      case 'send':
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(output.text);
        break;
      case 'closeSocket':
        this.#close(output.code);
        break;
      case 'replied':
        this.#settle(output.id)?.resolve(output.message);
        break;
      case 'failed':
        this.#settle(output.id)?.reject(
          output.error === 'interrupted'
            ? knownError('interrupted')
            : fromSignalError(output.error),
        );
        break;
      default:
        this.#onEvent(output);
    }
  }

  #settle(id: number): Settle | undefined {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    return settle;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.#client.nextTimeout();
    if (at === Infinity) return;
    this.#timer = setTimeout(
      () => {
        this.#client.handleTimeout(performance.now());
        this.#drain();
      },
      Math.max(0, at - performance.now()),
    );
  }
}

/** Why a session ended, for people; null when it was meant to. */
export function toEndError(
  ended: Extract<SessionEvent, { kind: 'ended' }>,
): SwitchyardError | null {
  if (ended.error) return fromSignalError(ended.error);
  if (ended.reason === 'unreachable') return knownError('serverUnreachable');
  if (ended.reason === 'refused') return knownError('unauthorized');
  if (ended.reason === 'replaced') return knownError('replaced');
  return null;
}
