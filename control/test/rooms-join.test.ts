import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workerOfUfrag } from '@switchyard/core/media-api';
import { Bench } from './rooms-bench.ts';

test('a join is answered by the whole state, and the others hear of it', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { name: 'Ada' });
  const bob = bench.join('bob', { name: 'Bob' });
  const joined = bob.last('joined');
  assert.equal(joined.room?.name, 'lab');
  assert.deepEqual(
    joined.participants.map((one) => one.identity),
    ['ada'],
  );
  assert.deepEqual(joined.slots, { pairs: 9, videoOnly: 16, audioOnly: 3 });
  assert.equal(ada.last('participantJoined').participant.name, 'Bob');
  assert.equal(ada.last('participantJoined').seq, 1);
});

test('an offer opens a transport, its incoming media and its slots, and is answered', () => {
  const bench = new Bench({}, [3]);
  const ada = bench.join('ada');
  ada.offer({ pairs: 2, videoOnly: 1, audioOnly: 1 });
  const { sdp, slots } = ada.last('answer');
  assert.match(sdp, /a=ice-lite/);
  const ufrag = /a=ice-ufrag:(\S+)/.exec(sdp)?.[1] ?? '';
  assert.equal(workerOfUfrag(ufrag), 3);
  assert.deepEqual(
    slots.map(({ mid, trackSid }) => [mid, trackSid]),
    ['pa0', 'pv0', 'pa1', 'pv1', 'v0', 'a0'].map((mid) => [mid, null]),
  );
  assert.deepEqual(
    bench.commands.map(({ command }) => command.kind),
    ['openTransport', 'setIncoming', ...Array(6).fill('openSlot')],
  );
  assert.deepEqual(
    bench.commandsOf('setIncoming')[0]?.media.map((media) => media.mid),
    ['m', 'c'],
  );
});

test('a published track is announced and stands in a slot of everybody else', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  bob.offer();
  const camera = ada.publish('c');
  const microphone = ada.publish('m');
  assert.equal(bob.last('trackPublished').track.sid, microphone);
  assert.deepEqual(bob.slots(), { pa0: microphone, pv0: camera, pa1: null, pv1: null });
  assert.deepEqual(ada.slots(), { pa0: null, pv0: null, pa1: null, pv1: null });
  const opened = bench.commandsOf('openTrack').map((command) => command.track);
  assert.deepEqual(
    bench.commandsOf('assignSlot').map((command) => command.track),
    opened,
  );
});

test('leaving closes what was opened, in an order that never refers to something closed', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  bob.offer();
  ada.publish('c');
  bench.commands.length = 0;
  ada.send({ kind: 'leave' });
  assert.deepEqual(
    bench.commands.map(({ command }) => command.kind),
    ['assignSlot', ...Array(4).fill('closeSlot'), 'closeTrack', 'closeTransport'],
  );
  assert.deepEqual(bob.last('participantLeft').reason, 'left');
  assert.deepEqual(bob.slots(), { pa0: null, pv0: null, pa1: null, pv1: null });
  assert.equal(ada.closed?.code, 4000);
});
