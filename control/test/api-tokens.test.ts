import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionOf, prepareKeys, verifyToken } from '../src/auth/index.ts';
import { createBench, EPOCH_SECONDS, json, KEY } from './api-bench.ts';

const ADMIN = { roomAdmin: true, room: 'lab' };
const PATH = '/api/v1/rooms/lab/tokens';

test('a back end without a signing library gets a token for one participant of its room', async () => {
  const { request } = await createBench();
  const body = {
    identity: 'ada',
    name: 'Ada',
    canPublish: false,
    canModerate: true,
    ttlSeconds: 60,
  };
  const response = await request('POST', PATH, { token: ADMIN, body });
  assert.equal(response.status, 201);
  const { token, url, identity } = await json(response);
  assert.deepEqual([url, identity], ['ws://localhost:7880/rtc', 'ada']);
  const ring = await prepareKeys([{ kind: 'secret', id: KEY.id, secret: 's'.repeat(32) }]);
  assert.ok(ring.ok);
  const claims = await verifyToken(String(token), ring.value, EPOCH_SECONDS);
  assert.ok(claims.ok, JSON.stringify(claims));
  assert.equal(claims.value.exp, EPOCH_SECONDS + 60);
  assert.equal(claims.value.video.roomAdmin, false, 'rights over the interface are not handed on');
  const admission = admissionOf(claims.value);
  assert.ok(admission.ok);
  assert.equal(admission.value.room, 'lab');
  assert.deepEqual(admission.value.permissions, {
    canPublish: false,
    canSubscribe: true,
    canPublishData: false,
    canModerate: true,
    canUpdateOwnMetadata: false,
    hidden: false,
  });
});

test('tokens are signed for the own room only, within 24 h, and not without a key of ours', async () => {
  const { request } = await createBench();
  const body = { identity: 'ada' };
  const other = '/api/v1/rooms/attic/tokens';
  assert.equal((await request('POST', other, { token: ADMIN, body })).status, 403);
  const long = { ...body, ttlSeconds: 86_401 };
  assert.equal((await request('POST', PATH, { token: ADMIN, body: long })).status, 422);
  const keyless = await createBench({ signingKey: null });
  const refused = await keyless.request('POST', PATH, { token: ADMIN, body });
  assert.equal(refused.status, 409);
  assert.equal((await json(refused))['code'], 'noSigningKey');
});

test('one track is not found when nobody publishes it', async () => {
  const { request, join } = await createBench();
  join('ada', 'lab');
  const response = await request('GET', '/api/v1/rooms/lab/tracks/TR_x', { token: ADMIN });
  assert.equal((await json(response))['code'], 'trackNotFound');
});
