import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Room } from '../src/index.ts';
import { participantInfo, trackInfo } from './entries.ts';
import { FakeConnection, fakeDevices, installFakeBrowser } from './fake-browser.ts';
import { FakeServer, settle } from './fake-server.ts';

installFakeBrowser();

let server: FakeServer;
let room: Room;

beforeEach(() => {
  server = new FakeServer();
  room = new Room();
  fakeDevices.failure = null;
  FakeConnection.all.length = 0;
});

afterEach(() => room.disconnect());

async function connect(): Promise<void> {
  await room.connect('http://localhost:7880', 'token');
  await settle();
}

const connection = () => FakeConnection.all.at(-1)!;
/** m-lines: 0 microphone, 1 camera, 2 screen, 3 its sound, 4 and 5 the pair, 6 video. */
const VIDEO_SLOT = '5';

function slot(mid: string, trackSid: string | null): object {
  return { kind: 'slotsChanged', slots: [{ mid, trackSid, participantSid: 'PA_ada' }] };
}

test('connecting resolves with the people who are there', async () => {
  server.participants.push(participantInfo('PA_ada', { identity: 'ada' }));
  await connect();
  assert.equal(room.state, 'connected');
  assert.equal(room.name, 'amber');
  assert.equal(room.localParticipant.identity, 'me');
  assert.deepEqual([...room.remoteParticipants.keys()], ['ada']);
});

test('a refused token rejects with the code of the server', async () => {
  server.joinError = 'tokenExpired';
  await assert.rejects(room.connect('http://localhost', 'old'), { code: 'tokenExpired' });
  assert.equal(room.state, 'disconnected');
});

test('connecting can be aborted, and an address that is none is told at once', async () => {
  const aborting = new AbortController();
  const connecting = room.connect('http://localhost', 't', { signal: aborting.signal });
  aborting.abort();
  await assert.rejects(connecting, { code: 'aborted' });
  await assert.rejects(room.connect('http://', 't'), { code: 'invalidUrl' });
});

test('the first offer carries four senders and every slot that the server asked for', async () => {
  await connect();
  const [offer] = server.ofKind('offer');
  assert.equal(offer?.['fresh'], true);
  assert.deepEqual(offer?.['senders'], [
    { mid: '0', source: 'microphone' },
    { mid: '1', source: 'camera' },
    { mid: '2', source: 'screenShare' },
    { mid: '3', source: 'screenShareAudio' },
  ]);
  assert.deepEqual(offer?.['pairs'], [{ audio: '4', video: '5' }]);
  assert.equal(connection().transceivers.length, 7);
});

test('publishing is replaceTrack and one message, without an offer', async () => {
  await connect();
  const publication = await room.localParticipant.setCameraEnabled(true);
  assert.equal(publication?.sid, 'TR_own1');
  assert.ok(connection().transceivers[1]?.sender.track);
  assert.equal(server.ofKind('offer').length, 1);
  const [publish] = server.ofKind('publish');
  assert.equal(publish?.['mid'], '1');
  assert.deepEqual(
    (publish as unknown as { layers: { rid: string }[] }).layers.map(({ rid }) => rid),
    ['q', 'h', 'f'],
  );
  assert.ok(room.localParticipant.isCameraEnabled);
});

test('a muted microphone stays captured, a muted camera goes dark', async () => {
  await connect();
  const { localParticipant: me } = room;
  const mic = await me.setMicrophoneEnabled(true);
  const cam = await me.setCameraEnabled(true);
  await me.setMicrophoneEnabled(false);
  await me.setCameraEnabled(false);
  assert.equal(mic?.track.mediaStreamTrack?.enabled, false);
  assert.equal(cam?.track.mediaStreamTrack, null);
  assert.equal(connection().transceivers[1]?.sender.track, null);
  assert.equal(await me.setCameraEnabled(true), cam, 'the same publication');
  assert.ok(cam?.track.mediaStreamTrack);
});

test('clicks on a toggle that come fast end in the state of the last', async () => {
  await connect();
  const { localParticipant: me } = room;
  const clicks = [true, false, true, false].map((isOn) => me.setMicrophoneEnabled(isOn));
  await Promise.all(clicks);
  assert.equal(me.isMicrophoneEnabled, false);
  assert.equal(server.ofKind('publish').length, 1);
});

