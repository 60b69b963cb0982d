import { readFile } from 'node:fs/promises';
import { type KeyConfig, type KeyRing, prepareKeys } from '@switchyard/control/auth';
import { err, type Log, ok, type Result } from '@switchyard/core/base';
import * as z from 'zod';
import { guardedFetch } from '../network/guarded-fetch.ts';

const RETRY_MS = 30_000;

/** More keys than any provider has. */
const MAX_KEYS = 64;

type Jwk = Extract<KeyConfig, { kind: 'jwks' }>['keys'][number];

/** What a key needs besides its type is checked when it is imported. */
const Jwks = z.object({
  keys: z
    .array(
      z.custom<Jwk>(
        (key) =>
          typeof key === 'object' && key !== null && 'kty' in key && typeof key.kty === 'string',
      ),
    )
    .max(MAX_KEYS),
});

export interface IdentityProviderOptions {
  readonly issuer: string;
  /** When given, `aud` must contain it. */
  readonly audience: string | undefined;
  /** A path, or an address. */
  readonly source: { readonly file: string } | { readonly url: URL };
  readonly allowPrivateAddress: boolean;
  /** How often the keys are read again, ms. */
  readonly refreshMs: number;
  /** An unknown key in a token may mean that there are new ones: read no more often than this, ms. Default 30 s. */
  readonly retryMs?: number;
  readonly log: Log;
}

/**
 * The public keys of somebody who signs tokens for us (RFC 7517). They are read at the start, now and then,
 * and when a token names an unknown one. When that fails the keys read last stay.
 */
export class IdentityProvider {
  readonly #options: IdentityProviderOptions;
  #ring: KeyRing = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: IdentityProviderOptions) {
    this.#options = options;
  }

  get ring(): KeyRing {
    return this.#ring;
  }

  /** Reads the keys, and again from then on. A failure is logged: the provider may come later. */
  async start(): Promise<void> {
    await this.#refresh();
    this.#timer = setInterval(() => void this.#refresh(), this.#options.refreshMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Somebody came with a key that is not known here. Resolves with true when the keys were read anew. */
  async handleUnknownKey(): Promise<boolean> {
    const { retryMs = RETRY_MS } = this.#options;
    if (this.#reading === null && performance.now() - this.#readAt < retryMs) return false;
    await this.#refresh();
    return true;
  }

  #refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
      this.#readAt = performance.now();
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { source, issuer, log, allowPrivateAddress } = this.#options;
    const text =
      'file' in source
        ? await readText(source.file)
        : await guardedFetch(source.url, { allowPrivateAddress });
    const ring = text.ok ? await this.#parse(text.value) : text;
    if (ring.ok) this.#ring = ring.value;
    else
      log.warn({ issuer, reason: ring.error }, 'the keys of the identity provider were not read');
  }

  /** Keys for other purposes, and of algorithms that we do not take, are left out. */
  async #parse(text: string): Promise<Result<KeyRing, string>> {
    const { issuer, audience } = this.#options;
    const parsed = Jwks.safeParse(parseJson(text));
    if (!parsed.success) return err('it is not a JSON Web Key Set');
    const ring: KeyRing[number][] = [];
    for (const key of parsed.data.keys.filter(({ use }) => use === undefined || use === 'sig')) {
      const config = {
        kind: 'jwks' as const,
        issuer,
        ...(audience === undefined ? {} : { audience }),
        keys: [key],
      };
      const prepared = await prepareKeys([config]);
      if (prepared.ok) ring.push(...prepared.value);
    }
    return ring.length > 0 ? ok(ring) : err('it has no RS256, ES256 or EdDSA key');
  }
}

async function readText(file: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(file, 'utf8'));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
