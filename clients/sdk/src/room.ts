import type { RoomInfo } from '@switchyard/core/signal';
import type { Call } from './calls.ts';
import { CHAT_TOPIC, Chat } from './chat.ts';
import { Emitter } from './emitter.ts';
import { knownError } from './errors.ts';
import type { RoomOptions } from './identity.ts';
import type { LocalParticipant } from './local-participant.ts';
import { Moderation } from './moderation.ts';
import type { Participant, RemoteParticipant } from './participant.ts';
import { RoomEngine } from './room-engine.ts';
import type { MediaState, RoomConnectionState, RoomEvents } from './room-events.ts';
import { toSignalUrl } from './signal-messages.ts';
import { RoomStats } from './stats.ts';

export interface ConnectOptions {
  /** Aborts connecting. */
  signal?: AbortSignal;
}

/** A room as this page takes part in it. One object may connect, disconnect and connect again. */
export class Room extends Emitter<RoomEvents> implements AsyncDisposable {
  readonly chat: Chat;
  readonly moderation: Moderation;
  readonly stats: RoomStats;
  readonly #engine: RoomEngine;

  constructor(options: RoomOptions = {}) {
    super();
    this.#engine = new RoomEngine(options, {
      emit: this.emit.bind(this),
      hasListeners: (event) => this.hasListeners(event),
      addChat: (message) => this.chat.add(message),
    });
    this.chat = new Chat(async (text, to) => {
      const id = await this.sendMessage(CHAT_TOPIC, text, to ? { to } : {});
      const { identity, name } = this.localParticipant;
      const from = { identity, name };
      return { id, from, text, sentAt: this.serverTime, isPrivate: to !== undefined, isOwn: true };
    });
    this.chat.on('message', (message) => this.emit('chatMessage', message));
    this.moderation = new Moderation((body) => this.#engine.request(body));
    this.stats = new RoomStats({
      getReport: () => this.#engine.getStats(),
      publications: () => this.#engine.publications(),
    });
  }

  get state(): RoomConnectionState {
    return this.#engine.state;
  }

  get mediaState(): MediaState {
    return this.#engine.mediaState;
  }

  /** Empty before the first connection. */
  get name(): string {
    return this.info?.name ?? '';
  }

  get metadata(): string {
    return this.info?.metadata ?? '';
  }

  /** The server's entry: replaced, never changed. Null before the first connection. */
  get info(): RoomInfo | null {
    return this.#engine.info;
  }

  get localParticipant(): LocalParticipant {
    return this.#engine.localParticipant;
  }

  /** By identity, in order of arrival. */
  get remoteParticipants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#engine.remoteParticipants;
  }

  /** Loudest first. A new array at each change. */
  get activeSpeakers(): readonly Participant[] {
    return this.#engine.presence.speakers;
  }

  /** The browser wants a click before it plays sound. */
  get isAudioBlocked(): boolean {
    return this.#engine.audio.isBlocked;
  }

  /** Milliseconds since the epoch by the server's clock. */
  get serverTime(): number {
    return Date.now() + this.#engine.clockOffsetMs;
  }

  /** Signalling round trip, ms; 0 until measured. */
  get roundTripMs(): number {
    return this.#engine.roundTripMs;
  }

  /** Warms DNS, TCP and TLS while the user is still in the lobby. Never rejects. */
  async prepare(url: string): Promise<void> {
    const signalUrl = toSignalUrl(url);
    if (!signalUrl) return;
    const probe = signalUrl.replace(/^ws/, 'http').replace(/\/rtc$/, '/healthz');
    await fetch(probe, { mode: 'no-cors', cache: 'no-store' }).catch(() => undefined);
  }

  /**
   * Joins. Resolves when we are in and know who else is; media comes up behind. Rejects with a
   * `SwitchyardError`: `invalidUrl`, `serverUnreachable`, `unauthorized`, `aborted`, or a code of the
   * server such as `roomFull`.
   */
  async connect(url: string, token: string, options: ConnectOptions = {}): Promise<void> {
    const signalUrl = toSignalUrl(url);
    if (!signalUrl) throw knownError('invalidUrl');
    const { signal } = options;
    if (signal?.aborted) throw knownError('aborted', signal.reason);
    const abort = () => this.#engine.close('left', knownError('aborted', signal?.reason));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.#engine.connect(signalUrl, token);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Leaves: captures end, the seat is free at once. */
  async disconnect(): Promise<void> {
    this.#engine.close('left', null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /**
   * Sends a text on a topic of the page's own, to everybody else or to the given identities. Returns
   * the message's id as its recipients see it.
   */
  async sendMessage(
    topic: string,
    text: string,
    options: { to?: readonly string[] } = {},
  ): Promise<string> {
    const reply = await this.#engine.request({
      kind: 'message',
      topic,
      text,
      scope: 'room',
      ...(options.to && { to: [...options.to] }),
    });
    return reply.messageId ?? '';
  }

  /** Invites another user; without `room` into a fresh one. */
  call(identity: string, options: { room?: string; payload?: string } = {}): Promise<Call> {
    return this.#engine.calls.start(identity, options);
  }

  /** Hears of calls to this user. */
  onCall(listener: (call: Call) => void): () => void {
    return this.on('callReceived', listener);
  }

  /** Call it from a click after `audioPlaybackBlocked`. */
  startAudio(): Promise<void> {
    return this.#engine.audio.start();
  }

  /** Plays remote sound on another output device. Rejects where browsers cannot choose one. */
  setAudioOutput(deviceId: string): Promise<void> {
    return this.#engine.audio.setOutput(deviceId);
  }
}
