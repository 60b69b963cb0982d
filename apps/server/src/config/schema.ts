import { MAX_WORKERS } from '@switchyard/core/media-api';
import * as z from 'zod';
import { advertisedAddress, listenAddress } from './addresses.ts';
import { choice, count, duration, flag, size } from './values.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** An http or https origin, without a path. */
const origin = (error: string) =>
  z
    .url({ protocol: /^https?$/, error })
    .refine((given) => new URL(given).pathname === '/', { error })
    .transform((given) => new URL(given).origin);

const path = (description: string) =>
  z
    .string({ error: 'a path' })
    .min(1, { error: 'a path' })
    .meta({ description: `${description} Relative to the configuration file.` });

const server = z.strictObject({
  listen: listenAddress(
    'The one TCP port: HTTP, HTTPS, WebSocket, WHIP and media over TCP. Without an address in front it is open on all of them.',
    ':7880',
  ),
  publicUrl: origin('an origin as "https://meet.example.org"')
    .optional()
    .meta({
      description:
        'What browsers have in their address bar. Without it: the addresses of this machine.',
      examples: ['https://meet.example.org'],
    }),
  origins: z
    .array(origin('origins as "https://app.example.org"'), { error: 'a list of origins' })
    .max(256)
    .default([])
    .meta({ description: 'Further origins whose pages may open the signalling WebSocket.' }),
  trustProxy: flag(
    'Believe the last address in `X-Forwarded-For`. Only behind a proxy that sets it itself.',
    false,
  ),
  drainTimeout: duration('How long a stopping server waits for what is still open.', '4s'),
});

const tls = z
  .strictObject({
    mode: choice(
      '`selfSigned`: a certificate made at the first start, kept in the data folder. `files`: your own. `off`: plain HTTP, for use behind a proxy.',
      ['selfSigned', 'files', 'off'],
      'selfSigned',
    ),
    cert: path('Certificate chain, PEM. For mode `files`.').optional(),
    key: path('Private key, PEM. For mode `files`.').optional(),
  })
  .superRefine((given, context) => {
    if (given.mode !== 'files') return;
    for (const path of ['cert', 'key'] as const) {
      if (given[path] !== undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [path],
        message: 'the path of a PEM file, since tls.mode is "files"',
      });
    }
  });

const SECRET = 'a secret of at least 32 characters, or "env:NAME" or "file:path" of one';

const keys = z
  .record(
    z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'names of letters, digits, - and _' }),
    z.string({ error: SECRET }).min(1, { error: SECRET }),
    { error: 'names of API keys with their secrets' },
  )
  .default({})
  .meta({
    description:
      'API keys: name and secret, or `env:NAME` or `file:path` to take the secret from there. Without any the server runs in development mode.',
    examples: [{ APIweb: 'env:WEB_SECRET' }],
  });

const text = (description: string, example: string) =>
  z
    .string({ error: 'a text' })
    .min(1, { error: 'a text that is not empty' })
    .max(512, { error: 'a text of at most 512 characters' })
    .optional()
    .meta({ description, examples: [example] });

const auth = z
  .strictObject({
    issuer: text(
      'Accept tokens that this identity provider signed: what stands in their `iss`. Its public keys come from one of the two settings below.',
      'https://id.example.org',
    ),
    audience: text('What `aud` of its tokens must contain.', 'switchyard'),
    jwksFile: path('Its public keys, a JSON Web Key Set.').optional(),
    jwksUrl: z
      .url({ protocol: /^https?$/, error: 'an address as "https://id.example.org/jwks.json"' })
      .optional()
      .meta({
        description: 'Where its public keys are: no redirects, at most 64 KiB, within 5 s.',
      }),
    allowPrivateAddress: flag(
      'Let `auth.jwksUrl` be on this machine or in a private network, and plain HTTP.',
      false,
    ),
    refresh: duration(
      'How often the keys are read again. A token with an unknown one makes it sooner.',
      '10m',
    ),
  })
  .superRefine(({ issuer, jwksFile, jwksUrl, allowPrivateAddress }, context) => {
    const problem = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    const sources = [jwksFile, jwksUrl].filter((source) => source !== undefined).length;
    if (issuer !== undefined && sources === 0)
      problem('jwksUrl', 'the address of its keys, or auth.jwksFile, since auth.issuer is set');
    if (sources === 2) problem('jwksFile', 'one of auth.jwksFile and auth.jwksUrl');
    if (issuer === undefined && sources > 0)
      problem('issuer', 'what stands in `iss` of its tokens, since its keys are configured');
    if (jwksUrl?.startsWith('http:') === true && !allowPrivateAddress)
      problem('jwksUrl', 'an https address, unless auth.allowPrivateAddress is true');
  });

const ICE_URL = 'a list of addresses as "turn:turn.example.org:3478?transport=udp"';

