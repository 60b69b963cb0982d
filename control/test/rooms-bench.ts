import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Millis, millis, type Random } from '@switchyard/core/base';
import type { MediaCommand, WorkerId } from '@switchyard/core/media-api';
import type {
  ClientMessage,
  ParticipantKind,
  Permissions,
  ServerMessage,
} from '@switchyard/core/signal';
import {
  type Admission,
  DEFAULT_PERMISSIONS,
  type RoomEvent,
  type SessionId,
  Switchboard,
  type SwitchboardPorts,
  type SwitchboardSettings,
  sessionId,
} from '../src/rooms/index.ts';
import { type TestMedia, writeOffer } from './offer.ts';

/** Bytes that are the same in every run. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return {
    fill(out) {
      for (let at = 0; at < out.length; at += 32) {
        const block = createHash('sha256').update(`${seed}/${counter++}`).digest();
        out.set(block.subarray(0, Math.min(32, out.length - at)), at);
      }
    },
  };
}

export const worker = (number: number): WorkerId => number as WorkerId;

type Kind = ServerMessage['kind'];
type Of<K extends Kind> = Extract<ServerMessage, { kind: K }>;

interface JoinOptions {
  readonly room?: string | null;
  readonly kind?: ParticipantKind;
  readonly name?: string;
  readonly permissions?: Partial<Permissions>;
  readonly mayCreateRoom?: boolean;
  readonly autoSubscribe?: boolean;
  readonly attributes?: Record<string, string>;
}

/** A switchboard with workers and clients that a test steps through. */
export class Bench {
  now = 1_000;
  readonly switchboard: Switchboard;
  readonly commands: { readonly worker: WorkerId; readonly command: MediaCommand }[] = [];
  readonly events: RoomEvent[] = [];
  readonly tokens: { identity: string; name: string; room: string }[] = [];
  readonly #clients = new Map<SessionId, TestClient>();
  #sessions = 0;

  constructor(settings: Partial<SwitchboardSettings> = {}, workers: readonly number[] = [0]) {
    const ports: SwitchboardPorts = {
      random: seededRandom('bench'),
      wallClock: (now) => now + 1_700_000_000_000,
      advertise: (id) => [{ protocol: 'udp', address: '127.0.0.1', port: 7882 + id }],
      iceServers: () => [{ urls: ['stun:127.0.0.1:7882'] }],
      issueToken: (grant) => {
        this.tokens.push(grant);
        return `token for ${grant.identity}`;
      },
    };
    this.switchboard = new Switchboard(ports, settings);
    for (const number of workers) this.startWorker(number);
  }

  get time(): Millis {
    return millis(this.now);
  }

  startWorker(number: number): void {
    this.switchboard.handleWorkerReady(this.time, {
      kind: 'ready',
      worker: worker(number),
      pid: 100 + number,
      udp: [{ address: '127.0.0.1', port: 7882 + number }],
      fingerprint: { algorithm: 'sha-256', value: 'AA:'.repeat(31).concat('AA') },
    });
    this.drain();
  }

  /** Lets time pass, running every deadline on the way. */
  pass(durationMs: number): void {
    const end = this.now + durationMs;
    while (this.switchboard.nextTimeout() <= end) {
      this.now = Math.max(this.now, this.switchboard.nextTimeout());
      this.switchboard.handleTimeout(this.time);
      this.drain();
    }
    this.now = end;
  }

