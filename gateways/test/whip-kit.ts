import type { Clock, SessionSink } from '@switchyard/control/api';
import {
  type Admission,
  DEFAULT_PERMISSIONS,
  type IcePair,
  type SessionId,
  sessionId,
} from '@switchyard/control/rooms';
import { err, type Millis, millis, ok, type Result } from '@switchyard/core/base';
import { createOffer, type LocalSession, negotiate, parseOffer } from '@switchyard/core/sdp';
import type {
  ClientMessage,
  ParticipantInfo,
  ServerMessage,
  SignalError,
  TrackInfo,
  TrackSource,
} from '@switchyard/core/signal';
import { createWhipApp, type WhipOptions, type WhipRooms } from '../src/whip/index.ts';

/** A clock that stands still until `advance`. */
export class ManualClock implements Clock {
  #now = 1_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): Millis {
    return millis(this.#now);
  }

  wallClock(): number {
    return this.#now;
  }

  schedule(at: Millis, run: () => void): () => void {
    const timer = { at, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
      this.#timers = this.#timers.filter((other) => other !== timer);
      timer.run();
    }
  }

  get timerCount(): number {
    return this.#timers.length;
  }
}

interface FakeSession {
  readonly sink: SessionSink;
  admission: Admission | null;
  kind: string;
  readonly messages: ClientMessage[];
  open: boolean;
}

export const signalError = (code: string, retryable = false): SignalError => ({
  code,
  message: `It failed: ${code}.`,
  fix: 'Do something else.',
  retryable,
});

/** Rooms that take everything at once, as the real ones do, unless `failures` says otherwise. */
class FakeRooms implements WhipRooms {
  readonly sessions = new Map<SessionId, FakeSession>();
  present: ParticipantInfo[] = [];
  /** By kind of message: refused with this error; null: never answered. */
  readonly failures = new Map<ClientMessage['kind'], SignalError | null>();
  readonly restarts: IcePair[] = [];
  videoCodecs: readonly ('vp8' | 'h264' | 'av1')[] = ['vp8', 'h264'];

  connect(sink: SessionSink): SessionId {
    const id = sessionId(this.sessions.size + 1);
    this.sessions.set(id, { sink, admission: null, kind: '', messages: [], open: true });
    return id;
  }

