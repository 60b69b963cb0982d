import { after, type Millis, millis, NEVER } from '@switchyard/core/base';
import type { Hono } from 'hono';
import {
  type ApiEnvironment,
  type ApiOptions,
  type Clock,
  createApi,
  Metrics,
  SwitchboardHost,
} from '../src/api/index.ts';
import { prepareKeys, signToken, type TokenContent } from '../src/auth/index.ts';
import { DEFAULT_LIMITS, type RoomEvent, Switchboard } from '../src/rooms/index.ts';
import { seededRandom, worker } from './rooms-bench.ts';

export const KEY = { id: 'devkey', secret: new TextEncoder().encode('s'.repeat(32)) };

/** Seconds since the epoch at the test clock's 0. */
export const EPOCH_SECONDS = 1_700_000_000;

/** A clock that stands until `pass` is called. */
export class TestClock implements Clock {
  #now = 0;
  #timers: { readonly at: Millis; readonly run: () => void }[] = [];

  now(): Millis {
    return millis(this.#now);
  }

  wallClock(): number {
    return EPOCH_SECONDS * 1000 + this.#now;
  }

  schedule(at: Millis, run: () => void): () => void {
    const timer = { at, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  pass(durationMs: number): void {
    const end = after(this.now(), durationMs);
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  get nextTimer(): number {
    return Math.min(NEVER, ...this.#timers.map((timer) => timer.at));
  }
}

export interface ApiBench {
  readonly api: Hono<ApiEnvironment>;
  readonly host: SwitchboardHost;
  readonly clock: TestClock;
  readonly events: RoomEvent[];
  /** Sends a request; `token` is signed from what it shall say. */
  request(
    method: string,
    path: string,
    options?: {
      readonly token?: TokenContent['video'] | string;
      readonly body?: unknown;
      readonly from?: string;
      readonly headers?: Record<string, string>;
    },
  ): Promise<Response>;
  join(identity: string, room: string): { readonly received: { readonly kind: string }[] };
}

export async function createBench(changes: Partial<ApiOptions> = {}): Promise<ApiBench> {
  const clock = new TestClock();
  const metrics = new Metrics();
  const events: RoomEvent[] = [];
  const switchboard = new Switchboard({
    random: seededRandom('api'),
    wallClock: () => clock.wallClock(),
    advertise: () => [{ protocol: 'udp', address: '127.0.0.1', port: 7882 }],
    iceServers: () => [],
    issueToken: () => null,
  });
  const host = new SwitchboardHost(switchboard, clock, {
    sendCommand: () => {},
    onEvent: (event) => {
      events.push(event);
      metrics.handleEvent(event);
    },
  });
  host.mediaNotice(worker(0), {
    kind: 'ready',
    worker: worker(0),
    pid: 1,
    udp: [],
    fingerprint: { algorithm: 'sha-256', value: 'AA' },
  });
  const keys = await prepareKeys([{ kind: 'secret', id: KEY.id, secret: 's'.repeat(32) }]);
  if (!keys.ok) throw new Error(keys.error.code);
  const api = createApi({
    host,
    clock,
    metrics,
    serverName: 'Switchyard',
    version: '1.2.3',
    limits: DEFAULT_LIMITS,
    keys: () => keys.value,
    signingKey: KEY,
    developmentKey: KEY,
    isReady: () => true,
    ...changes,
  });
  const request: ApiBench['request'] = async (method, path, options = {}) => {
    const { token, body, from = '127.0.0.1', headers = {} } = options;
    const jwt = typeof token === 'object' ? signToken(KEY, { video: token }, EPOCH_SECONDS) : token;
    const sent = new Request(`http://localhost:7880${path}`, {
      method,
      headers: {
        ...(jwt === undefined ? {} : { authorization: `Bearer ${jwt}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return api.fetch(sent, { remoteAddress: from });
  };
  const join: ApiBench['join'] = (identity, room) => {
    const received: { readonly kind: string }[] = [];
    const session = host.connect({ send: (message) => received.push(message), close: () => {} });
    host.open(
      session,
      {
        identity,
        name: identity,
        metadata: '',
        attributes: {},
        room,
        mayCreateRoom: false,
        permissions: {
          canPublish: true,
          canSubscribe: true,
          canPublishData: true,
          canModerate: false,
          canUpdateOwnMetadata: true,
          hidden: false,
        },
      },
      'standard',
    );
    host.message(session, {
      kind: 'join',
      id: 1,
      token: '',
      client: { sdk: 'test', version: '1' },
    });
    return { received };
  };
  return { api, host, clock, events, request, join };
}

/** The JSON of an answer, loosely typed: tests look at single fields. */
export const json = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;
