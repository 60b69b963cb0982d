import { randomUUID } from 'node:crypto';
import { signToken } from '../auth/index.ts';
import { created, found, type Route, route } from './route.ts';
import { DevelopmentTokenRequest, JoinToken, ServerInfo } from './schemas.ts';

/** Development tokens are for an afternoon's work, s. */
const DEVELOPMENT_TTL_SECONDS = 12 * 3600;

export const SERVER_ROUTES: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/v1/info',
    tag: 'Server',
    summary: 'Name, version and limits of this server',
    access: 'public',
    body: null,
    success: { status: 200, schema: ServerInfo },
    errors: [],
    handle: ({ options: { serverName, version, developmentKey, limits } }) => {
      const { participantsPerRoom, tracksPerParticipant, messageLength } = limits;
      return found({
        name: serverName,
        version,
        development: developmentKey !== null,
        limits: { participantsPerRoom, tracksPerParticipant, messageLength },
      });
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/dev/token',
    tag: 'Server',
    summary: 'A token with all rights in a room, for trying things out',
    access: 'development',
    body: DevelopmentTokenRequest,
    success: { status: 201, schema: JoinToken },
    errors: [],
    handle: ({ options, url, body }) => {
      const { room, name, identity = `guest-${randomUUID().slice(0, 8)}` } = body;
      const grant = room === undefined ? {} : { room, roomJoin: true };
      const token = signToken(
        options.developmentKey!, // `development` routes are served with a key only
        {
          identity,
          ...(name === undefined ? {} : { name }),
          video: { ...grant, canUpdateOwnMetadata: true, canModerate: true },
          ttlSeconds: DEVELOPMENT_TTL_SECONDS,
        },
        options.clock.wallClock() / 1000,
      );
      return created({ token, url: signallingUrl(url), identity });
    },
  }),
];

/** Address of the signalling WebSocket for who reached us at `url`. */
export const signallingUrl = ({ protocol, host }: URL): string =>
  `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/rtc`;
