import { createServer, type Server as HttpServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createApi, type Metrics, type SwitchboardHost } from '@switchyard/control/api';
import type { Log } from '@switchyard/core/base';
import { createWhipApp, whipRooms } from '@switchyard/gateways/whip';
import { OnePortListener, type TlsIdentity } from '@switchyard/runtime/net';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { iceServersFor } from '../network/ice-servers.ts';
import { VERSION } from '../version.ts';
import type { HostPolicy } from '../web/hosts.ts';
import { createRouter, type Handler } from '../web/router.ts';
import { Signalling } from '../web/signalling.ts';
import { StaticSite } from '../web/static-site.ts';
import type { ServerKeys } from './keys.ts';
import type { Media } from './media.ts';
import { OpenWhip } from './open-whip.ts';
import { roomLimits } from './rooms.ts';
import { machineNames } from './tls.ts';

const MEET_FOLDER = fileURLToPath(new URL('../../../meet/dist', import.meta.url));

/** A request's header must be complete within this time, ms; the whole request within the second. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;

export interface FrontOptions {
  readonly config: Config;
  readonly log: Log;
  readonly keys: ServerKeys;
  readonly identity: TlsIdentity | null;
  readonly rooms: SwitchboardHost;
  readonly metrics: Metrics;
  readonly media: Media;
}

/** What stands at the TCP port: requests, signalling sockets, pages, media over TCP. */
export interface Front {
  readonly listener: OnePortListener;
  readonly servesMeet: boolean;
  /** Not ready any more, and no new connections. */
  drain(): void;
  /** Resolves when every signalling socket is closed. */
  closeSessions(): Promise<void>;
  /** Closes everything at once. */
  destroy(): void;
}

export async function createFront(options: FrontOptions): Promise<Front> {
  const { config, keys, rooms, media } = options;
  const site = config.meet.enabled ? await StaticSite.load(MEET_FOLDER) : null;
  const hosts = hostPolicy(config, keys);
  const state = { isDraining: false };
  const verify = (token: string) => keys.verify(token);
  const signalling = new Signalling({ host: rooms, clock: systemClock, verify, hosts });
  const http = createHttpServer(
    createRouter({
      api: createRest(options, () => media.isReady && !state.isDraining),
      whip: createWhip(options, hosts),
      site,
      hosts,
      trustProxy: config.server.trustProxy,
      maxBody: config.limits.requestBody,
      onError: (error) => options.log.error({ err: error }, 'request failed'),
    }),
    signalling,
  );
  const listener = new OnePortListener({
    ...config.server.listen,
    tls: options.identity,
    http,
    onMedia: config.rtc.tcp ? (socket) => media.relay.accept(socket) : null,
    connectionsPerAddress: config.limits.connectionsPerAddress,
  });
  return {
    listener,
    servesMeet: site !== null,
    drain: () => {
      state.isDraining = true;
      listener.stopListening();
    },
    closeSessions: () => signalling.close(),
    destroy: () => {
      listener.stopListening();
      signalling.terminate();
      listener.destroyConnections();
    },
  };
}

function createRest(
  { config, keys, rooms, metrics }: FrontOptions,
  isReady: () => boolean,
): Handler {
  return createApi({
    host: rooms,
    clock: systemClock,
    metrics,
    serverName: 'Switchyard',
    version: VERSION,
    limits: roomLimits(config),
    keys: () => keys.ring,
    signingKey: keys.own,
    developmentKey: keys.development === null ? null : keys.own,
    isReady,
  });
}

function createWhip({ config, keys, rooms, log }: FrontOptions, hosts: HostPolicy): Handler {
  const whip = createWhipApp({
    rooms: whipRooms(rooms),
    clock: systemClock,
    verify: (token) => keys.verify(token),
    iceServers: (identity) =>
      iceServersFor(config.rtc.iceServers, identity, systemClock.wallClock()),
    onFault: (error) => log.error({ err: error }, 'WHIP request failed'),
  });
  return hosts.development && keys.own !== null ? new OpenWhip(whip, keys.own, hosts) : whip;
}

const hostPolicy = ({ server }: Config, keys: ServerKeys): HostPolicy => ({
  publicUrl: server.publicUrl ?? null,
  origins: server.origins,
  names: machineNames(),
  development: keys.development !== null,
});

function createHttpServer(
  listener: ReturnType<typeof createRouter>,
  signalling: Signalling,
): HttpServer {
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    (request, response) => void listener(request, response),
  );
  server.on('upgrade', (request, socket, head) => signalling.upgrade(request, socket, head));
  return server;
}