const iceServer = z
  .strictObject(
    {
      urls: z
        .array(z.string().regex(/^(?:stuns?|turns?):[\x21-\x7e]{1,255}$/, { error: ICE_URL }), {
          error: ICE_URL,
        })
        .min(1, { error: ICE_URL })
        .max(8, { error: ICE_URL }),
      username: z.string().max(512).optional(),
      credential: z.string().max(512).optional(),
      secret: z.string().min(1).max(512).optional(),
    },
    { error: 'urls, and username with credential or a secret' },
  )
  .refine(({ secret, credential }) => secret === undefined || credential === undefined, {
    error: 'either a credential or a secret to make one from',
  });

const WORKERS = { error: `"auto" or a whole number from 1 to ${MAX_WORKERS}` };

const rtc = z.strictObject({
  udpPort: count(
    'The first UDP port: one for each media worker, counting up. 0: any free ones.',
    0,
    0xffff,
    7882,
  ),
  workers: z
    .union([z.literal('auto'), z.int().min(1, WORKERS).max(MAX_WORKERS, WORKERS)], WORKERS)
    .default('auto')
    .meta({ description: 'Media worker processes. `auto`: as many as the machine has cores.' }),
  advertise: z
    .array(advertisedAddress, { error: 'a list of addresses' })
    .min(1, { error: 'a list with at least one address' })
    .max(32)
    .prefault(['auto'])
    .meta({
      description:
        'Addresses at which clients reach the media ports. `auto`: those of the network interfaces. `203.0.113.7=10.0.0.5`: told the first, open on the second.',
    }),
  iceServers: z
    .array(iceServer, { error: 'a list of servers' })
    .max(8)
    .default([])
    .meta({
      description:
        'STUN and TURN servers that clients are told: `urls`, and for TURN `username` with `credential`, or the `secret` that the server shares, from which credentials of 12 h are made.',
      examples: [[{ urls: ['turn:turn.example.org:3478'], secret: 'shared' }]],
    }),
  tcp: flag('Take media over the TCP port too, for networks that block UDP.', true),
  gsoPadding: flag(
    "Make a frame's packets equally long, so that the kernel sends them in one call; costs about 1 % more bytes.",
    false,
  ),
  sockets: choice(
    '`batch`: many packets in a system call (Linux). `portable`: one by one. `auto`: the better one that works here.',
    ['auto', 'batch', 'portable'],
    'auto',
  ),
});

const rooms = z.strictObject({
  autoCreate: flag('Create a room when the first person joins it.', true),
  emptyTimeout: duration('A room ends so long after the last one left.', '5m'),
  maxParticipants: count(
    'People in one room at most, unless the room says otherwise.',
    1,
    10_000,
    500,
  ),
  spreadAfter: count(
    'People in a room from which on it is spread over several media workers.',
    1,
    10_000,
    40,
  ),
});

const limits = z.strictObject({
  connectionsPerAddress: count(
    'Open TCP connections from one address (IPv6: one /64). Loopback and proxies that are trusted are exempt.',
    1,
    65_536,
    256,
  ),
  transports: count('Media connections in one worker.', 1, 65_536, 4096),
  pendingHandshakes: count('Unfinished DTLS handshakes in one worker.', 1, 65_536, 512),
  requestBody: size('Longest body of an HTTP request.', '1MiB'),
});

const meet = z.strictObject({
  enabled: flag('Serve Meet, the web application, at `/`.', true),
});

const log = z.strictObject({
  level: choice('The least important lines that are written.', LOG_LEVELS, 'info'),
  pretty: z
    .union([z.literal('auto'), z.boolean()], { error: '"auto", true or false' })
    .default('auto')
    .meta({ description: 'Lines for people instead of JSON. `auto`: in a terminal.' }),
});

const data = z.strictObject({
  folder: path('Everything that the server keeps: its certificate and keys.').default('./data'),
});

/** The whole configuration: what stands in `switchyard.yaml`. */
export const ConfigSchema = z.strictObject({
  server: server.prefault({}).meta({ description: 'The TCP port and what is told about it.' }),
  tls: tls.prefault({}).meta({ description: 'Encryption of the TCP port.' }),
  keys,
  auth: auth.prefault({}).meta({
    description:
      'Tokens of an identity provider, checked with its public keys (RS256, ES256, EdDSA).',
  }),
  rtc: rtc.prefault({}).meta({ description: 'Media: workers, ports and addresses.' }),
  rooms: rooms.prefault({}).meta({ description: 'Rooms and their bounds.' }),
  limits: limits.prefault({}).meta({ description: 'What one client or one worker may take.' }),
  meet: meet.prefault({}).meta({ description: 'The web application.' }),
  log: log.prefault({}).meta({ description: 'The log on standard output.' }),
  data: data.prefault({}).meta({ description: 'Where files are kept.' }),
});

/** Decoded: durations in milliseconds, sizes in bytes, addresses as objects. Secrets are not looked up yet. */
export type Config = z.output<typeof ConfigSchema>;

/** JSON Schema (draft 2020-12) of the file, for editors and for the documentation. */
export const configJsonSchema = (): object => z.toJSONSchema(ConfigSchema, { io: 'input' });
