import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { err, ok, type Result } from '@switchyard/core/base';
import { isPublicAddress } from './address-class.ts';

/** The whole fetch, from the look-up to the last byte, ms. */
const TIMEOUT_MS = 5_000;
/** Longest body, bytes. */
const MAX_BODY = 65_536;

export interface GuardedFetchOptions {
  /** Addresses of this machine and of private networks count too, and plain HTTP. */
  readonly allowPrivateAddress: boolean;
}

/**
 * Gets a text from a server that is not ours: no redirects, 5 s, 64 KiB, and only from addresses on the
 * Internet. The name is looked up once and the connection made to what was checked, so that a name which
 * changes its address between the two leads nowhere. The error is a sentence.
 */
export async function guardedFetch(
  url: URL,
  options: GuardedFetchOptions,
): Promise<Result<string, string>> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const address = await findAddress(url.hostname.replace(/^\[|\]$/g, ''), options);
    if (!address.ok) return address;
    return await get(url, address.value, signal);
  } catch (error) {
    if (signal.aborted) return err(`${url.host} did not answer within ${TIMEOUT_MS / 1000} s`);
    return err(error instanceof Error ? error.message : String(error));
  }
}

async function findAddress(
  host: string,
  { allowPrivateAddress }: GuardedFetchOptions,
): Promise<Result<string, string>> {
  const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
  const allowed = found.find(({ address }) => allowPrivateAddress || isPublicAddress(address));
  if (allowed !== undefined) return ok(allowed.address);
  return err(`${host} is not an address on the Internet (auth.allowPrivateAddress permits others)`);
}

async function get(
  url: URL,
  address: string,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const family = isIP(address);
  const pinned: LookupFunction = (_name, { all }, done) => {
    if (all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { accept: 'application/json', 'accept-encoding': 'identity' };
    start(url, { lookup: pinned, signal, agent: false, headers }, resolve)
      .once('error', reject)
      .end();
  });
  try {
    if (response.statusCode !== 200) return err(`${url.host} answered ${response.statusCode}`);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY) return err(`${url.host} answered more than ${MAX_BODY} bytes`);
      chunks.push(chunk);
    }
    return ok(Buffer.concat(chunks).toString('utf8'));
  } finally {
    response.destroy();
  }
}
