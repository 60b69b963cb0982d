import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientMessage } from '@switchyard/core/signal';
import { DEFAULT_LIMITS } from '../src/rooms/index.ts';
import { writeOffer } from './offer.ts';
import { Bench, type TestClient } from './rooms-bench.ts';

const publishOn = (client: TestClient, mid: string, source: 'camera' | 'microphone') =>
  client.send({ kind: 'publish', id: 90, mid, source, muted: false, layers: [] });

function sendOffer(client: TestClient, change: Partial<Extract<ClientMessage, { kind: 'offer' }>>) {
  client.send({
    kind: 'offer',
    id: 70,
    sdp: writeOffer([{ mid: '0', kind: 'audio', direction: 'sendonly' }]),
    fresh: true,
    senders: [],
    pairs: [],
    ...change,
  });
}

test('publishing needs media, an m-line that sends and is free, and the permission', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { permissions: { canPublishSources: ['microphone'] } });
  publishOn(ada, 'm', 'microphone');
  assert.equal(ada.error, 'noMedia');
  ada.offer();
  publishOn(ada, 'c', 'camera');
  assert.equal(ada.error, 'notAllowed');
  publishOn(ada, 'pa0', 'microphone');
  assert.equal(ada.error, 'unknownMid');
  ada.publish('m');
  publishOn(ada, 'm', 'microphone');
  assert.equal(ada.error, 'midInUse');
});

test('tracks per participant are limited', () => {
  const bench = new Bench({ limits: { ...DEFAULT_LIMITS, tracksPerParticipant: 1 } });
  const ada = bench.join('ada');
  ada.offer();
  ada.publish('m');
  publishOn(ada, 'c', 'camera');
  assert.equal(ada.error, 'tooManyTracks');
});

test('unpublishing frees the m-line and tells everybody', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  bob.offer();
  const camera = ada.publish('c');
  ada.send({ kind: 'unpublish', id: 20, trackSid: camera });
  assert.equal(bob.last('trackUnpublished').trackSid, camera);
  assert.equal(bob.slots()['pv0'], null);
  ada.send({ kind: 'unpublish', id: 21, trackSid: camera });
  assert.equal(ada.error, 'trackNotFound');
  ada.publish('c');
});

test('an offer is refused with the reason, and nothing is opened', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const refused = (change: Parameters<typeof sendOffer>[1]) => {
    sendOffer(ada, change);
    assert.equal(bench.commands.length, 0);
    return ada.last('error').error;
  };
  assert.equal(refused({ sdp: 'v=0' }).code, 'badOffer');
  assert.match(refused({ senders: [{ mid: 'x', source: 'camera' }] }).message, /"x"/);
  assert.match(refused({ pairs: [{ audio: '0', video: '1' }] }).message, /pairs/);
  assert.equal(refused({ fresh: false }).code, 'noMedia');
});

test('slots per participant are limited', () => {
  const bench = new Bench({ limits: { ...DEFAULT_LIMITS, slotsPerParticipant: 3 } });
  const ada = bench.join('ada');
  ada.offer({ pairs: 2 });
  assert.equal(ada.error, 'tooManySlots');
  ada.offer({ pairs: 1 });
  ada.last('answer');
});

test('without a media worker an offer is refused and can be tried again', () => {
  const bench = new Bench({}, []);
  const ada = bench.join('ada');
  ada.offer();
  assert.equal(ada.last('error').error.code, 'noMediaWorker');
  assert.equal(ada.last('error').error.retryable, true);
  bench.startWorker(0);
  ada.offer();
  ada.last('answer');
});

test('an offer with more slots opens only those; what stood stays', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  bob.offer({ pairs: 1 });
  const camera = ada.publish('c');
  bench.commands.length = 0;
  const ssrcs = (sdp: string) => [...sdp.matchAll(/a=ssrc:(\d+) cname/g)].map(([, ssrc]) => ssrc);
  const before = ssrcs(bob.last('answer').sdp);
  bob.offer({ pairs: 1, videoOnly: 2, fresh: false });
  assert.deepEqual(
    bench.commands.map(({ command }) => command.kind),
    ['openSlot', 'openSlot'],
  );
  assert.equal(bob.slots()['pv0'], camera);
  assert.deepEqual(ssrcs(bob.last('answer').sdp).slice(0, before.length), before);
});

test('an offer with other ICE credentials restarts ICE and nothing else', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  const camera = ada.publish('c');
  const before = ada.last('answer').sdp;
  bench.commands.length = 0;
  ada.offer({ fresh: false, ufrag: 'wxyz' });
  assert.deepEqual(
    bench.commands.map(({ command }) => command.kind),
    ['restartIce'],
  );
  const ufrag = (sdp: string) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];
  assert.notEqual(ufrag(ada.last('answer').sdp), ufrag(before));
  assert.equal(bench.switchboard.admin.getRoom('lab')?.participants[0]?.tracks[0]?.sid, camera);
});

test('a fresh offer closes the old transport after the new one is open', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer({ pairs: 0 });
  bob.offer();
  const camera = ada.publish('c');
  bench.commands.length = 0;
  ada.offer({ pairs: 0 });
  assert.equal(bob.last('trackUnpublished').trackSid, camera);
  assert.deepEqual(
    bench.commands.map(({ command }) => command.kind),
    ['openTransport', 'setIncoming', 'assignSlot', 'closeTrack', 'closeTransport'],
  );
});

