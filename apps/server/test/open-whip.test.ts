import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionOf, type KeyRing, verifyToken } from '@switchyard/control/auth';
import { OpenWhip } from '../src/composition/open-whip.ts';

const KEY = { id: 'devkey', secret: new Uint8Array(32).fill(7) };
const RING: KeyRing = [{ kind: 'secret', ...KEY }];
const HOSTS = { publicUrl: null, origins: [], names: [], development: true };

/** The gateway as far as tokens go: says whom it would let in, and opens a session for each POST. */
async function ask(whip: OpenWhip, method: string, path: string, options: AskOptions = {}) {
  const { headers = {}, remoteAddress = '127.0.0.1' } = options;
  const request = new Request(`http://localhost:7880${path}`, { method, headers });
  return (await whip.fetch(request, { remoteAddress })).headers.get('x-admitted');
}

interface AskOptions {
  readonly headers?: Record<string, string>;
  readonly remoteAddress?: string;
}

function open(): OpenWhip {
  let sessions = 0;
  const gateway = {
    fetch: async (request: Request) => {
      const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? '';
      const claims = await verifyToken(token, RING, Date.now() / 1000);
      const admission = claims.ok ? admissionOf(claims.value) : claims;
      const admitted = admission.ok
        ? `${admission.value.room} ${admission.value.identity} ${admission.value.permissions.canPublish}`
        : 'nobody';
      const isNew = request.method === 'POST' && admission.ok;
      return new Response(null, {
        status: isNew ? 201 : 200,
        headers: {
          'x-admitted': admitted,
          ...(isNew ? { location: `/whip/sessions/${++sessions}` } : {}),
        },
      });
    },
  };
  return new OpenWhip(gateway, KEY, HOSTS);
}

test('who is near needs no token: encoders may publish, players may not, and each is somebody else', async () => {
  const whip = open();
  assert.match((await ask(whip, 'POST', '/whip/hall'))!, /^hall whip-[0-9a-f]{8} true$/);
  assert.match(
    (await ask(whip, 'POST', '/whep/caf%C3%A9/ada'))!,
    /^caf\xe9 whep-[0-9a-f]{8} false$/,
  );
});

test('a session stays with the token that opened it', async () => {
  const whip = open();
  const first = await ask(whip, 'POST', '/whip/hall');
  const second = await ask(whip, 'POST', '/whip/hall');
  assert.notEqual(first, second);
  assert.equal(await ask(whip, 'PATCH', '/whip/sessions/1'), first);
  assert.equal(await ask(whip, 'DELETE', '/whip/sessions/2'), second);
  assert.equal(await ask(whip, 'DELETE', '/whip/sessions/3'), 'nobody');
});

test('no help for who is far, brings a token, or is a page of another site', async () => {
  const whip = open();
  for (const options of [
    { remoteAddress: '203.0.113.9' },
    { headers: { authorization: 'Bearer wrong' } },
    { headers: { origin: 'https://evil.example' } },
  ])
    assert.equal(await ask(whip, 'POST', '/whip/hall', options), 'nobody');
  assert.equal(await ask(whip, 'POST', '/whip/%'), 'nobody');
  const own = await ask(whip, 'POST', '/whip/hall', {
    headers: { origin: 'http://localhost:7880' },
  });
  assert.match(own!, /^hall /);
});
