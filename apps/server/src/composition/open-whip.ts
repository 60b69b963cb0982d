import { randomBytes } from 'node:crypto';
import { isPrivateAddress } from '@switchyard/control/api';
import { signToken } from '@switchyard/control/auth';
import { type HostPolicy, isTrustedOrigin } from '../web/hosts.ts';
import type { Handler } from '../web/router.ts';
import type { OwnKey } from './keys.ts';

/** Sessions whose tokens are remembered; more than the gateway has. */
const MAX_REMEMBERED = 4096;

/**
 * WHIP and WHEP without a token, for development mode: who comes from a private address without one gets a
 * token for the room he asks for, as the development token endpoint would give him. Pages of other sites
 * get none.
 */
export class OpenWhip implements Handler {
  readonly #inner: Handler;
  readonly #key: OwnKey;
  readonly #hosts: HostPolicy;
  /** Tokens by the path of the session they opened, oldest first. */
  readonly #tokens = new Map<string, string>();

  constructor(inner: Handler, key: OwnKey, hosts: HostPolicy) {
    this.#inner = inner;
    this.#key = key;
    this.#hosts = hosts;
  }

  async fetch(
    request: Request,
    environment: { readonly remoteAddress: string },
  ): Promise<Response> {
    const { pathname } = new URL(request.url);
    const token = this.#mayHelp(request, environment.remoteAddress)
      ? (this.#tokens.get(pathname) ?? this.#tokenFor(request.method, pathname))
      : null;
    if (token === null) return this.#inner.fetch(request, environment);
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${token}`);
    const response = await this.#inner.fetch(new Request(request, { headers }), environment);
    this.#remember(response, token);
    return response;
  }

  #mayHelp(request: Request, remoteAddress: string): boolean {
    if (request.headers.has('authorization') || !isPrivateAddress(remoteAddress)) return false;
    const origin = request.headers.get('origin');
    return origin === null || isTrustedOrigin(origin, new URL(request.url).host, this.#hosts);
  }

  /** A token for who opens a session at `/whip/{room}`, `/whep/{room}` or `/whep/{room}/{identity}`. */
  #tokenFor(method: string, path: string): string | null {
    const [, kind, encoded] = path.split('/');
    const room = method === 'POST' ? decode(encoded ?? '') : null;
    if (room === null || room === '') return null;
    const name = kind === 'whip' ? 'Encoder' : 'Player';
    return signToken(
      this.#key,
      {
        identity: `${kind}-${randomBytes(4).toString('hex')}`,
        name,
        video: { room, roomJoin: true, canPublish: kind === 'whip' },
      },
      Date.now() / 1000,
    );
  }

  #remember(response: Response, token: string): void {
    // 201, or 406 with a counter-offer: both made a session.
    const location = response.headers.get('location');
    if (location === null) return;
    this.#tokens.set(location, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MAX_REMEMBERED) this.#tokens.delete(oldest!);
  }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
