import { createHmac } from 'node:crypto';
import type * as z from 'zod';
import type { TokenClaims } from './claims.ts';

/** What a token shall say; `iss`, `nbf`, `iat` and `exp` are added. */
export interface TokenContent {
  readonly identity?: string;
  readonly name?: string;
  readonly metadata?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly video: z.input<typeof TokenClaims>['video'];
  /** Seconds from now; at most 86 400. Default 6 hours. */
  readonly ttlSeconds?: number;
}

const DEFAULT_TTL_SECONDS = 6 * 3600;

/**
 * Signs a token with an API key (HS256, RFC 7515). Synchronous, so that the rooms can ask for one in the
 * middle of a call; `nowSeconds` is the time since the epoch.
 */
export function signToken(
  key: { readonly id: string; readonly secret: Uint8Array },
  content: TokenContent,
  nowSeconds: number,
): string {
  const { identity, ttlSeconds = DEFAULT_TTL_SECONDS, ...claims } = content;
  const now = Math.floor(nowSeconds);
  const payload = {
    iss: key.id,
    ...(identity === undefined ? {} : { sub: identity }),
    nbf: now,
    iat: now,
    exp: now + Math.floor(ttlSeconds),
    ...claims,
  };
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(payload)}`;
  return `${signed}.${createHmac('sha256', key.secret).update(signed).digest('base64url')}`;
}

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');