  /** A connection that has not joined. */
  connect(): TestClient {
    const session = sessionId(++this.#sessions);
    const client = new TestClient(this, session);
    this.#clients.set(session, client);
    return client;
  }

  join(identity: string, options: JoinOptions = {}): TestClient {
    const client = this.connect();
    client.join(identity, options);
    return client;
  }

  /** Commands of a kind, to any worker. */
  commandsOf<K extends MediaCommand['kind']>(kind: K): Extract<MediaCommand, { kind: K }>[] {
    return this.commands
      .map(({ command }) => command)
      .filter((command): command is Extract<MediaCommand, { kind: K }> => command.kind === kind);
  }

  drain(): void {
    for (;;) {
      const output = this.switchboard.pollOutput();
      if (output === undefined) return;
      if (output.kind === 'media') this.commands.push(output);
      else if (output.kind === 'event') this.events.push(output.event);
      else if (output.kind === 'send')
        this.#clients.get(output.session)!.received.push(output.message);
      else this.#clients.get(output.session)!.closed = output;
    }
  }
}

/** One connection of a test. */
export class TestClient {
  readonly received: ServerMessage[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly session: SessionId;
  readonly #bench: Bench;
  #requests = 0;

  constructor(bench: Bench, session: SessionId) {
    this.#bench = bench;
    this.session = session;
  }

  join(identity: string, options: JoinOptions = {}): void {
    const {
      name = '',
      room = 'lab',
      kind = 'standard',
      permissions,
      mayCreateRoom = false,
    } = options;
    const admission: Admission = {
      identity,
      name,
      metadata: '',
      attributes: {},
      room,
      permissions: { ...DEFAULT_PERMISSIONS, ...permissions },
      mayCreateRoom,
    };
    this.#bench.switchboard.handleOpen(this.#bench.time, this.session, admission, kind);
    this.send({
      kind: 'join',
      id: this.nextId(),
      token: '',
      client: { sdk: 'test', version: '1' },
      ...(options.autoSubscribe === undefined ? {} : { autoSubscribe: options.autoSubscribe }),
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    });
  }

  nextId(): number {
    return ++this.#requests;
  }

  send(message: ClientMessage): void {
    this.#bench.switchboard.handleMessage(this.#bench.time, this.session, message);
    this.#bench.drain();
  }

  drop(): void {
    this.#bench.switchboard.handleClose(this.#bench.time, this.session);
    this.#bench.drain();
  }

  /** Offers microphone `m`, camera `c` and the given slots. */
  offer(
    options: {
      readonly pairs?: number;
      readonly videoOnly?: number;
      readonly audioOnly?: number;
      readonly fresh?: boolean;
      readonly rids?: readonly string[];
      readonly ufrag?: string;
    } = {},
  ): void {
    const { pairs = 2, videoOnly = 0, audioOnly = 0, fresh = true, rids = [], ufrag } = options;
    const media: TestMedia[] = [
      { mid: 'm', kind: 'audio', direction: 'sendonly' },
      { mid: 'c', kind: 'video', direction: 'sendonly', rids },
    ];
    const add = (mid: string, kind: 'audio' | 'video') =>
      media.push({ mid, kind, direction: 'recvonly' });
    for (let i = 0; i < pairs; i++) {
      add(`pa${i}`, 'audio');
      add(`pv${i}`, 'video');
    }
    for (let i = 0; i < videoOnly; i++) add(`v${i}`, 'video');
    for (let i = 0; i < audioOnly; i++) add(`a${i}`, 'audio');
    this.send({
      kind: 'offer',
      id: this.nextId(),
      sdp: writeOffer(media, ufrag),
      fresh,
      senders: [
        { mid: 'm', source: 'microphone' },
        { mid: 'c', source: 'camera' },
      ],
      pairs: Array.from({ length: pairs }, (_, i) => ({ audio: `pa${i}`, video: `pv${i}` })),
    });
  }

  /** Publishes the camera (`c`) or microphone (`m`); returns the track's sid. */
  publish(mid: 'c' | 'm', muted = false): string {
    const layers =
      mid === 'm'
        ? []
        : [
            { rid: 'q', height: 180 },
            { rid: 'h', height: 360 },
            { rid: 'f', height: 720 },
          ];
    this.send({
      kind: 'publish',
      id: this.nextId(),
      mid,
      source: mid === 'c' ? 'camera' : 'microphone',
      muted,
      layers,
    });
    const reply = this.last('reply');
    assert.ok(reply.track, JSON.stringify(this.received.at(-1)));
    return reply.track.sid;
  }

  view(
    ...videos: readonly (readonly [trackSid: string, height: number, priority?: number])[]
  ): void {
    this.send({
      kind: 'view',
      videos: videos.map(([trackSid, height, priority = 10]) => ({
        trackSid,
        width: Math.round((height * 16) / 9),
        height,
        priority,
      })),
    });
  }

  /** The newest message of a kind. */
  last<K extends Kind>(kind: K): Of<K> {
    const found = this.received.findLast((message) => message.kind === kind);
    assert.ok(found, `no ${kind} among ${this.received.map((message) => message.kind)}`);
    return found as Of<K>;
  }

  all<K extends Kind>(kind: K): Of<K>[] {
    return this.received.filter((message): message is Of<K> => message.kind === kind);
  }

  get sid(): string {
    return this.last('joined').participant.sid;
  }

  /** The error that answered the last request. */
  get error(): string {
    return this.last('error').error.code;
  }

  /** What stands in each slot by the messages so far. */
  slots(): Record<string, string | null> {
    const slots: Record<string, string | null> = {};
    for (const message of this.received) {
      if (message.kind !== 'answer' && message.kind !== 'slotsChanged') continue;
      for (const { mid, trackSid } of message.slots) slots[mid] = trackSid;
    }
    return slots;
  }
}
