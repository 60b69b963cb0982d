import { err } from '@switchyard/core/base';
import { signToken } from '../auth/index.ts';
import { withoutUndefined } from '../rooms/index.ts';
import { type Problem, problem } from './problem.ts';
import { created, type Route, route } from './route.ts';
import { signallingUrl } from './routes-server.ts';
import { JoinToken, JoinTokenRequest } from './schemas.ts';

const NO_SIGNING_KEY: Problem = problem(
  409,
  'noSigningKey',
  'This server only knows public keys.',
  'Configure an API key, or let the identity provider sign.',
);

export const TOKEN_ROUTES: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/v1/rooms/{room}/tokens',
    tag: 'Tokens',
    summary: 'Sign a token with which one participant joins a room',
    access: 'admin',
    body: JoinTokenRequest,
    success: { status: 201, schema: JoinToken },
    errors: ['noSigningKey'],
    handle: ({ options, params, url, body }) => {
      const { signingKey, clock } = options;
      if (signingKey === null) return err(NO_SIGNING_KEY);
      const { identity, name, metadata, attributes, ttlSeconds, ...grant } = body;
      const content = {
        identity,
        ...withoutUndefined({ name, metadata, attributes }),
        video: { room: params['room']!, roomJoin: true, ...withoutUndefined(grant) },
        ttlSeconds,
      };
      const token = signToken(signingKey, content, clock.wallClock() / 1000);
      return created({ token, url: signallingUrl(url), identity });
    },
  }),
];
