import { Emitter } from './emitter.ts';

/** Chat is plain messages on this topic, so that every client and the REST API can take part. */
export const CHAT_TOPIC = 'chat';

export interface ChatMessage {
  readonly id: string;
  readonly from: { readonly identity: string; readonly name: string };
  readonly text: string;
  /** Milliseconds since the epoch, server clock. */
  readonly sentAt: number;
  /** Sent to some people only. */
  readonly isPrivate: boolean;
  readonly isOwn: boolean;
}

/** How many messages are kept in memory. */
const KEPT_COUNT = 1_000;

/** What was said in writing since we joined. */
export class Chat extends Emitter<{ message: [message: ChatMessage] }> {
  readonly #send: (text: string, to?: readonly string[]) => Promise<ChatMessage>;
  #messages: readonly ChatMessage[] = [];

  constructor(send: (text: string, to?: readonly string[]) => Promise<ChatMessage>) {
    super();
    this.#send = send;
  }

  /** Oldest first. A new array at each change. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** Writes to everybody, or to the given identities. */
  async send(text: string, options: { to?: readonly string[] } = {}): Promise<void> {
    this.add(await this.#send(text, options.to)); // the server tells the others only
  }

  /** For the SDK. A message that is known already (another tab of ours) is taken once. */
  add(message: ChatMessage): void {
    if (this.#messages.some(({ id }) => id === message.id)) return;
    this.#messages = [...this.#messages, message].slice(-KEPT_COUNT);
    this.emit('message', message);
  }
}
