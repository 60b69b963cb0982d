import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientMessage } from '@switchyard/core/signal';
import { makeGateway, makeOffer, person, track } from './whip-kit.ts';

type View = Extract<ClientMessage, { kind: 'view' }>;

const viewsIn = (messages: readonly ClientMessage[]): View[] =>
  messages.filter((message) => message.kind === 'view');

async function play(path: string, ...present: Parameters<typeof person>[]) {
  const gateway = makeGateway();
  gateway.rooms.present = present.map((one) => person(...one));
  const response = await gateway.post(path, makeOffer('recvonly'), { token: 'viewer' });
  assert.equal(response.status, 201, await response.clone().text());
  const views = () => viewsIn(gateway.rooms.last.messages);
  return {
    ...gateway,
    response,
    views: () => views().map(({ videos }) => videos.map(({ trackSid }) => trackSid)),
    heard: () => views().at(-1)?.audios,
  };
}

test('a player joins as whep and offers its m-lines as one pair; the answer sends', async () => {
  const { rooms, response } = await play('/whep/studio', ['ann', 'camera', 'microphone']);
  assert.equal(rooms.last.kind, 'whep');
  const offer = rooms.last.messages.find((message) => message.kind === 'offer');
  assert.deepEqual(offer?.senders, []);
  assert.deepEqual(offer?.pairs, [{ audio: '0', video: '1' }]);
  assert.match(response.headers.get('location') ?? '', /^\/whep\/sessions\/[A-Za-z0-9_-]{32}$/);
  const answer = await response.text();
  assert.equal(answer.match(/a=sendonly/g)?.length, 2);
  assert.match(answer, /a=ssrc:9 cname:c/);
});

test('nobody publishes: 409 with Retry-After, or accepted when the server is set to wait', async () => {
  const { rooms, post } = makeGateway();
  rooms.present = [person('ann'), person('bob')];
  const response = await post('/whep/studio', makeOffer('recvonly'), { token: 'viewer' });
  assert.equal(response.status, 409);
  assert.equal(response.headers.get('retry-after'), '5');
  assert.equal(rooms.sessions.size, 0, 'the room does not see the attempt');
  const patient = makeGateway({ waitForPublisher: true });
  assert.equal((await patient.post('/whep/studio', makeOffer('recvonly'))).status, 201);
});

test('a wanted participant who does not publish is not live', async () => {
  const { rooms, post } = makeGateway();
  rooms.present = [person('ann', 'camera'), person('bob')];
  const options = { token: 'viewer' };
  assert.equal((await post('/whep/studio/bob', makeOffer('recvonly'), options)).status, 409);
  assert.equal((await post('/whep/studio/ann', makeOffer('recvonly'), options)).status, 201);
});

test('the wanted participant is followed: screen before camera, whoever else speaks', async () => {
  const { rooms, views } = await play('/whep/studio/bob', ['ann', 'camera'], ['bob', 'camera']);
  const { sink } = rooms.last;
  assert.deepEqual(views(), [['TR_bob_camera']]);
  sink.send({ kind: 'activeSpeakers', speakers: [{ participantSid: 'PA_ann', level: 1 }] });
  assert.equal(views().length, 1);
  sink.send({
    kind: 'trackPublished',
    seq: 1,
    participantSid: 'PA_bob',
    track: track('bob', 'screenShare'),
  });
  assert.deepEqual(views().at(-1), ['TR_bob_screenShare']);
  sink.send({
    kind: 'trackUpdated',
    seq: 2,
    participantSid: 'PA_bob',
    track: { ...track('bob', 'screenShare'), muted: true },
  });
  assert.deepEqual(views().at(-1), ['TR_bob_camera']);
  sink.send({ kind: 'participantLeft', seq: 3, participantSid: 'PA_bob', reason: 'left' });
  assert.deepEqual(views().at(-1), []);
  sink.send({ kind: 'participantJoined', seq: 4, participant: person('bob', 'camera') });
  assert.deepEqual(views().at(-1), ['TR_bob_camera']);
});

