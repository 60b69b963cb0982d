import { err, ok, type Result } from '@switchyard/core/base';
import { type CryptoKey, importJWK, type JWK } from 'jose';

/** Shortest secret of an HS256 key, bytes (RFC 7518 §3.2: as long as the hash). */
export const MIN_SECRET_LENGTH = 32;

/** Algorithms that a public key may have; a key has exactly one, whatever a token's header says. */
export const PUBLIC_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type PublicAlgorithm = (typeof PUBLIC_ALGORITHMS)[number];

/** A key as configured. */
export type KeyConfig =
  /** An API key: `iss` of its tokens is `id`, the signature HS256 over the UTF-8 bytes of `secret`. */
  | { readonly kind: 'secret'; readonly id: string; readonly secret: string }
  /** An identity provider: `iss` must be `issuer`, the key is chosen among `keys` by `kid`. */
  | {
      readonly kind: 'jwks';
      readonly issuer: string;
      /** When given, `aud` must contain it. */
      readonly audience?: string;
      readonly keys: readonly JWK[];
    };

/** One key ready for verifying. */
export type TrustedKey =
  | { readonly kind: 'secret'; readonly id: string; readonly secret: Uint8Array }
  | {
      readonly kind: 'public';
      readonly issuer: string;
      readonly audience: string | null;
      readonly kid: string | null;
      readonly algorithm: PublicAlgorithm;
      readonly key: CryptoKey;
    };

export type KeyRing = readonly TrustedKey[];

export type KeyError =
  | { readonly code: 'secretTooShort'; readonly id: string; readonly length: number }
  | { readonly code: 'duplicateKey'; readonly id: string }
  | { readonly code: 'badPublicKey'; readonly issuer: string; readonly reason: string };

/** Prepares configured keys; the first that cannot be used is the error. */
export async function prepareKeys(
  configs: readonly KeyConfig[],
): Promise<Result<KeyRing, KeyError>> {
  const ring: TrustedKey[] = [];
  for (const config of configs) {
    const keys =
      config.kind === 'secret' ? prepareSecret(config, ring) : await preparePublic(config);
    if (!keys.ok) return keys;
    ring.push(...keys.value);
  }
  return ok(ring);
}

function prepareSecret(
  config: Extract<KeyConfig, { kind: 'secret' }>,
  ring: KeyRing,
): Result<TrustedKey[], KeyError> {
  const { id } = config;
  const secret = new TextEncoder().encode(config.secret);
  if (secret.length < MIN_SECRET_LENGTH)
    return err({ code: 'secretTooShort', id, length: secret.length });
  if (ring.some((key) => key.kind === 'secret' && key.id === id))
    return err({ code: 'duplicateKey', id });
  return ok([{ kind: 'secret', id, secret }]);
}

async function preparePublic(
  config: Extract<KeyConfig, { kind: 'jwks' }>,
): Promise<Result<TrustedKey[], KeyError>> {
  const { issuer } = config;
  const keys: TrustedKey[] = [];
  for (const jwk of config.keys) {
    const algorithm = algorithmOf(jwk);
    if (algorithm === null)
      return err({ code: 'badPublicKey', issuer, reason: `no usable algorithm for ${jwk.kty}` });
    try {
      const key = await importJWK(jwk, algorithm);
      if (key instanceof Uint8Array || key.type !== 'public')
        return err({ code: 'badPublicKey', issuer, reason: 'not a public key' });
      const audience = config.audience ?? null;
      keys.push({ kind: 'public', issuer, audience, kid: jwk.kid ?? null, algorithm, key });
    } catch (error) {
      return err({ code: 'badPublicKey', issuer, reason: String(error) });
    }
  }
  return ok(keys);
}

/** The one algorithm of a public JWK, from its type and curve; null when we allow none for it. */
function algorithmOf(jwk: JWK): PublicAlgorithm | null {
  const algorithm = algorithmOfType(jwk);
  return jwk.alg === undefined || jwk.alg === algorithm ? algorithm : null;
}

function algorithmOfType(jwk: JWK): PublicAlgorithm | null {
  if (jwk.kty === 'EC') return jwk.crv === 'P-256' ? 'ES256' : null;
  if (jwk.kty === 'OKP') return jwk.crv === 'Ed25519' ? 'EdDSA' : null;
  // RFC 7518 §3.3: 2048 bits or more, which are 342 characters of base64url.
  if (jwk.kty === 'RSA') return (jwk.n?.length ?? 0) >= 342 ? 'RS256' : null;
  return null;
}
