import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from '../src/rooms/event-log.ts';
import { DEFAULT_LIMITS } from '../src/rooms/index.ts';
import { Bench, type TestClient } from './rooms-bench.ts';

function resume(bench: Bench, client: TestClient, lastSeq: number, token?: string): TestClient {
  const { participant, resumeToken } = client.last('joined');
  const again = bench.connect();
  again.send({
    kind: 'resume',
    id: 1,
    participantSid: participant.sid,
    resumeToken: token ?? resumeToken,
    lastSeq,
  });
  return again;
}

test('a dropped socket keeps the seat for 30 s and the others see it reconnecting', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  ada.drop();
  assert.equal(bob.last('participantUpdated').participant.state, 'reconnecting');
  bench.pass(29_999);
  assert.equal(bob.all('participantLeft').length, 0);
  bench.pass(1);
  assert.equal(bob.last('participantLeft').reason, 'connectionLost');
  assert.equal(bench.commandsOf('closeTransport').length, 1);
});

test('a resume replays exactly the events after the last one seen; media stays', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  bench.join('bob');
  ada.drop();
  const commands = bench.commands.length;
  const carol = bench.join('carol');
  const again = resume(bench, ada, 1);
  const resumed = again.last('resumed');
  assert.equal(resumed.complete, true);
  assert.deepEqual(
    again.received.slice(1, 2).map((message) => 'seq' in message && message.seq),
    [2],
  );
  assert.equal(again.last('participantJoined').participant.identity, 'carol');
  assert.equal(carol.last('participantUpdated').participant.state, 'active');
  assert.equal(bench.commands.length, commands);
  bench.pass(60_000);
  assert.equal(again.closed, null);
});

test('who missed more than is kept, or claims what never was, gets the whole state', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  const bob = bench.join('bob');
  ada.drop();
  for (let i = 0; i < 600; i++)
    bob.send({ kind: 'updateMe', id: i, attributes: { count: String(i) } });
  const again = resume(bench, ada, 1);
  const resumed = again.last('resumed');
  assert.equal(resumed.complete, false);
  assert.equal(resumed.snapshot?.participants[0]?.attributes['count'], '599');
  assert.equal(resumed.snapshot?.slots.length, 4);
  const future = resume(bench, ada, resumed.seq + 5);
  assert.equal(future.last('resumed').complete, false);
});

test('a wrong token or a seat that ended cannot be resumed', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const { resumeToken } = ada.last('joined');
  const wrong = resume(bench, ada, 0, `${resumeToken.slice(0, -1)}!`);
  assert.equal(wrong.error, 'resumeRefused');
  assert.equal(wrong.closed?.code, 4004);
  assert.equal(ada.closed, null);
  ada.send({ kind: 'leave' });
  assert.equal(resume(bench, ada, 0).error, 'resumeRefused');
});

test('a resume while the old socket still stands takes the seat over', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const again = resume(bench, ada, 0);
  assert.equal(ada.closed?.code, 4009);
  ada.drop();
  again.send({ kind: 'ping', time: 5 });
  assert.equal(again.last('pong').time, 5);
});

test('the same identity joining again replaces the session before it', () => {
  const bench = new Bench();
  const first = bench.join('ada');
  const bob = bench.join('bob');
  const second = bench.join('ada');
  assert.equal(first.last('goodbye').reason, 'replaced');
  assert.equal(first.closed?.code, 4000);
  assert.equal(bob.last('participantLeft').reason, 'replaced');
  assert.deepEqual(
    second.last('joined').participants.map((one) => one.identity),
    ['bob'],
  );
});

test('sessions of gateways end with their connection', () => {
  const bench = new Bench();
  const encoder = bench.join('encoder', { kind: 'whip' });
  const bob = bench.join('bob');
  encoder.drop();
  assert.equal(bob.last('participantLeft').reason, 'sessionEnded');
});

test('a WHEP player is hidden and cannot publish', () => {
  const bench = new Bench();
  const bob = bench.join('bob');
  const player = bench.join('player', { kind: 'whep' });
  assert.equal(bob.all('participantJoined').length, 0);
  player.offer();
  player.send({ kind: 'publish', id: 9, mid: 'c', source: 'camera', muted: false, layers: [] });
  assert.equal(player.error, 'notAllowed');
  player.drop();
  assert.equal(bob.all('participantLeft').length, 0);
});

test('a room ends when it was empty for its time, and only then', () => {
  const bench = new Bench({ emptyTimeoutMs: 1_000 });
  const ada = bench.join('ada');
  bench.pass(5_000);
  ada.send({ kind: 'leave' });
  bench.pass(999);
  assert.ok(bench.switchboard.admin.getRoom('lab'));
  bench.pass(1);
  assert.equal(bench.switchboard.admin.getRoom('lab'), null);
  const ended = bench.events.at(-1);
  assert.ok(ended?.kind === 'roomEnded');
  assert.equal(ended.durationMs, 6_000);
});

test('without autoCreate a room needs to exist, or a token that may create it', () => {
  const bench = new Bench({ autoCreate: false });
  assert.equal(bench.join('ada').error, 'roomNotFound');
  assert.equal(bench.join('bob', { mayCreateRoom: true }).last('joined').room?.name, 'lab');
  assert.equal(bench.join('ada').last('joined').room?.name, 'lab');
});

test('full rooms, locked rooms and a full server let nobody in, but people back in', () => {
  const bench = new Bench({ limits: { ...DEFAULT_LIMITS, participantsPerRoom: 2, sessions: 3 } });
  const ada = bench.join('ada', { permissions: { canModerate: true } });
  ada.send({ kind: 'moderate', id: 5, action: { kind: 'setLocked', locked: true } });
  assert.equal(bench.join('bob').error, 'roomLocked');
  ada.send({ kind: 'moderate', id: 6, action: { kind: 'setLocked', locked: false } });
  bench.join('bob');
  assert.equal(bench.join('carol').error, 'roomFull');
  bench.join('bob').last('joined');
  bench.join('dora', { room: 'other' });
  assert.equal(bench.join('erik', { room: 'other' }).error, 'serverFull');
});

test('messages before a join and second joins are refused', () => {
  const bench = new Bench();
  const stranger = bench.connect();
  stranger.send({ kind: 'mute', id: 4, trackSid: 'x', muted: true });
  assert.equal(stranger.error, 'notJoined');
  assert.equal(stranger.closed?.code, 4004);
  const ada = bench.join('ada');
  ada.send({ kind: 'join', id: 9, token: '', client: { sdk: 't', version: '1' } });
  assert.equal(ada.error, 'alreadyJoined');
  assert.equal(ada.closed, null);
});

test('a shutdown says goodbye to everybody and lets nobody in', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const user = bench.join('bob', { room: null });
  bench.switchboard.admin.shutdown(bench.time);
  bench.drain();
  assert.equal(ada.last('goodbye').reason, 'serverShutdown');
  assert.equal(user.last('goodbye').error.retryable, true);
  assert.equal(bench.join('carol').error, 'shuttingDown');
});

test('the event log keeps 512 events', () => {
  const log = new EventLog();
  for (let i = 0; i < 600; i++) log.append({ kind: 'mediaLost', message: '' });
  assert.equal(log.last, 600);
  assert.equal(log.since(87), null);
  assert.deepEqual(
    log.since(88)?.map((event) => event.seq),
    Array.from({ length: 512 }, (_, i) => 89 + i),
  );
  assert.deepEqual(log.since(600), []);
  assert.equal(log.since(601), null);
});