test('a device that is refused rejects by name and publishes nothing', async () => {
  await connect();
  fakeDevices.failure = new DOMException('', 'NotAllowedError');
  await assert.rejects(room.localParticipant.setCameraEnabled(true), { code: 'permissionDenied' });
  assert.equal(server.ofKind('publish').length, 0);
});

test('a slot message brings a picture without an offer; the element outlives the slot', async () => {
  const track = trackInfo('TR_a');
  server.participants.push(participantInfo('PA_ada', { identity: 'ada', tracks: [track] }));
  const heard: string[] = [];
  room.on('trackSubscribed', (_track, { sid }) => heard.push(`+${sid}`));
  room.on('trackUnsubscribed', (_track, { sid }) => heard.push(`-${sid}`));
  await connect();
  const publication = room.remoteParticipants.get('ada')?.getTrack('camera');
  const element = publication?.track.attach();
  server.tell(slot(VIDEO_SLOT, 'TR_a'));
  assert.equal(publication?.isSubscribed, true);
  const shown = () => element?.srcObject as MediaStream | null;
  assert.equal(shown()?.getTracks()[0], connection().transceivers[5]?.receiver.track);
  server.tell(slot(VIDEO_SLOT, null));
  server.tell(slot('6', 'TR_a'));
  assert.equal(shown()?.getTracks()[0], connection().transceivers[6]?.receiver.track);
  assert.deepEqual(heard, ['+TR_a', '-TR_a', '+TR_a']);
});

test('a slot told before its track is known is bound when the track comes', async () => {
  server.participants.push(participantInfo('PA_ada', { identity: 'ada' }));
  await connect();
  server.tell(slot(VIDEO_SLOT, 'TR_late'));
  server.tell({ kind: 'trackPublished', participantSid: 'PA_ada', track: trackInfo('TR_late') });
  assert.equal(room.remoteParticipants.get('ada')?.getTrack('camera')?.isSubscribed, true);
});

test('slots told right after the answer stay, although the browser still applies the answer', async () => {
  const tracks = [trackInfo('TR_a')];
  server.participants.push(participantInfo('PA_ada', { identity: 'ada', tracks }));
  const heard: string[] = [];
  room.on('trackSubscribed', () => heard.push('+'));
  room.on('trackUnsubscribed', () => heard.push('-'));
  server.onAnswered = () => server.tell(slot(VIDEO_SLOT, 'TR_a'));
  await connect();
  assert.deepEqual(heard, ['+']);
});

test('a lost socket resumes: nothing is offered, nothing published again', async () => {
  await connect();
  await room.localParticipant.setMicrophoneEnabled(true);
  const states: string[] = [];
  room.on('stateChanged', (state) => states.push(state));
  server.socket.drop();
  globalThis.dispatchEvent(new Event('online'));
  await settle();
  assert.deepEqual(states, ['reconnecting', 'connected']);
  assert.equal(server.ofKind('resume').length, 1);
  assert.equal(server.ofKind('publish').length, 1);
  assert.equal(FakeConnection.all.length, 1);
  assert.equal(connection().restartCount, 1, 'the network changed: ICE looks for a new path');
});

test('a refused resume joins again and publishes the same track objects again', async () => {
  await connect();
  const publication = await room.localParticipant.setCameraEnabled(true);
  const capture = publication?.track.mediaStreamTrack;
  server.refusesResume = true;
  server.socket.drop();
  globalThis.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(room.state, 'connected');
  assert.equal(server.ofKind('join').length, 2);
  assert.equal(server.ofKind('publish').length, 2);
  assert.equal(room.localParticipant.getTrack('camera'), publication);
  assert.equal(publication?.track.mediaStreamTrack, capture);
  assert.equal(publication?.sid, 'TR_own2');
});

test('lost media makes a fresh connection with the captures that go on', async () => {
  await connect();
  const publication = await room.localParticipant.setCameraEnabled(true);
  const capture = publication?.track.mediaStreamTrack;
  server.tell({ kind: 'trackUnpublished', participantSid: 'PA_me', trackSid: 'TR_own1' });
  server.tell({ kind: 'mediaLost', message: 'worker gone' });
  await settle();
  assert.equal(FakeConnection.all.length, 2);
  assert.ok(FakeConnection.all[0]?.isClosed);
  assert.deepEqual(
    server.ofKind('offer').map(({ fresh }) => fresh),
    [true, true],
  );
  assert.equal(room.localParticipant.getTrack('camera'), publication);
  assert.equal(publication?.track.mediaStreamTrack, capture);
  assert.equal(connection().transceivers[1]?.sender.track, capture);
});

