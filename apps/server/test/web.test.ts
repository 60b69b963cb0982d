import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { type HostPolicy, isTrustedHost, isTrustedOrigin } from '../src/web/hosts.ts';
import { clientAddress } from '../src/web/remote-address.ts';
import { createRouter, type RouterOptions } from '../src/web/router.ts';
import { StaticSite } from '../src/web/static-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'sy-web-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
writeFileSync(join(folder, '.sources'), 'secret');
writeFileSync(join(folder, 'assets', 'main-abc.js'), 'let a;'.repeat(1000));
const site = (await StaticSite.load(folder))!;

const get = (path: string, headers: Record<string, string> = {}) =>
  site.answer(new Request(`http://host${path}`, { headers }));

test('/ and /{room} are the page, with headers that shut other sites out', async () => {
  for (const path of ['/', '/standup', '/amber-canal.42', '/%C3%A9t%C3%A9']) {
    const response = get(path);
    assert.equal(await response?.text(), '<!doctype html>', path);
    assert.equal(response?.headers.get('cache-control'), 'no-cache');
    assert.match(response?.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.match(response?.headers.get('permissions-policy') ?? '', /camera=\(self\)/);
  }
});

test('hashed assets are kept for good and compressed', () => {
  const response = get('/assets/main-abc.js', { 'accept-encoding': 'gzip, br' })!;
  assert.match(response.headers.get('cache-control') ?? '', /immutable/);
  assert.equal(response.headers.get('content-encoding'), 'br');
  const etag = response.headers.get('etag')!;
  assert.equal(get('/assets/main-abc.js', { 'if-none-match': etag })?.status, 304);
  return response
    .arrayBuffer()
    .then((body) => assert.equal(brotliDecompressSync(body).length, 6000));
});

test('what is not a file of the site cannot be reached', async () => {
  for (const path of ['/missing.js', '/assets/missing', '/a/b', '/%', '/a%2Fb', '/..%2Fsecret'])
    assert.equal(get(path), null, path);
  assert.equal(await get('/.sources')?.text(), '<!doctype html>', 'a room of that name');
  assert.equal(site.answer(new Request('http://host/', { method: 'POST' })), null);
});

const POLICY: HostPolicy = {
  publicUrl: 'https://meet.example.org',
  origins: ['https://app.example.org'],
  names: ['box', 'box.local'],
  development: true,
};

test('in development mode only near hosts are answered: DNS rebinding finds no token', () => {
  for (const host of ['localhost:7880', '127.0.0.1', '[::1]:7880', '192.168.1.2:7880', 'BOX.local'])
    assert.ok(isTrustedHost(host, POLICY), host);
  assert.ok(isTrustedHost('meet.example.org', POLICY));
  for (const host of ['evil.example', '', 'localhost.evil.example', 'a b'])
    assert.ok(!isTrustedHost(host, POLICY), host);
  assert.ok(isTrustedHost('any.example', { ...POLICY, development: false }));
});

test('origins: our own, the configured ones, and in development mode those near', () => {
  const production = { ...POLICY, development: false };
  for (const origin of ['https://meet.example.org', 'https://app.example.org', 'https://host:7880'])
    assert.ok(isTrustedOrigin(origin, 'host:7880', production), origin);
  for (const origin of ['null', 'http://localhost:5173', 'https://evil.example', 'http://host'])
    assert.ok(!isTrustedOrigin(origin, 'host:7880', production), origin);
  for (const origin of ['http://localhost:5173', 'http://192.168.1.9:5173', 'http://[::1]:1'])
    assert.ok(isTrustedOrigin(origin, 'host:7880', POLICY), origin);
  assert.ok(!isTrustedOrigin('https://evil.example', 'host:7880', POLICY));
});

test('X-Forwarded-For counts only behind a trusted proxy, and there the last address', () => {
  const request = (forwarded?: string) =>
    ({
      headers: { 'x-forwarded-for': forwarded },
      socket: { remoteAddress: '::ffff:10.0.0.1', remotePort: 1 },
    }) as never;
  assert.equal(clientAddress(request('1.1.1.1, 2.2.2.2'), true), '2.2.2.2');
  assert.equal(clientAddress(request('1.1.1.1, 2.2.2.2'), false), '10.0.0.1');
  assert.equal(clientAddress(request('nonsense'), true), '10.0.0.1');
  assert.equal(clientAddress(request(), true), '10.0.0.1');
});

test('a body longer than allowed is refused before anybody reads it, also without a length', async () => {
  const { createServer } = await import('node:http');
  const read: number[] = [];
  const handler = {
    fetch: async (request: Request) => {
      read.push((await request.text()).length);
      return new Response('read');
    },
  };
  const options: RouterOptions = {
    api: handler,
    whip: handler,
    site: null,
    hosts: POLICY,
    trustProxy: false,
    maxBody: 100,
    onError: () => {},
  };
  const router = createRouter(options);
  const server = createServer((request, response) => void router(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/api/v1/x`;
  const stream = new Blob(['x'.repeat(101)]).stream();
  const whole = await fetch(url, { method: 'POST', body: 'x'.repeat(101) });
  const chunked = await fetch(url, { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
  assert.deepEqual([whole.status, chunked.status], [413, 413]);
  assert.equal((await fetch(url, { method: 'POST', body: 'x'.repeat(100) })).status, 200);
  assert.deepEqual(read, [100]);
  server.closeAllConnections();
});
