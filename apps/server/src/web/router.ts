import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type HostPolicy, isTrustedHost } from './hosts.ts';
import { problem } from './problem.ts';
import { clientAddress } from './remote-address.ts';
import type { StaticSite } from './static-site.ts';

/** A part of the server that answers requests below some paths. */
export interface Handler {
  fetch(
    request: Request,
    environment: { readonly remoteAddress: string },
  ): Response | Promise<Response>;
}

export interface RouterOptions {
  readonly api: Handler;
  readonly whip: Handler;
  /** Meet; null: not built or not enabled. */
  readonly site: StaticSite | null;
  readonly hosts: HostPolicy;
  readonly trustProxy: boolean;
  /** Longest request body, bytes. */
  readonly maxBody: number;
  /** What went wrong inside a handler: a bug. */
  readonly onError: (error: unknown) => void;
}

const API_PATHS = [
  '/api/*',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/version',
];

type Environment = { Bindings: HttpBindings };
type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Sends each request to the part of the server that answers it. */
export function createRouter(options: RouterOptions): NodeListener {
  const { api, whip, site, hosts, trustProxy, maxBody } = options;
  const router = new Hono<Environment>();
  router.use(async (context, next) => {
    if (isTrustedHost(context.req.header('host') ?? '', hosts)) return next();
    return problem(
      421,
      'unknown_host',
      'This server does not answer to that host name in development mode',
      'Open it by its address or as localhost, or set server.publicUrl.',
    );
  });
  const tooLarge = () =>
    problem(413, 'body_too_large', `The body is longer than ${maxBody} bytes`, 'Send less.');
  router.use(bodyLimit({ maxSize: maxBody, onError: tooLarge }));
  const pass = (handler: Handler) => (context: { req: { raw: Request }; env: HttpBindings }) =>
    handler.fetch(context.req.raw, {
      remoteAddress: clientAddress(context.env.incoming as IncomingMessage, trustProxy),
    });
  for (const path of API_PATHS) router.all(path, pass(api));
  for (const path of ['/whip/*', '/whep/*']) router.all(path, pass(whip));
  router.all('/rtc', () =>
    problem(
      426,
      'upgrade_required',
      'This path is for WebSockets',
      'Connect with ws:// or wss://.',
      {
        connection: 'upgrade',
        upgrade: 'websocket',
      },
    ),
  );
  router.all('*', (context) => site?.answer(context.req.raw) ?? notFound(site));
  router.onError((error) => {
    options.onError(error);
    return problem(500, 'internal', 'The server made a mistake', 'Try again; the log says more.');
  });
  return getRequestListener((request, environment) =>
    router.fetch(request, environment as HttpBindings),
  );
}

const notFound = (site: StaticSite | null): Response =>
  problem(
    404,
    'not_found',
    'There is nothing here',
    site === null ? 'Meet is not built or not enabled: npm run build.' : '',
  );
