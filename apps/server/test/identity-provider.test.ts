import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Log } from '@switchyard/core/base';
import { ServerKeys } from '../src/composition/keys.ts';
import { decodeConfig, printProblem } from '../src/config/index.ts';
import { isPublicAddress } from '../src/network/address-class.ts';
import { guardedFetch } from '../src/network/guarded-fetch.ts';
import { DataFolder } from '../src/secrets/data-folder.ts';
import { IdentityProvider } from '../src/secrets/identity-provider.ts';

const folder = mkdtempSync(join(tmpdir(), 'sy-idp-'));
after(() => rmSync(folder, { recursive: true }));
const ISSUER = 'https://id.example.org';

/** A log that keeps the reasons of its warnings. */
function makeLog(): Log & { readonly reasons: string[] } {
  const reasons: string[] = [];
  return {
    reasons,
    debug() {},
    info() {},
    warn: (fields: { readonly reason?: unknown }) => void reasons.push(String(fields.reason)),
    error() {},
  };
}

function makeKey(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(privateKey: KeyObject, kid: string, claims: object = {}): string {
  const header = base64({ alg: 'ES256', kid });
  const payload = base64({
    iss: ISSUER,
    sub: 'ada',
    aud: 'switchyard',
    exp: Math.floor(Date.now() / 1000) + 600,
    video: { room: 'studio', roomJoin: true },
    ...claims,
  });
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${header}.${payload}.${signature.toString('base64url')}`;
}

async function loadKeys(auth: object, log: Log = makeLog()): Promise<ServerKeys> {
  const config = decodeConfig({ auth: { issuer: ISSUER, ...auth } }, folder);
  assert.ok(config.ok, JSON.stringify(config));
  const keys = await ServerKeys.load(config.value, new DataFolder(join(folder, 'data')), log);
  after(() => keys.close());
  return keys;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('tokens of an identity provider are checked with the keys of its file; without API keys that is no development mode', async () => {
  const { jwk, privateKey } = makeKey('a');
  const unusable = { kty: 'oct', k: 'AAAA', kid: 'b' };
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [unusable, jwk] }));
  const keys = await loadKeys({ jwksFile: 'jwks.json', audience: 'switchyard' });
  assert.equal(keys.development, null);
  assert.equal(keys.own, null);
  const admitted = await keys.verify(tokenOf(privateKey, 'a'));
  assert.equal(admitted.ok && admitted.value.identity, 'ada');
  const codeOf = async (token: string) => {
    const refused = await keys.verify(token);
    return refused.ok ? 'admitted' : refused.error.code;
  };
  assert.equal(await codeOf(tokenOf(privateKey, 'a', { aud: 'other' })), 'tokenAudience');
  assert.equal(await codeOf(tokenOf(makeKey('a').privateKey, 'a')), 'tokenSignature');
  assert.equal(await codeOf(tokenOf(privateKey, 'a', { iss: 'other' })), 'tokenUnknownKey');
});

test('tokens with unknown keys do not make the provider be asked each time', async () => {
  const [old, fresh] = [makeKey('old'), makeKey('fresh')];
  let requests = 0;
  const jwksUrl = await serve((_, response) => {
    response.end(JSON.stringify({ keys: requests++ === 0 ? [] : [old.jwk, fresh.jwk] }));
  });
  const log = makeLog();
  const keys = await loadKeys({ jwksUrl, allowPrivateAddress: true }, log);
  assert.deepEqual(log.reasons, ['it has no RS256, ES256 or EdDSA key']);
  for (let i = 0; i < 5; i++)
    assert.equal((await keys.verify(tokenOf(old.privateKey, 'x'))).ok, false);
  assert.equal(requests, 1, 'it was asked a moment ago');
});

test('new keys are found when a token names one; keys read before stay when the provider fails', async () => {
  const { jwk } = makeKey('fresh');
  const answers = ['{"keys":[]}', JSON.stringify({ keys: [jwk] }), 'out of order'];
  const url = new URL(await serve((_, response) => response.end(answers.shift())));
  const log = makeLog();
  const provider = new IdentityProvider({
    issuer: ISSUER,
    audience: undefined,
    source: { url },
    allowPrivateAddress: true,
    refreshMs: 3_600_000,
    retryMs: 0,
    log,
  });
  after(() => provider.stop());
  await provider.start();
  assert.equal(provider.ring.length, 0);
  assert.equal(await provider.handleUnknownKey(), true);
  assert.equal(provider.ring.length, 1);
  await provider.handleUnknownKey();
  assert.equal(provider.ring.length, 1);
  assert.equal(log.reasons.at(-1), 'it is not a JSON Web Key Set');
});

test('fetches by the server: redirects, long answers and addresses that are not on the Internet are refused', async () => {
  const url = new URL(
    await serve(({ url: path }, response) => {
      if (path === '/redirect') response.writeHead(302, { location: '/keys' }).end();
      else if (path === '/long') response.end('x'.repeat(65_537));
      else response.end('{"keys":[]}');
    }),
  );
  const fetched = async (path: string, allowPrivateAddress: boolean) => {
    const result = await guardedFetch(new URL(path, url), { allowPrivateAddress });
    return result.ok ? result.value : result.error;
  };
  assert.equal(await fetched('/keys', true), '{"keys":[]}');
  assert.match(await fetched('/keys', false), /not an address on the Internet/);
  assert.match(await fetched('/redirect', true), /answered 302/);
  assert.match(await fetched('/long', true), /more than 65536 bytes/);
});

test('RFC 6890: special-purpose addresses are not on the Internet', () => {
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:a00::1',
    'localhost',
  ])
    assert.equal(isPublicAddress(address), false, address);
  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2001:4860::1'])
    assert.equal(isPublicAddress(address), true, address);
});

test('an identity provider needs its issuer and one source of keys, https unless private addresses are allowed', () => {
  const problems = (auth: object) => {
    const config = decodeConfig({ auth }, folder);
    return config.ok ? [] : config.error.map(printProblem);
  };
  assert.match(problems({ issuer: ISSUER })[0] ?? '', /auth\.jwksUrl/);
  assert.match(problems({ jwksFile: 'a' })[0] ?? '', /auth\.issuer/);
  const both = { issuer: ISSUER, jwksFile: 'a', jwksUrl: 'https://id.example.org/' };
  assert.match(problems(both)[0] ?? '', /auth\.jwksFile/);
  const plain = { issuer: ISSUER, jwksUrl: 'http://id.example.org/' };
  assert.match(problems(plain)[0] ?? '', /https/);
  assert.deepEqual(problems({ ...plain, allowPrivateAddress: true }), []);
});
