import { err, ok, type Result } from '@switchyard/core/base';
import { compactVerify } from 'jose';
import { type Claims, TokenClaims } from './claims.ts';
import type { KeyRing, TrustedKey } from './keys.ts';
import { parseStrictJson } from './strict-json.ts';

/** Longest token, characters. */
export const MAX_TOKEN_LENGTH = 8192;

/** Longest time between now and `exp`, s. */
export const MAX_LIFETIME_SECONDS = 86_400;

/** How far the issuer's clock may be off, s. */
const LEEWAY_SECONDS = 60;

/** Why a token was refused. `detail` names the claim or field; it never contains the token. */
export interface AuthError {
  readonly code:
    | 'tokenMissing'
    | 'tokenTooLong'
    | 'tokenMalformed'
    | 'tokenUnknownKey'
    | 'tokenAlgorithm'
    | 'tokenSignature'
    | 'tokenExpired'
    | 'tokenNotYetValid'
    | 'tokenLivesTooLong'
    | 'tokenAudience'
    | 'tokenClaims';
  readonly detail: string;
}

const refuse = (code: AuthError['code'], detail: string) => err<AuthError>({ code, detail });

/**
 * Checks a token's form, signature, times and claims (RFC 7519, RFC 8725). The algorithm comes from the
 * key, never from the header; a header that says another one is refused, and so are `crit`, duplicate
 * JSON members and times without bound. `nowSeconds` is the time since the epoch.
 */
export async function verifyToken(
  token: string,
  keys: KeyRing,
  nowSeconds: number,
): Promise<Result<Claims, AuthError>> {
  if (token === '') return refuse('tokenMissing', 'no token was given');
  if (token.length > MAX_TOKEN_LENGTH)
    return refuse('tokenTooLong', `${token.length} characters, at most ${MAX_TOKEN_LENGTH}`);
  const parts = splitToken(token);
  if (!parts.ok) return parts;
  const { header, payload } = parts.value;
  const chosen = chooseKey(header, payload, keys);
  if (!chosen.ok) return chosen;
  const key = chosen.value;
  const algorithm = key.kind === 'secret' ? 'HS256' : key.algorithm;
  if (header['alg'] !== algorithm)
    return refuse('tokenAlgorithm', `the key is for ${algorithm}, the header says another one`);
  if ('crit' in header) return refuse('tokenMalformed', 'the header has critical extensions');
  try {
    await compactVerify(token, key.kind === 'secret' ? key.secret : key.key, {
      algorithms: [algorithm],
    });
  } catch {
    return refuse('tokenSignature', `the signature does not fit key ${nameOf(key)}`);
  }
  return checkClaims(payload, key, nowSeconds);
}

type Json = Readonly<Record<string, unknown>>;

function splitToken(token: string): Result<{ header: Json; payload: Json }, AuthError> {
  const parts = token.split('.');
  if (parts.length !== 3) return refuse('tokenMalformed', 'not three parts separated by dots');
  const header = decodePart(parts[0]!);
  if (header === null) return refuse('tokenMalformed', 'the header is not a JSON object');
  const payload = decodePart(parts[1]!);
  if (payload === null) return refuse('tokenMalformed', 'the payload is not a JSON object');
  return ok({ header, payload });
}

function decodePart(part: string): Json | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null;
  return parseStrictJson(Buffer.from(part, 'base64url').toString('utf8'));
}

function chooseKey(header: Json, payload: Json, keys: KeyRing): Result<TrustedKey, AuthError> {
  const issuer = payload['iss'];
  if (typeof issuer !== 'string') return refuse('tokenClaims', 'iss is missing');
  const kid = header['kid'];
  const fitting = keys.filter((key) =>
    key.kind === 'secret'
      ? key.id === issuer
      : key.issuer === issuer && (typeof kid !== 'string' || key.kid === kid),
  );
  // Two keys of one issuer without `kid` in the token would mean guessing.
  if (fitting.length !== 1)
    return refuse('tokenUnknownKey', 'no key is configured for its iss and kid');
  return ok(fitting[0]!);
}

function checkClaims(
  payload: Json,
  key: TrustedKey,
  nowSeconds: number,
): Result<Claims, AuthError> {
  const parsed = TokenClaims.safeParse(payload);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return refuse('tokenClaims', `${issue.path.join('.') || 'payload'}: ${issue.message}`);
  }
  const claims = parsed.data;
  if (claims.exp + LEEWAY_SECONDS <= nowSeconds)
    return refuse('tokenExpired', `exp was ${Math.round(nowSeconds - claims.exp)} s ago`);
  if (claims.exp - nowSeconds > MAX_LIFETIME_SECONDS + LEEWAY_SECONDS)
    return refuse('tokenLivesTooLong', 'exp is more than 24 h away');
  if (claims.nbf !== undefined && claims.nbf - LEEWAY_SECONDS > nowSeconds)
    return refuse('tokenNotYetValid', `nbf is in ${Math.round(claims.nbf - nowSeconds)} s`);
  if (key.kind === 'public' && key.audience !== null) {
    const audience = payload['aud'];
    const all = Array.isArray(audience) ? audience : [audience];
    if (!all.includes(key.audience)) return refuse('tokenAudience', `aud is not ${key.audience}`);
  }
  return ok(claims);
}

const nameOf = (key: TrustedKey): string =>
  key.kind === 'secret' ? key.id : `${key.issuer} ${key.kid ?? ''}`.trim();
