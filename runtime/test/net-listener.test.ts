import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage, type ServerOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import fc from 'fast-check';
import { ConnectionCounter } from '../src/net/connection-counter.ts';
import { classifyFirstBytes } from '../src/net/first-bytes.ts';
import { createSelfSignedCertificate, OnePortListener } from '../src/net/index.ts';
import { createRedirectServer } from '../src/net/redirect-server.ts';
import { isLoopback, remoteOf, sourceOf } from '../src/net/remote.ts';

const identity = createSelfSignedCertificate({
  commonName: 'test',
  altNames: ['127.0.0.1'],
  days: 1,
});

/** A framed STUN binding request without attributes. */
const CHECK = Buffer.from(`0014${'0001'}${'0000'}${'2112a442'}${'00'.repeat(12)}`, 'hex');

/** A listener on a free port of loopback whose HTTP says what it saw. */
async function listenerOf(secure: boolean, firstBytesMs?: number, options: ServerOptions = {}) {
  const media: Socket[] = [];
  const http = createServer(options, (request, response) => {
    const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
    response.end(`${request.method} ${request.url} ${encrypted ? 'tls' : 'plain'}`);
  });
  const listener = new OnePortListener({
    host: '127.0.0.1',
    port: 0,
    tls: secure ? identity : null,
    http,
    onMedia: (socket) => media.push(socket),
    connectionsPerAddress: 10,
    ...(firstBytesMs === undefined ? {} : { firstBytesMs }),
  });
  const { port } = await listener.listen();
  after(() => {
    listener.stopListening();
    listener.destroyConnections();
  });
  return { listener, port, media };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

const request = (start: typeof httpGet, url: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    start(url, { rejectUnauthorized: false, agent: false } as object, resolve).on('error', reject);
  });

test('one port takes plain HTTP from loopback and HTTPS', async () => {
  const { port } = await listenerOf(true);
  const plain = await request(httpGet, `http://127.0.0.1:${port}/a`);
  assert.equal(await bodyOf(plain), 'GET /a plain');
  const secure = await request(httpsGet as typeof httpGet, `https://127.0.0.1:${port}/b`);
  assert.equal(await bodyOf(secure), 'GET /b tls');
});

test('first bytes that come one at a time are kept in order', async () => {
  const { port } = await listenerOf(true);
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  for (const letter of 'GET /slow HTTP/1.0\r\n\r\n') {
    socket.write(letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /GET \/slow plain$/);
});

test('RFC 4571, RFC 6544: a framed STUN message goes to media with all its bytes, also inside TLS', async () => {
  const { port, media } = await listenerOf(true);
  const plain = connect(port, '127.0.0.1');
  plain.write(CHECK.subarray(0, 5));
  await once(plain, 'connect');
  plain.write(CHECK.subarray(5));
  const secure = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  secure.write(CHECK);
  while (media.length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of media) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    assert.deepEqual(chunk, CHECK);
  }
});

test('what no protocol begins with is closed, and so is who says nothing', async () => {
  const { port } = await listenerOf(true, 50);
  for (const bytes of ['80', '', '000a0000', '16030100']) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.from(bytes, 'hex'));
    await once(socket, 'close');
  }
});

test('who sends no whole request header in time is refused, although the HTTP server does not listen', async () => {
  const { port } = await listenerOf(false, undefined, {
    headersTimeout: 50,
    connectionsCheckingInterval: 20,
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost');
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /^HTTP\/1.1 408 /);
});

test('who has closed his half still gets the answer', async () => {
  const { port } = await listenerOf(false);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end('GET /half HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /GET \/half plain$/);
});

test('RFC 9110 §15.4.9: plain HTTP from elsewhere is redirected to https on the same host and port', async () => {
  const server = createRedirectServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  const port = (server.address() as { port: number }).port;
  const answer = await request(httpGet, `http://127.0.0.1:${port}/room?a=1`);
  assert.equal(answer.statusCode, 308);
  assert.equal(answer.headers.location, `https://127.0.0.1:${port}/room?a=1`);
});

test('a port that is taken rejects with the code of the system', async () => {
  const { port } = await listenerOf(false);
  const second = new OnePortListener({
    host: '127.0.0.1',
    port,
    tls: null,
    http: createServer(),
    onMedia: null,
    connectionsPerAddress: 1,
  });
  await assert.rejects(second.listen(), { code: 'EADDRINUSE' });
  second.stopListening();
});

test('the first bytes tell the protocol; no bytes make the classifier throw', () => {
  const classify = (hex: string) => classifyFirstBytes(Buffer.from(hex, 'hex'), hex.length / 2);
  assert.equal(classify(''), 'more');
  assert.equal(classify('16'), 'tls');
  assert.equal(classify('47'), 'http');
  assert.equal(classify('80'), 'unknown');
  assert.equal(classify('001400010000211 2a4'.replace(' ', '')), 'more');
  assert.equal(classify(CHECK.toString('hex')), 'media');
  assert.equal(classify(`0013${CHECK.toString('hex', 2)}`), 'unknown', 'shorter than a header');
  assert.equal(classify(`0801${CHECK.toString('hex', 2)}`), 'unknown', 'longer than 2048 bytes');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      classifyFirstBytes(bytes, bytes.length);
    }),
  );
});

test('one source has a bounded number of connections: an IPv4 address, an IPv6 /64; loopback any', () => {
  const counter = new ConnectionCounter(2);
  const at = (remoteAddress: string) => remoteOf({ remoteAddress, remotePort: 1 })!;
  const giveBack = counter.take(at('2001:db8::1'));
  assert.ok(counter.take(at('2001:db8::2')));
  assert.equal(counter.take(at('2001:db8::3')), null);
  assert.ok(counter.take(at('2001:db8:0:1::3')));
  giveBack!();
  assert.ok(counter.take(at('2001:db8::3')));
  for (let i = 0; i < 9; i++) assert.ok(counter.take(at('127.0.0.1')));
});

test('RFC 4291 §2.5.5.2: mapped addresses are IPv4; zones are cut off', () => {
  const ip = (remoteAddress: string) => remoteOf({ remoteAddress, remotePort: 1 })?.ip;
  assert.deepEqual(ip('::ffff:192.0.2.1'), Uint8Array.of(192, 0, 2, 1));
  assert.equal(ip('fe80::1%eth0')?.length, 16);
  assert.ok(isLoopback(ip('::ffff:127.8.8.8')!));
  assert.ok(isLoopback(ip('::1')!));
  assert.ok(!isLoopback(ip('::2')!));
  assert.equal(sourceOf(ip('::ffff:192.0.2.1')!), 'c0000201');
  assert.equal(remoteOf({}), null);
});