  open(id: SessionId, admission: Admission, kind: 'whip' | 'whep'): void {
    Object.assign(this.#session(id), { admission, kind });
  }

  message(id: SessionId, message: ClientMessage): void {
    const session = this.#session(id);
    session.messages.push(message);
    const failure = this.failures.get(message.kind);
    if (failure === null) return;
    if (failure !== undefined && 'id' in message) {
      session.sink.send({ kind: 'error', id: message.id, error: failure });
      return;
    }
    const answer = this.#answer(session, message);
    if (answer !== null) session.sink.send(answer);
    if (message.kind === 'leave') this.end(id, 'left');
  }

  disconnect(id: SessionId): void {
    this.#session(id).open = false;
  }

  restartIce(id: SessionId, remote: IcePair): IcePair | null {
    if (!this.#session(id).open) return null;
    this.restarts.push(remote);
    return { ufrag: 'again', pwd: 'r'.repeat(24) };
  }

  prepareOffer(id: SessionId): Result<string, SignalError> {
    if (!this.#session(id).open) return err(signalError('notInRoom'));
    const media = [
      { mid: '0', kind: 'audio' },
      { mid: '1', kind: 'video' },
    ] as const;
    return ok(createOffer(media, this.#local(new Set())));
  }

  participants(): readonly ParticipantInfo[] {
    return this.present;
  }

  /** The rooms end a session. */
  end(id: SessionId, reason: 'left' | 'removed'): void {
    const session = this.#session(id);
    const { sink } = session;
    session.open = false;
    sink.send({ kind: 'goodbye', reason, error: signalError(reason) });
    sink.close(4000, reason);
  }

  /** The newest session and its number. */
  get last(): FakeSession & { readonly id: SessionId } {
    const [id, session] = [...this.sessions].at(-1)!;
    return { ...session, id };
  }

  #session(id: SessionId): FakeSession {
    const session = this.sessions.get(id);
    if (session === undefined) throw new Error(`session ${id} was never connected`);
    return session;
  }

  #answer(session: FakeSession, message: ClientMessage): ServerMessage | null {
    switch (message.kind) {
      case 'join':
        return joined(message.id, session.admission!, this.present);
      case 'offer':
        return this.#negotiate(message);
      case 'publish':
        return { kind: 'reply', id: message.id };
      default:
        return null;
    }
  }

  #negotiate({ id, sdp, senders }: Extract<ClientMessage, { kind: 'offer' }>): ServerMessage {
    const offer = parseOffer(sdp);
    if (!offer.ok) return { kind: 'error', id, error: signalError('badOffer') };
    const sends = new Set(senders.map(({ mid }) => mid));
    const negotiation = negotiate(offer.value, this.#local(sends));
    if (!negotiation.ok) return { kind: 'error', id, error: signalError('badOffer') };
    return { kind: 'answer', id, sdp: negotiation.value.sdp, slots: [] };
  }

  #local(sends: ReadonlySet<string>): LocalSession {
    return {
      ice: { ufrag: 'local', pwd: 'l'.repeat(24) },
      fingerprint: { algorithm: 'sha-256', value: Array(32).fill('B2').join(':') },
      candidates: [{ address: '192.0.2.7', port: 7000, protocol: 'udp' }],
      audioCodecs: ['opus'],
      videoCodecs: this.videoCodecs,
      sessionId: '1',
      sessionVersion: 1,
      outgoing: (mid) => ({ ssrc: 9, rtxSsrc: 10, cname: 'c', streamId: 's', trackId: mid }),
      allow: ({ mid }) => ({ receive: sends.has(mid), send: !sends.has(mid) }),
    };
  }
}

function joined(
  id: number,
  { identity, name, room, permissions }: Admission,
  participants: ParticipantInfo[],
): ServerMessage {
  return {
    kind: 'joined',
    id,
    room: {
      sid: 'RM_1',
      name: room ?? '',
      metadata: '',
      createdAt: 0,
      maxParticipants: 10,
      locked: false,
    },
    participant: { ...person(identity), name, permissions },
    participants,
    resumeToken: 'r',
    seq: 0,
    iceServers: [
      { urls: ['stun:192.0.2.7:3478'] },
      { urls: ['turn:192.0.2.7:3478?transport=udp'], username: '1:u"', credential: 'se\\cret' },
    ],
    slots: { pairs: 1, videoOnly: 0, audioOnly: 0 },
    serverTime: 0,
    pingIntervalMs: 5_000,
    resumeWindowMs: 30_000,
    serverVersion: '0.1.0',
  };
}

/** A participant with sid `PA_<identity>` and one track for each source. */
export function person(identity: string, ...sources: readonly TrackSource[]): ParticipantInfo {
  return {
    sid: `PA_${identity}`,
    identity,
    name: identity,
    kind: 'standard',
    metadata: '',
    attributes: {},
    joinedAt: 0,
    permissions: DEFAULT_PERMISSIONS,
    tracks: sources.map((source) => track(identity, source)),
    state: 'active',
  };
}

export function track(identity: string, source: TrackSource): TrackInfo {
  const kind = source === 'microphone' || source === 'screenShareAudio' ? 'audio' : 'video';
  return {
    sid: `TR_${identity}_${source}`,
    kind,
    source,
    name: '',
    muted: false,
    width: 0,
    height: 0,
    layers: [],
    codec: '',
  };
}

export const admission = (identity: string, changes: Partial<Admission> = {}): Admission => ({
  identity,
  name: identity,
  metadata: '',
  attributes: {},
  room: 'studio',
  permissions: DEFAULT_PERMISSIONS,
  mayCreateRoom: false,
  ...changes,
});

/** Tokens of the tests are names; only these are valid. */
const TOKENS: Readonly<Record<string, Admission>> = {
  obs: admission('obs'),
  other: admission('other'),
  elsewhere: admission('obs', { room: 'elsewhere' }),
  viewer: admission('viewer', { permissions: { ...DEFAULT_PERMISSIONS, canPublish: false } }),
  publisher: admission('publisher', {
    permissions: { ...DEFAULT_PERMISSIONS, canSubscribe: false },
  }),
};

export const verify: WhipOptions['verify'] = async (token) => {
  const known = TOKENS[token];
  return known ? ok(known) : err({ code: 'tokenSignature', detail: 'the signature is wrong' });
};

export function makeGateway(options: Partial<WhipOptions> = {}) {
  const rooms = new FakeRooms();
  const clock = new ManualClock();
  const app = createWhipApp({
    rooms,
    clock,
    verify,
    ...options,
  });
  const request = async (method: string, path: string, init: Init = {}): Promise<Response> => {
    const { token = 'obs', type, body, headers = {} } = init;
    const response = await app.request(path, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    return response;
  };
  const post = (path: string, body: string, init: Init = {}) =>
    request('POST', path, { type: 'application/sdp', body, ...init });
  const patch = (path: string, body: string, ifMatch: string | null, init: Init = {}) =>
    request('PATCH', path, {
      type: 'application/trickle-ice-sdpfrag',
      body,
      headers: ifMatch === null ? {} : { 'if-match': ifMatch },
      ...init,
    });
  return { rooms, clock, app, request, post, patch };
}

interface Init {
  /** Empty: none is sent. */
  readonly token?: string;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An offer of Opus and VP8 in one direction; `edit` changes the text. */
export function makeOffer(
  direction: 'sendonly' | 'recvonly',
  edit: (sdp: string) => string = (sdp) => sdp,
): string {
  const media = (line: string, mid: string, rtpmap: string) => [
    `m=${line}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=ice-ufrag:peer',
    'a=ice-pwd:pppppppppppppppppppppp',
    `a=fingerprint:sha-256 ${Array(32).fill('A1').join(':')}`,
    'a=setup:actpass',
    `a=${direction}`,
    'a=rtcp-mux',
    `a=rtpmap:${rtpmap}`,
  ];
  const lines = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    ...media('audio 9 UDP/TLS/RTP/SAVPF 111', '0', '111 opus/48000/2'),
    ...media('video 9 UDP/TLS/RTP/SAVPF 96', '1', '96 VP8/90000'),
    '',
  ];
  return edit(lines.join('\r\n'));
}

export const FRAGMENT = [
  'a=ice-ufrag:peer',
  'a=ice-pwd:pppppppppppppppppppppp',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host',
  '',
].join('\r\n');

export const RESTART = FRAGMENT.replace('ufrag:peer', 'ufrag:anew');
