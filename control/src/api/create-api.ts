import { err, ok, type Result } from '@switchyard/core/base';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Claims, verifyToken } from '../auth/index.ts';
import { signalErrorOf } from './auth-error.ts';
import { docsPage } from './docs-page.ts';
import { describeApi } from './openapi.ts';
import type { ApiEnvironment, ApiOptions } from './options.ts';
import { isPrivateAddress } from './private-address.ts';
import { type Problem, problem, problemResponse } from './problem.ts';
import type { Access, Route } from './route.ts';
import { PARTICIPANT_ROUTES } from './routes-participants.ts';
import { ROOM_ROUTES } from './routes-rooms.ts';
import { SERVER_ROUTES } from './routes-server.ts';
import { TOKEN_ROUTES } from './routes-tokens.ts';

/** Longest request body, bytes. */
const MAX_BODY = 1_048_576;

/** All routes below /api/v1, in the order of the documentation. */
export const ROUTES: readonly Route[] = [
  ...SERVER_ROUTES,
  ...TOKEN_ROUTES,
  ...ROOM_ROUTES,
  ...PARTICIPANT_ROUTES,
];

/** The REST interface with its description, health checks and metrics. */
export function createApi(options: ApiOptions): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  const description = describeApi(ROUTES, options.version);
  const docs = docsPage(description);
  app.use(bodyLimit({ maxSize: MAX_BODY, onError: () => problemResponse(BODY_TOO_LONG) }));
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, async ({ req, env }) => {
      const answer = await serve(options, route, req.raw, req.param(), env.remoteAddress);
      return answer.ok ? answer.value : problemResponse(answer.error, headersFor(answer.error));
    });
  }
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', (context) =>
    options.isReady() ? context.text('ready\n') : problemResponse(NOT_READY),
  );
  app.get('/version', (context) => context.json({ version: options.version }));
  app.get('/metrics', async ({ req, env }) => {
    if (!isPrivateAddress(env.remoteAddress)) {
      const allowed = await authorize(options, 'list', req.raw, {});
      if (!allowed.ok) return problemResponse(allowed.error, headersFor(allowed.error));
    }
    const workers = options.host.administer((rooms) => rooms.workers());
    const text = await options.metrics.text(workers);
    return new Response(text, { headers: { 'content-type': options.metrics.contentType } });
  });
  app.get('/openapi.json', (context) => context.json(description));
  app.get('/docs', () => new Response(docs.html, { headers: docs.headers }));
  app.notFound(() => problemResponse(NOT_FOUND));
  return app;
}

async function serve(
  options: ApiOptions,
  route: Route,
  request: Request,
  params: Readonly<Record<string, string>>,
  remoteAddress: string,
): Promise<Result<Response, Problem>> {
  const admitted =
    route.access === 'development'
      ? admitDevelopment(options, remoteAddress)
      : await authorize(options, route.access, request, params);
  if (!admitted.ok) return admitted;
  const json = route.body === null ? ok(undefined) : await readJson(request);
  if (!json.ok) return json;
  const url = new URL(request.url);
  const outcome = route.run({ options, params, claims: admitted.value, url }, json.value);
  if (!outcome.ok) return outcome;
  const { status, body } = outcome.value;
  return ok(
    status === 204
      ? new Response(null, { status })
      : Response.json(body, { status, headers: { 'cache-control': 'no-store' } }),
  );
}

function admitDevelopment(options: ApiOptions, remoteAddress: string): Result<null, Problem> {
  if (options.developmentKey === null) return err(NOT_FOUND);
  return isPrivateAddress(remoteAddress) ? ok(null) : err(NOT_LOCAL);
}

/** Checks the bearer token (RFC 6750 §2.1) and what it grants. */
async function authorize(
  options: ApiOptions,
  access: Exclude<Access, 'development'>,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Result<Claims | null, Problem>> {
  if (access === 'public') return ok(null);
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  const verified = await verifyToken(token, options.keys(), options.clock.wallClock() / 1000);
  if (!verified.ok) return err({ status: 401, error: signalErrorOf(verified.error) });
  const { video } = verified.value;
  const isAdmin = video.roomAdmin && (video.room === undefined || video.room === params['room']);
  const isGranted = {
    list: video.roomList || (video.roomAdmin && video.room === undefined),
    create: video.roomCreate,
    admin: isAdmin,
  }[access];
  if (isGranted) return ok(verified.value);
  const grant = GRANTS[access];
  return err(
    problem(403, 'notAllowed', `The token does not grant ${grant}.`, `Sign one with ${grant}.`),
  );
}

const GRANTS = {
  list: 'video.roomList',
  create: 'video.roomCreate',
  admin: 'video.roomAdmin for this room',
} as const;

async function readJson(request: Request): Promise<Result<unknown, Problem>> {
  const type = request.headers.get('content-type') ?? '';
  // Also keeps web pages of other origins out: they cannot send this type without being asked about.
  if (!/^application\/json\s*(;|$)/i.test(type)) return err(NOT_JSON_TYPE);
  try {
    return ok(await request.json());
  } catch {
    return err(NOT_JSON);
  }
}

/** RFC 9110 §11.6.1: a 401 says how to authenticate. */
const headersFor = ({ status }: Problem): Record<string, string> =>
  status === 401 ? { 'www-authenticate': 'Bearer' } : {};

const BODY_TOO_LONG = problem(
  413,
  'bodyTooLong',
  `The body is longer than ${MAX_BODY} bytes.`,
  'Send less at once.',
);
const NOT_FOUND = problem(404, 'notFound', 'There is no such resource.', 'See /docs.');
const NOT_LOCAL = problem(
  403,
  'notLocal',
  'Development tokens are given out only to this machine and private networks.',
  'Configure an API key and sign tokens in your back end.',
);
const NOT_JSON_TYPE = problem(
  415,
  'notJson',
  'The content type is not application/json.',
  'Send JSON with content-type: application/json.',
);
const NOT_JSON = problem(400, 'badJson', 'The body is not JSON.', 'Send well-formed JSON.');
const NOT_READY = problem(
  503,
  'notReady',
  'The server is starting or shutting down.',
  'Try again in a moment.',
  true,
);
