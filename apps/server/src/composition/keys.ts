import {
  type AuthError,
  admissionOf,
  type KeyRing,
  prepareKeys,
  verifyToken,
} from '@switchyard/control/auth';
import type { Admission } from '@switchyard/control/rooms';
import type { Log, Result } from '@switchyard/core/base';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { type ApiKey, developmentKey } from '../secrets/api-keys.ts';
import type { DataFolder } from '../secrets/data-folder.ts';
import { IdentityProvider } from '../secrets/identity-provider.ts';

/** A key that the server signs with. */
export interface OwnKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** Whose tokens count, and what the server signs its own with. */
export class ServerKeys {
  /** Signs the tokens that the server itself gives out; null: it only knows public keys. */
  readonly own: OwnKey | null;
  /** null: keys are configured. */
  readonly development: ApiKey | null;
  readonly #secrets: KeyRing;
  readonly #provider: IdentityProvider | null;

  private constructor(
    secrets: KeyRing,
    first: ApiKey | undefined,
    development: ApiKey | null,
    provider: IdentityProvider | null,
  ) {
    this.own =
      first === undefined ? null : { id: first.id, secret: new TextEncoder().encode(first.secret) };
    this.development = development;
    this.#secrets = secrets;
    this.#provider = provider;
  }

  /** The configured keys; without any, that of development mode. Waits for those of the identity provider. */
  static async load(config: Config, folder: DataFolder, log: Log): Promise<ServerKeys> {
    const configured = Object.entries(config.keys).map(([id, secret]): ApiKey => ({ id, secret }));
    const provider = providerOf(config, log);
    const isConfigured = configured.length > 0 || provider !== null;
    const development = isConfigured ? null : developmentKey(folder);
    const keys = development === null ? configured : [development];
    const ring = await prepareKeys(keys.map((key) => ({ kind: 'secret' as const, ...key })));
    // Names are unique in a record, and the configuration has checked the lengths.
    if (!ring.ok) throw new Error(`API keys: ${JSON.stringify(ring.error)}`);
    await provider?.start();
    return new ServerKeys(ring.value, keys[0], development, provider);
  }

  /** As they are now: those of an identity provider change. */
  get ring(): KeyRing {
    return this.#provider === null ? this.#secrets : [...this.#secrets, ...this.#provider.ring];
  }

  /** Checks a token and tells whom it admits to what. */
  async verify(token: string): Promise<Result<Admission, AuthError>> {
    const claims = await this.#claims(token);
    return claims.ok ? admissionOf(claims.value) : claims;
  }

  async #claims(token: string): ReturnType<typeof verifyToken> {
    const verify = () => verifyToken(token, this.ring, systemClock.wallClock() / 1000);
    const claims = await verify();
    if (claims.ok || claims.error.code !== 'tokenUnknownKey') return claims;
    return (await this.#provider?.handleUnknownKey()) === true ? verify() : claims;
  }

  close(): void {
    this.#provider?.stop();
  }
}

function providerOf({ auth }: Config, log: Log): IdentityProvider | null {
  const { issuer, audience, jwksFile, jwksUrl, allowPrivateAddress, refresh } = auth;
  if (issuer === undefined) return null;
  // The configuration has checked that there is one of the two.
  const source = jwksFile === undefined ? { url: new URL(jwksUrl!) } : { file: jwksFile };
  return new IdentityProvider({
    issuer,
    audience,
    source,
    allowPrivateAddress,
    refreshMs: refresh,
    log,
  });
}
