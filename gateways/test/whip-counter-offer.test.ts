import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOffer } from '@switchyard/core/sdp';
import { FRAGMENT, makeGateway, makeOffer, person } from './whip-kit.ts';

/*
 * draft-ietf-wish-whep-03 §4.2: a player whose offer cannot be used gets 406 with an offer of the server
 * and answers it by PATCH.
 */

async function counterOffer(body = '') {
  const gateway = makeGateway();
  gateway.rooms.present = [person('ann', 'camera', 'microphone')];
  const options = body === '' ? {} : { type: 'application/sdp', body };
  const response = await gateway.request('POST', '/whep/studio', { token: 'viewer', ...options });
  const url = response.headers.get('location') ?? '';
  const answer = (sdp: string, headers: Readonly<Record<string, string>> = {}) =>
    gateway.request('PATCH', url, { token: 'viewer', type: 'application/sdp', body: sdp, headers });
  return { ...gateway, response, url, answer };
}

test('a player that offers nothing is offered one pair to receive: 406 with Location and ETag', async () => {
  const { response, rooms } = await counterOffer();
  assert.equal(response.status, 406);
  assert.equal(response.headers.get('content-type'), 'application/sdp');
  assert.match(response.headers.get('location') ?? '', /^\/whep\/sessions\/[A-Za-z0-9_-]{32}$/);
  assert.equal(response.headers.get('etag'), '"1"');
  assert.match(response.headers.get('link') ?? '', /rel="ice-server"/);
  const offer = parseOffer(await response.text());
  assert.ok(offer.ok, JSON.stringify(offer));
  assert.equal(offer.value.setup, 'actpass');
  assert.deepEqual(
    offer.value.media.map(({ kind, direction }) => `${kind} ${direction}`),
    ['audio sendonly', 'video sendonly'],
  );
  assert.ok(!rooms.last.messages.some(({ kind }) => kind === 'offer'));
});

test('an offer without a common codec, and one that would send, get the counter-offer too', async () => {
  const noCodec = makeOffer('recvonly', (sdp) => sdp.replace('VP8/90000', 'AV1/90000'));
  for (const body of [noCodec, makeOffer('sendonly')]) {
    const { response, rooms } = await counterOffer(body);
    assert.equal(response.status, 406);
    const open = [...rooms.sessions.values()].filter((session) => session.open);
    assert.equal(open.length, 1, 'what was tried before is out of the room');
  }
});

test('a malformed offer is 400, and nobody publishing 409: there is nothing to offer', async () => {
  const { post } = makeGateway();
  assert.equal((await post('/whep/studio', '')).status, 409);
  assert.equal((await counterOffer('not sdp')).response.status, 400);
  const encoder = await makeGateway().post('/whip/studio', '');
  assert.equal(encoder.status, 422, 'encoders offer themselves');
});

test('the answer is 204; then the player sees and hears whom it follows', async () => {
  const { rooms, answer } = await counterOffer();
  const response = await answer(makeOffer('recvonly'), { 'if-match': '"1"' });
  assert.equal(response.status, 204, await response.clone().text());
  const offer = rooms.last.messages.find(({ kind }) => kind === 'offer');
  assert.ok(offer?.kind === 'offer');
  assert.equal(offer.fresh, false);
  assert.deepEqual(offer.pairs, [{ audio: '0', video: '1' }]);
  const view = rooms.last.messages.find(({ kind }) => kind === 'view');
  assert.deepEqual(view?.kind === 'view' && view.audios, ['TR_ann_microphone']);
  assert.equal((await answer(makeOffer('recvonly'))).status, 409, 'an offer is answered once');
});

test('a refused answer leaves the offer open; a stale ETag is 412; a fragment comes too early', async () => {
  const { patch, url, answer } = await counterOffer();
  assert.equal((await answer('not sdp')).status, 400);
  assert.equal((await answer(makeOffer('recvonly'), { 'if-match': '"9"' })).status, 412);
  assert.equal((await patch(url, FRAGMENT, '"1"', { token: 'viewer' })).status, 409);
  assert.equal((await answer(makeOffer('recvonly'))).status, 204);
});

test('a counter-offer is valid for 30 s: then its session is gone', async () => {
  const { clock, rooms, answer } = await counterOffer();
  clock.advance(29_999);
  assert.equal(rooms.last.open, true);
  clock.advance(1);
  assert.equal(rooms.last.open, false);
  assert.equal((await answer(makeOffer('recvonly'))).status, 404);
  assert.equal(clock.timerCount, 0);
});

test('an answered session outlives the 30 s, and DELETE leaves no timer behind', async () => {
  const { clock, rooms, answer } = await counterOffer();
  await answer(makeOffer('recvonly'));
  clock.advance(60_000);
  assert.equal(rooms.last.open, true);
  const other = await counterOffer();
  await other.request('DELETE', other.url, { token: 'viewer' });
  assert.equal(other.clock.timerCount, 0);
  assert.equal(other.rooms.last.open, false);
});

test('players with one token are participants of their own', async () => {
  const { rooms, post } = makeGateway();
  rooms.present = [person('ann', 'camera')];
  for (let i = 0; i < 3; i++)
    assert.equal(
      (await post('/whep/studio', makeOffer('recvonly'), { token: 'viewer' })).status,
      201,
    );
  const identities = [...rooms.sessions.values()].map(({ admission }) => admission?.identity ?? '');
  assert.equal(new Set(identities).size, 3);
  for (const identity of identities) assert.match(identity, /^viewer~[A-Za-z0-9+/]{8}$/);
});

test('RFC 9725 §4.6: OPTIONS with a valid token tells the ICE servers, without one only what may be posted', async () => {
  const iceServers = () => [{ urls: ['turn:192.0.2.7'], username: 'u', credential: 'c' }];
  const { request } = makeGateway({ iceServers });
  const links = async (token: string) =>
    (await request('OPTIONS', '/whip/studio', { token })).headers.get('link');
  assert.equal(
    await links('obs'),
    '<turn:192.0.2.7>; rel="ice-server"; username="u"; credential="c"; credential-type="password"',
  );
  assert.equal(await links(''), null);
  assert.equal(await links('wrong'), null);
});
