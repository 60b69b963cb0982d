import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientMessage, ServerMessage } from '@switchyard/core/signal';
import { SUBPROTOCOL } from '@switchyard/core/signal/protocol';
import { ServerProcess } from '../lib/child.ts';
import type { LocalPeer, RemotePeer, Stream } from '../lib/load-client.ts';
import { type OfferedMedia, parseSdp, remotePeer, writeOffer } from '../lib/sdp.ts';
import type { Shape } from '../lib/shape.ts';
import type { Adapter, AdapterOptions } from './adapter.ts';
import { HTTP_PORT, switchyardCommand, switchyardEnv, switchyardName } from './switchyard.ts';

const ORIGIN = `http://127.0.0.1:${HTTP_PORT}`;
const ANSWER_TIMEOUT_MS = 15_000;
/** The first m-lines of a publisher; its receive slots follow. */
const MICROPHONE = '0';
const CAMERA = '1';

/**
 * Our own server as the SDK uses it: signalling over the WebSocket, one PeerConnection per participant with its senders
 * and receive slots in one offer. So `conf8` is 8 PeerConnections, as with a real room.
 */
export class SwitchyardRtcAdapter implements Adapter {
  readonly #core: number;
  readonly #shape: Shape;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-switchyard-'));
  readonly #participants: SignalSession[] = [];
  #process: ServerProcess | null = null;
  version = '';

  constructor(options: AdapterOptions) {
    this.#core = options.core;
    this.#shape = options.shape;
  }

  async start(): Promise<void> {
    this.#process = new ServerProcess(this.#core, switchyardCommand(), switchyardEnv(this.#folder));
    await this.#process.until(async () => {
      const response = await fetch(`${ORIGIN}/readyz`);
      if (!response.ok) throw new Error(`/readyz: ${response.status}`);
    });
    this.version = switchyardName();
  }

  pids(): number[] {
    return this.#process ? [this.#process.pid] : [];
  }

  peersPerSubscriber(): number {
    return 1;
  }

  async publish(
    publisher: number,
    local: LocalPeer,
    audio: Stream,
    video: Stream,
  ): Promise<RemotePeer> {
    return this.#enter(`publisher-${publisher}`, this.#room(publisher), local, [audio, video], 0);
  }

  async subscribe(
    subscriber: number,
    publishers: readonly number[],
    locals: readonly LocalPeer[],
  ): Promise<RemotePeer[]> {
    const [local] = locals;
    if (!local) return [];
    const room = this.#room(publishers[0] ?? 1);
    return [await this.#enter(`subscriber-${subscriber}`, room, local, null, publishers.length)];
  }

  async join(
    participant: number,
    count: number,
    local: LocalPeer,
    audio: Stream,
    video: Stream,
  ): Promise<RemotePeer> {
    return this.#enter(
      `participant-${participant}`,
      this.#room(1),
      local,
      [audio, video],
      count - 1,
    );
  }

  async ready(): Promise<void> {}

  log(): string {
    return this.#process?.tail() ?? '';
  }

  async stop(): Promise<void> {
    for (const participant of this.#participants) participant.close();
    await this.#process?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** With a room of its own for each publisher in the shape `PrS`; everybody in one room otherwise. */
  #room(publisher: number): string {
    return this.#shape.kind === 'rooms' ? `bench-${publisher}` : 'bench';
  }

  async #enter(
    identity: string,
    room: string,
    local: LocalPeer,
    streams: readonly [audio: Stream, video: Stream] | null,
    slots: number,
  ): Promise<RemotePeer> {
    const session = await SignalSession.open();
    this.#participants.push(session);
    const token = await fetchToken(identity, room);
    await session.request({
      kind: 'join',
      token,
      client: { sdk: 'bench', version: '1' },
      autoSubscribe: true,
    });
    const pairs = slotPairs(streams ? 2 : 0, slots);
    const answer = await session.request({
      kind: 'offer',
      sdp: writeOffer(local, [...(streams ? sendingMedia(streams) : []), ...receivingMedia(pairs)]),
      fresh: true,
      senders: streams
        ? [
            { mid: MICROPHONE, source: 'microphone' },
            { mid: CAMERA, source: 'camera' },
          ]
        : [],
      pairs,
    });
    if (answer.kind !== 'answer')
      throw new Error(`switchyard: ${answer.kind} instead of an answer`);
    if (streams) {
      await session.request({
        kind: 'publish',
        mid: MICROPHONE,
        source: 'microphone',
        muted: false,
        layers: [],
      });
      await session.request({
        kind: 'publish',
        mid: CAMERA,
        source: 'camera',
        muted: false,
        layers: [],
      });
    }
    return remotePeer(parseSdp(answer.sdp), true);
  }
}

