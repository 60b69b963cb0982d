import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBench, json } from './api-bench.ts';

const ADMIN = { roomAdmin: true, roomCreate: true, roomList: true };

test('a room is created, listed, changed and ended by a token with the grants', async () => {
  const { request } = await createBench();
  const made = await request('POST', '/api/v1/rooms', {
    token: ADMIN,
    body: { name: 'lab', metadata: 'm', maxParticipants: 5 },
  });
  assert.equal(made.status, 201);
  assert.equal((await json(made))['maxParticipants'], 5);

  const listed = await json(await request('GET', '/api/v1/rooms', { token: ADMIN }));
  assert.deepEqual(
    (listed['rooms'] as { name: string }[]).map((room) => room.name),
    ['lab'],
  );

  const changed = await request('PATCH', '/api/v1/rooms/lab', {
    token: ADMIN,
    body: { locked: true },
  });
  assert.equal((await json(changed))['locked'], true);

  const ended = await request('DELETE', '/api/v1/rooms/lab', { token: ADMIN });
  assert.equal(ended.status, 204);
  const gone = await request('GET', '/api/v1/rooms/lab', { token: ADMIN });
  assert.equal(gone.status, 404);
  assert.equal((await json(gone))['code'], 'roomNotFound');
});

test('participants are seen, changed, messaged and removed', async () => {
  const { request, join } = await createBench();
  const ada = join('ada', 'lab');
  const path = '/api/v1/rooms/lab/participants/ada';
  const seen = await json(await request('GET', path, { token: ADMIN }));
  assert.equal(seen['identity'], 'ada');
  const changed = await request('PATCH', path, {
    token: ADMIN,
    body: { name: 'Ada', permissions: { canPublish: false } },
  });
  assert.equal((await json(changed))['name'], 'Ada');
  assert.equal(ada.received.at(-1)?.kind, 'participantUpdated');

  const sent = await request('POST', '/api/v1/rooms/lab/messages', {
    token: ADMIN,
    body: { topic: 'news', text: 'hello' },
  });
  assert.equal(sent.status, 201);
  assert.equal(ada.received.at(-1)?.kind, 'message');

  assert.equal((await request('DELETE', path, { token: ADMIN })).status, 204);
  assert.equal(ada.received.at(-1)?.kind, 'goodbye');
  assert.equal((await request('GET', path, { token: ADMIN })).status, 404);
});

test('a token for one room does not reach into another', async () => {
  const { request, join } = await createBench();
  join('ada', 'lab');
  join('bob', 'office');
  const token = { roomAdmin: true, room: 'lab' };
  assert.equal((await request('GET', '/api/v1/rooms/lab', { token })).status, 200);
  const refused = await request('GET', '/api/v1/rooms/office', { token });
  assert.equal(refused.status, 403);
  assert.equal((await request('GET', '/api/v1/rooms', { token })).status, 403);
});

test('without a token, with a bad one or without the grant, the refusal says what is wrong', async () => {
  const { request } = await createBench();
  const none = await request('GET', '/api/v1/rooms');
  assert.equal(none.status, 401);
  assert.equal(none.headers.get('www-authenticate'), 'Bearer');
  assert.equal(none.headers.get('content-type'), 'application/problem+json');
  const bad = await request('GET', '/api/v1/rooms', { token: 'a.b.c' });
  assert.equal((await json(bad))['code'], 'tokenMalformed');
  const weak = await request('POST', '/api/v1/rooms', { token: {}, body: { name: 'lab' } });
  assert.equal(weak.status, 403);
  assert.match(String((await json(weak))['detail']), /roomCreate/);
});

test('a bad body is refused by the name of its field', async () => {
  const { request } = await createBench();
  const send = (body: unknown, headers = {}) =>
    request('POST', '/api/v1/rooms', { token: ADMIN, body, headers });
  const wrong = await send({ name: 'lab', maxParticipants: 0 });
  assert.equal(wrong.status, 422);
  assert.match(String((await json(wrong))['detail']), /maxParticipants/);
  const unknown = await send({ name: 'lab', colour: 'red' });
  assert.match(String((await json(unknown))['detail']), /colour/);
  assert.equal((await send('{')).status, 400);
  assert.equal((await send('{}', { 'content-type': 'text/plain' })).status, 415);
  const large = await send({ name: 'lab', metadata: 'x'.repeat(1_100_000) });
  assert.equal(large.status, 413);
});

test('development tokens go to private addresses only, in development mode only', async () => {
  const { request } = await createBench();
  const body = { room: 'lab', name: 'Ada' };
  const given = await request('POST', '/api/v1/dev/token', { body });
  assert.equal(given.status, 201);
  const { token, url } = await json(given);
  assert.equal(url, 'ws://localhost:7880/rtc');
  assert.match(String(token), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const far = await request('POST', '/api/v1/dev/token', { body, from: '203.0.113.9' });
  assert.equal((await json(far))['code'], 'notLocal');
  const closed = await createBench({ developmentKey: null });
  assert.equal((await closed.request('POST', '/api/v1/dev/token', { body })).status, 404);
});

test('health, readiness, version, information and metrics', async () => {
  const { request, join } = await createBench();
  join('ada', 'lab');
  assert.equal((await request('GET', '/healthz')).status, 200);
  assert.equal((await request('GET', '/readyz')).status, 200);
  assert.deepEqual(await json(await request('GET', '/version')), { version: '1.2.3' });
  assert.equal((await json(await request('GET', '/api/v1/info')))['development'], true);
  const metrics = await (await request('GET', '/metrics')).text();
  assert.match(metrics, /switchyard_rooms 1/);
  assert.match(metrics, /switchyard_joins_total\{kind="standard"\} 1/);
  assert.equal((await request('GET', '/metrics', { from: '203.0.113.9' })).status, 401);
  const starting = await createBench({ isReady: () => false });
  assert.equal((await starting.request('GET', '/readyz')).status, 503);
});

test('the description names every route and the page shows each of them', async () => {
  const { request } = await createBench();
  const description = await json(await request('GET', '/openapi.json'));
  assert.equal(description['openapi'], '3.1.0');
  const paths = description['paths'] as Record<string, Record<string, { summary: string }>>;
  assert.ok(paths['/api/v1/rooms/{room}']?.['patch']);
  const page = await (await request('GET', '/docs')).text();
  for (const methods of Object.values(paths))
    for (const { summary } of Object.values(methods))
      assert.ok(page.includes(summary.replaceAll('"', '&quot;')), summary);
  // Every $ref of the description leads somewhere.
  const text = JSON.stringify(description);
  const { schemas } = description['components'] as { schemas: Record<string, unknown> };
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    assert.ok(name in schemas, name);
});