test('WHIP restarts ICE without SDP', () => {
  const bench = new Bench();
  const encoder = bench.join('encoder', { kind: 'whip' });
  const remote = { ufrag: 'uuuu', pwd: 'p'.repeat(22) };
  assert.equal(bench.switchboard.restartIce(bench.time, encoder.session, remote), null);
  encoder.offer({ pairs: 0 });
  const local = bench.switchboard.restartIce(bench.time, encoder.session, remote);
  bench.drain();
  const command = bench.commandsOf('restartIce')[0];
  assert.equal(command?.ice.localUfrag, local?.ufrag);
  assert.equal(command?.ice.remoteUfrag, 'uuuu');
});

test('a moderator mutes; only the person himself unmutes', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const host = bench.join('host', { permissions: { canModerate: true } });
  ada.offer();
  const microphone = ada.publish('m');
  const moderate = (muted: boolean) =>
    host.send({
      kind: 'moderate',
      id: 30,
      action: { kind: 'muteTrack', trackSid: microphone, muted },
    });
  moderate(true);
  assert.equal(ada.last('trackUpdated').by, 'host');
  assert.equal(ada.last('trackUpdated').track.muted, true);
  assert.deepEqual(
    bench.commandsOf('muteTrack').map((command) => command.muted),
    [true],
  );
  moderate(false);
  assert.equal(host.error, 'remoteUnmute');
  ada.send({ kind: 'mute', id: 31, trackSid: microphone, muted: false });
  assert.equal(host.last('trackUpdated').track.muted, false);
});

test('muteAll silences every microphone but the own', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const host = bench.join('host', { permissions: { canModerate: true } });
  for (const client of [ada, host]) {
    client.offer();
    client.publish('m');
    client.publish('c');
  }
  host.send({ kind: 'moderate', id: 30, action: { kind: 'muteAll' } });
  const muted = bench.switchboard.admin
    .getRoom('lab')
    ?.participants.map(({ tracks }) => tracks.map((track) => track.muted));
  assert.deepEqual(muted, [
    [true, false],
    [false, false],
  ]);
});

test('taking the permission to publish away unpublishes at once', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const host = bench.join('host', { permissions: { canModerate: true } });
  ada.offer();
  const camera = ada.publish('c');
  const microphone = ada.publish('m');
  host.send({
    kind: 'moderate',
    id: 30,
    action: {
      kind: 'setPermissions',
      identity: 'ada',
      permissions: { canPublishSources: ['microphone'] },
    },
  });
  assert.equal(ada.last('trackUnpublished').trackSid, camera);
  const { participant } = host.last('participantUpdated');
  assert.deepEqual(
    participant.tracks.map((track) => track.sid),
    [microphone],
  );
});

test('who becomes hidden leaves for the others, and comes back', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const host = bench.join('host', { permissions: { canModerate: true } });
  const setHidden = (hidden: boolean) =>
    host.send({
      kind: 'moderate',
      id: 30,
      action: { kind: 'setPermissions', identity: 'ada', permissions: { hidden } },
    });
  setHidden(true);
  assert.equal(host.last('participantLeft').participantSid, ada.sid);
  assert.equal(ada.all('participantLeft').length, 0);
  setHidden(false);
  assert.equal(host.last('participantJoined').participant.identity, 'ada');
});

test('only moderators moderate; removing and ending say goodbye', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  const host = bench.join('host', { permissions: { canModerate: true } });
  ada.send({ kind: 'moderate', id: 30, action: { kind: 'endRoom' } });
  assert.equal(ada.error, 'notAllowed');
  host.send({ kind: 'moderate', id: 31, action: { kind: 'removeParticipant', identity: 'ada' } });
  assert.equal(ada.last('goodbye').reason, 'removed');
  assert.equal(bob.last('participantLeft').reason, 'removed');
  host.send({ kind: 'moderate', id: 32, action: { kind: 'removeParticipant', identity: 'ada' } });
  assert.equal(host.error, 'participantNotFound');
  host.send({ kind: 'moderate', id: 33, action: { kind: 'setMetadata', metadata: 'agenda' } });
  assert.equal(bob.last('roomUpdated').room.metadata, 'agenda');
  host.send({ kind: 'moderate', id: 34, action: { kind: 'endRoom' } });
  assert.equal(bob.last('goodbye').reason, 'roomEnded');
  assert.ok(host.all('reply').some((reply) => reply.id === 34));
  assert.equal(bench.switchboard.admin.getRoom('lab'), null);
});

test('people change their own name and attributes if their token lets them', () => {
  const bench = new Bench({ limits: { ...DEFAULT_LIMITS, attributesLength: 20 } });
  const ada = bench.join('ada', { attributes: { hand: 'up' } });
  const bob = bench.join('bob', { permissions: { canUpdateOwnMetadata: false } });
  assert.deepEqual(bob.last('joined').participants[0]?.attributes, { hand: 'up' });
  ada.send({ kind: 'updateMe', id: 5, name: 'Ada L.', attributes: { hand: '', mood: 'ok' } });
  const { participant } = bob.last('participantUpdated');
  assert.equal(participant.name, 'Ada L.');
  assert.deepEqual(participant.attributes, { mood: 'ok' });
  ada.send({ kind: 'updateMe', id: 6, attributes: { story: 'x'.repeat(30) } });
  assert.equal(ada.error, 'attributesTooLong');
  bob.send({ kind: 'updateMe', id: 7, name: 'Eve' });
  assert.equal(bob.error, 'notAllowed');
});
