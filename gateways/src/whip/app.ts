import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Gateway, type WhipOptions } from './gateway.ts';
import { CORS } from './http.ts';
import { problemResponse } from './problem.ts';
import { bodyTooLong, FAULT, NOT_FOUND } from './refusals.ts';

/** Longest request body, bytes. */
const MAX_BODY = 65_536;

/**
 * WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep-03): encoders publish into rooms and players watch them
 * over HTTP. `POST /whip/:room`, `POST /whep/:room` (whoever speaks), `POST /whep/:room/:identity`; a
 * session then lives at `/whip/sessions/:id` or `/whep/sessions/:id` until DELETE or the end of consent.
 */
export function createWhipApp(options: WhipOptions): Hono {
  const gateway = new Gateway(options);
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: MAX_BODY,
    onError: () => problemResponse(bodyTooLong(MAX_BODY)),
  });
  for (const kind of ['whip', 'whep'] as const) {
    app.use(`/${kind}/*`, addCors, limit);
    // Before the endpoints: no room can be called "sessions" here.
    app.all(`/${kind}/sessions/:id`, (c) => gateway.onSession(c, kind, c.req.param('id')));
    app.all(`/${kind}/:room`, (c) => gateway.onEndpoint(c, kind, c.req.param('room'), null));
  }
  app.all('/whep/:room/:identity', (c) =>
    gateway.onEndpoint(c, 'whep', c.req.param('room'), c.req.param('identity')),
  );
  app.onError((error) => {
    options.onFault?.(error);
    return problemResponse(FAULT);
  });
  app.notFound(() => problemResponse(NOT_FOUND));
  return app;
}

const addCors: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(CORS)) c.res.headers.set(name, value);
};