type Request = DistributiveOmit<Extract<ClientMessage, { id: number }>, 'id'>;
type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;
type Answer = Extract<ServerMessage, { kind: 'joined' | 'answer' | 'reply' }>;

/** One signalling WebSocket: requests with answers, pings; events are of no interest here. */
class SignalSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #requests = 0;
  #pings: NodeJS.Timeout | null = null;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data))));
    socket.addEventListener('close', ({ code, reason }) => {
      if (this.#pings) clearInterval(this.#pings);
      for (const waiting of this.#waiting.values()) {
        waiting.reject(new Error(`the WebSocket was closed: ${code} ${reason}`));
      }
    });
  }

  static async open(): Promise<SignalSession> {
    const socket = new WebSocket(`ws://127.0.0.1:${HTTP_PORT}/rtc`, SUBPROTOCOL);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error('the WebSocket was refused')), {
        once: true,
      });
    });
    return new SignalSession(socket);
  }

  async request(request: Request): Promise<Answer> {
    const id = ++this.#requests;
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.set(id, answer);
    const timer = setTimeout(
      () => answer.reject(new Error(`switchyard: no answer to ${request.kind}`)),
      ANSWER_TIMEOUT_MS,
    );
    this.#socket.send(JSON.stringify({ ...request, id }));
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #take(message: ServerMessage): void {
    switch (message.kind) {
      case 'joined':
        this.#pings = setInterval(
          () => this.#socket.send(JSON.stringify({ kind: 'ping', time: performance.now() })),
          message.pingIntervalMs,
        );
        this.#waiting.get(message.id)?.resolve(message);
        return;
      case 'answer':
      case 'reply':
        this.#waiting.get(message.id)?.resolve(message);
        return;
      case 'error': {
        const { code, message: text } = message.error;
        if (message.id !== undefined) {
          this.#waiting.get(message.id)?.reject(new Error(`switchyard: ${code}: ${text}`));
        }
        return;
      }
      default:
    }
  }
}

async function fetchToken(identity: string, room: string): Promise<string> {
  const response = await fetch(`${ORIGIN}/api/v1/dev/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identity, room }),
  });
  if (!response.ok) throw new Error(`dev/token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

function slotPairs(from: number, count: number): { audio: string; video: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    audio: String(from + 2 * i),
    video: String(from + 2 * i + 1),
  }));
}

function sendingMedia([audio, video]: readonly [Stream, Stream]): OfferedMedia[] {
  return [
    { ...audio, kind: 'audio', mid: MICROPHONE, direction: 'sendonly', withLevel: true },
    { ...video, kind: 'video', mid: CAMERA, direction: 'sendonly' },
  ];
}

function receivingMedia(pairs: readonly { audio: string; video: string }[]): OfferedMedia[] {
  return pairs.flatMap(({ audio, video }): OfferedMedia[] => [
    { kind: 'audio', mid: audio, payloadType: 111, direction: 'recvonly' },
    { kind: 'video', mid: video, payloadType: 96, direction: 'recvonly' },
  ]);
}