test('without a name the last speaker is shown, changing at most every two seconds', async () => {
  const { rooms, clock, views } = await play('/whep/studio', ['ann', 'camera'], ['bob', 'camera']);
  const speak = (...names: string[]) =>
    rooms.last.sink.send({
      kind: 'activeSpeakers',
      speakers: names.map((name) => ({ participantSid: `PA_${name}`, level: 0.5 })),
    });
  assert.deepEqual(views(), [['TR_ann_camera']]);
  speak('bob', 'ann');
  assert.deepEqual(views().at(-1), ['TR_bob_camera']);
  speak('ann', 'bob');
  assert.deepEqual(views().at(-1), ['TR_bob_camera']);
  clock.advance(2_000);
  speak();
  assert.deepEqual(views().at(-1), ['TR_bob_camera'], 'silence keeps the last speaker');
  speak('ann', 'bob');
  assert.deepEqual(views().at(-1), ['TR_ann_camera']);
});

test('a wanted participant is heard alone: voice before the sound of the screen, never others', async () => {
  const { rooms, heard } = await play(
    '/whep/studio/bob',
    ['ann', 'microphone'],
    ['bob', 'screenShareAudio', 'camera', 'microphone'],
  );
  const { sink } = rooms.last;
  assert.deepEqual(heard(), ['TR_bob_microphone']);
  sink.send({ kind: 'activeSpeakers', speakers: [{ participantSid: 'PA_ann', level: 1 }] });
  assert.deepEqual(heard(), ['TR_bob_microphone']);
  sink.send({
    kind: 'trackUpdated',
    seq: 1,
    participantSid: 'PA_bob',
    track: { ...track('bob', 'microphone'), muted: true },
  });
  assert.deepEqual(heard(), ['TR_bob_screenShareAudio']);
  sink.send({ kind: 'participantLeft', seq: 2, participantSid: 'PA_bob', reason: 'left' });
  assert.deepEqual(heard(), []);
});

test('picture and sound follow the speaker together', async () => {
  const { rooms, views, heard } = await play(
    '/whep/studio',
    ['ann', 'camera', 'microphone'],
    ['bob', 'camera', 'microphone'],
  );
  assert.deepEqual([views().at(-1), heard()], [['TR_ann_camera'], ['TR_ann_microphone']]);
  rooms.last.sink.send({
    kind: 'activeSpeakers',
    speakers: [{ participantSid: 'PA_bob', level: 1 }],
  });
  assert.deepEqual([views().at(-1), heard()], [['TR_bob_camera'], ['TR_bob_microphone']]);
});

test('a player that would send is offered to receive; a token without that right is refused', async () => {
  const { rooms, post } = makeGateway();
  rooms.present = [person('ann', 'camera')];
  assert.equal((await post('/whep/studio', makeOffer('sendonly'))).status, 406);
  const offer = makeOffer('recvonly');
  assert.equal((await post('/whep/studio', offer, { token: 'publisher' })).status, 403);
  assert.equal((await post('/whep/studio', offer, { token: '' })).status, 401);
});

test('draft-ietf-wish-whep §4.2: HEAD tells the media type; other methods are 405', async () => {
  const { request } = makeGateway();
  const head = await request('HEAD', '/whep/studio', { token: '' });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-type'), 'application/sdp');
  const get = await request('GET', '/whep/studio/ann');
  assert.equal(get.status, 405);
  assert.equal(get.headers.get('allow'), 'POST, HEAD, OPTIONS');
});

test('a player ends with DELETE', async () => {
  const { request, rooms, response } = await play('/whep/studio', ['ann', 'camera']);
  const url = response.headers.get('location') ?? '';
  assert.equal((await request('DELETE', url, { token: 'viewer' })).status, 200);
  assert.equal(rooms.last.open, false);
});