test('a track that we may not publish any more ends with its capture', async () => {
  await connect();
  const publication = await room.localParticipant.setCameraEnabled(true);
  const capture = publication?.track.mediaStreamTrack;
  server.tell({ kind: 'trackUnpublished', participantSid: 'PA_me', trackSid: 'TR_own1' });
  const me = participantInfo('PA_me', { identity: 'me' });
  server.tell({
    kind: 'participantUpdated',
    participant: { ...me, permissions: { ...me.permissions, canPublish: false } },
  });
  assert.equal(room.localParticipant.getTrack('camera'), undefined);
  assert.equal(capture?.readyState, 'ended');
});

test('a moderator mutes over our head, an echo of our own mute does not', async () => {
  await connect();
  const publication = await room.localParticipant.setMicrophoneEnabled(true);
  const muted = trackInfo('TR_own1', { kind: 'audio', source: 'microphone', muted: true });
  server.tell({ kind: 'trackUpdated', participantSid: 'PA_me', track: muted });
  assert.equal(publication?.isMuted, false);
  server.tell({
    kind: 'trackUpdated',
    participantSid: 'PA_me',
    track: { ...muted, width: 1 },
    by: 'host',
  });
  assert.equal(publication?.isMuted, true);
  assert.equal(publication?.track.mediaStreamTrack?.enabled, false);
});

test('own chat messages stand in the list once, those of others with their names', async () => {
  await connect();
  await room.chat.send('hello');
  server.tell({
    kind: 'message',
    messageId: 'MS_x',
    from: { identity: 'ada', name: 'Ada' },
    topic: 'chat',
    text: 'hi',
    sentAt: 1,
    direct: false,
  });
  assert.deepEqual(
    room.chat.messages.map(({ text, isOwn }) => [text, isOwn]),
    [
      ['hello', true],
      ['hi', false],
    ],
  );
});

test('levels reach the speaker alone; the list of speakers changes only when its members do', async () => {
  server.participants.push(participantInfo('PA_ada', { identity: 'ada' }));
  await connect();
  let lists = 0;
  const levels: number[] = [];
  room.on('activeSpeakersChanged', () => lists++);
  room.remoteParticipants.get('ada')?.on('levelChanged', (level) => levels.push(level));
  for (const level of [0.5, 0.7]) {
    server.send({ kind: 'activeSpeakers', speakers: [{ participantSid: 'PA_ada', level }] });
  }
  server.send({ kind: 'activeSpeakers', speakers: [] });
  assert.deepEqual(levels, [0.5, 0.7, 0]);
  assert.equal(lists, 2);
});

test('an incoming call rings at the caller, and brings its token when accepted', async () => {
  await connect();
  const call = {
    callId: 'CA_1',
    from: { identity: 'ada', name: 'Ada' },
    to: 'me',
    state: 'pending',
    room: 'r',
    payload: '',
  };
  let token: string | null = null;
  room.onCall((one) => one.on('updated', () => (token = one.token)));
  server.tell({ kind: 'callUpdated', call });
  await settle();
  assert.equal(server.ofKind('answerCall')[0]?.['answer'], 'ringing');
  server.tell({ kind: 'callUpdated', call: { ...call, state: 'accepted' }, token: 'tok' });
  assert.equal(token, 'tok');
});

test('being removed ends captures and says why', async () => {
  await connect();
  const publication = await room.localParticipant.setMicrophoneEnabled(true);
  const capture = publication?.track.mediaStreamTrack;
  const ended = room.once('disconnected');
  server.send({
    kind: 'goodbye',
    reason: 'removed',
    error: { code: 'removed', message: 'You were removed.', fix: '', retryable: false },
  });
  const [reason, error] = await ended;
  assert.equal(reason, 'removed');
  assert.equal(error?.code, 'removed');
  assert.equal(capture?.readyState, 'ended');
  assert.equal(room.remoteParticipants.size, 0);
  assert.ok(connection().isClosed);
});
