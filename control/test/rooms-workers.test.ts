import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrackId, TransportId, WorkerLoad } from '@switchyard/core/media-api';
import { Bench, worker } from './rooms-bench.ts';

const load = (cpu: number): WorkerLoad => ({
  cpu,
  packetsInPerSecond: 0,
  packetsOutPerSecond: 0,
  transports: 0,
  tracks: 0,
  slots: 0,
  residentSetSize: 0,
});

function report(bench: Bench, number: number, cpu: number): void {
  bench.switchboard.handleMediaNotice(bench.time, worker(number), {
    kind: 'load',
    load: load(cpu),
  });
}

const openedOn = (bench: Bench): number[] =>
  bench.commands.filter(({ command }) => command.kind === 'openTransport').map((one) => one.worker);

test('a small room stays on one worker; another room goes to the least busy', () => {
  const bench = new Bench({}, [0, 1]);
  for (const identity of ['ada', 'bob', 'carol']) bench.join(identity).offer();
  bench.join('dora', { room: 'other' }).offer();
  assert.deepEqual(openedOn(bench), [0, 0, 0, 1]);
});

test('a room spreads when it is large, and when its worker is busy', () => {
  const large = new Bench({ spreadAfter: 2 }, [0, 1]);
  for (const identity of ['a', 'b', 'c', 'd']) large.join(identity).offer();
  assert.deepEqual(openedOn(large), [0, 0, 1, 1]);

  const busy = new Bench({}, [0, 1]);
  busy.join('a').offer();
  report(busy, 0, 0.8);
  busy.join('b').offer();
  assert.deepEqual(openedOn(busy), [0, 1]);
});

test('a track is piped to another worker once, as long as a slot there carries it', () => {
  const bench = new Bench({ spreadAfter: 1 }, [0, 1, 2]);
  const ada = bench.join('ada');
  ada.offer();
  const bob = bench.join('bob');
  bob.offer();
  const carol = bench.join('carol');
  carol.offer();
  bench.commands.length = 0;
  const camera = ada.publish('c');
  const pipes = () =>
    bench.commands
      .filter(({ command }) => /pipe/i.test(command.kind))
      .map((one) => [one.worker, one.command.kind]);
  assert.deepEqual(pipes(), [
    [1, 'receivePipedTrack'],
    [0, 'pipeTrack'],
    [2, 'receivePipedTrack'],
    [0, 'pipeTrack'],
  ]);
  const kinds = bench.commands.map(({ command }) => command.kind);
  assert.ok(kinds.indexOf('receivePipedTrack') < kinds.indexOf('assignSlot'));

  bench.commands.length = 0;
  bob.view();
  assert.deepEqual(
    bench.commands.map((one) => [one.worker, one.command.kind]),
    [
      [1, 'assignSlot'],
      [0, 'unpipeTrack'],
      [1, 'closeTrack'],
    ],
  );
  bob.view([camera, 360]);
  assert.equal(pipes().filter(([, kind]) => kind === 'pipeTrack').length, 1);
});

test('a lost worker costs its own people their media, and nobody else anything', () => {
  const bench = new Bench({ spreadAfter: 1 }, [0, 1]);
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  const other = bench.join('zoe', { room: 'other' });
  ada.offer();
  bob.offer();
  const camera = ada.publish('c');
  bob.publish('m');
  bench.commands.length = 0;
  bench.switchboard.handleWorkerLost(bench.time, worker(0));
  bench.drain();
  assert.equal(ada.all('mediaLost').length, 1);
  assert.equal(bob.all('mediaLost').length, 0);
  assert.equal(other.received.length, 1);
  assert.equal(bob.last('trackUnpublished').trackSid, camera);
  assert.equal(bob.slots()['pv0'], null);
  assert.ok(bench.commands.every((one) => one.worker === 1));

  // A new connection on the living worker, where nothing needs piping.
  ada.offer();
  assert.equal(openedOn(bench).at(-1), 1);
  const again = ada.publish('c');
  assert.equal(bob.slots()['pv0'], again);
});

test('pipes are made anew for whoever comes back on another worker', () => {
  const bench = new Bench({ spreadAfter: 1 }, [0, 1, 2]);
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  bob.offer();
  const camera = ada.publish('c');
  bench.switchboard.handleWorkerLost(bench.time, worker(1));
  bench.drain();
  assert.equal(bob.all('mediaLost').length, 1);
  assert.equal(bench.commandsOf('unpipeTrack').length, 1);
  bench.commands.length = 0;
  bob.offer();
  assert.equal(bob.slots()['pv0'], camera);
  assert.deepEqual(
    bench.commandsOf('pipeTrack').map((command) => command.to),
    [2],
  );
});

test('a worker that reports ready again under its number was lost before', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  bench.startWorker(0);
  assert.equal(ada.all('mediaLost').length, 1);
  ada.offer();
  ada.last('answer');
});

test('sessions of gateways end with their worker', () => {
  const bench = new Bench();
  const encoder = bench.join('encoder', { kind: 'whip' });
  encoder.offer({ pairs: 0 });
  bench.switchboard.handleWorkerLost(bench.time, worker(0));
  bench.drain();
  assert.ok(encoder.closed);
});

test('a transport without a path is asked to restart ICE, and given up after it failed', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  const transport = bench.commandsOf('openTransport')[0]!.transport;
  const state = (value: 'suspect' | 'connected' | 'failed') => {
    const notice = { kind: 'transportState', transport, state: value, detail: '' } as const;
    bench.switchboard.handleMediaNotice(bench.time, worker(0), notice);
    bench.drain();
  };
  state('suspect');
  assert.equal(ada.all('iceRestartWanted').length, 1);
  assert.equal(bob.last('qualityChanged').updates[0]?.quality, 'lost');
  state('connected');
  assert.equal(bob.last('qualityChanged').updates[0]?.quality, 'excellent');
  state('failed');
  assert.equal(ada.all('mediaLost').length, 1);
  assert.equal(bench.commandsOf('closeTransport').length, 1);
});

test('whose connection gets worse is told to everybody, once for each class', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  const transport = bench.commandsOf('openTransport')[0]?.transport as TransportId;
  const quality = (loss: number) => {
    bench.switchboard.handleMediaNotice(bench.time, worker(0), {
      kind: 'transportQuality',
      transports: [
        {
          transport,
          rttMs: 20,
          lossUp: loss,
          lossDown: 0,
          jitterUpMs: 5,
          jitterDownMs: -1,
          bitrateUpBps: 1,
          bitrateDownBps: 1,
        },
      ],
    });
    bench.drain();
  };
  quality(0);
  assert.equal(bob.all('qualityChanged').length, 0);
  for (let i = 0; i < 3; i++) quality(0.2);
  assert.deepEqual(
    bob.all('qualityChanged').map((message) => message.updates[0]?.quality),
    ['poor'],
  );
  for (let i = 0; i < 30; i++) quality(0);
  assert.deepEqual(
    ada.all('qualityChanged').map((message) => message.updates[0]?.quality),
    ['poor', 'good', 'excellent'],
  );
});

test('who speaks is told at most every 200 ms, and that the speech ended', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  const bob = bench.join('bob');
  ada.offer();
  ada.publish('m');
  const track = bench.commandsOf('openTrack')[0]?.track as TrackId;
  const level = (loudness: number, from = 0) => {
    bench.switchboard.handleMediaNotice(bench.time, worker(from), {
      kind: 'audioLevels',
      levels: [track, loudness, 999, 120],
    });
    bench.drain();
  };
  for (let i = 0; i < 10; i++) {
    level(90 + i);
    level(100 - i);
    bench.pass(100);
  }
  const told = bob.all('activeSpeakers');
  assert.ok(told.length >= 2 && told.length <= 5, String(told.length));
  assert.equal(told[0]?.speakers[0]?.participantSid, ada.sid);
  bench.pass(2_000);
  assert.deepEqual(bob.last('activeSpeakers').speakers, []);
  // Another worker's opinion about the track does not count.
  const before = bob.received.length;
  level(100, 7);
  bench.pass(600);
  level(100, 7);
  assert.equal(bob.received.length, before);
});

test('an encoder that closes its connection leaves; a client that does so makes another', () => {
  const bench = new Bench();
  const encoder = bench.join('encoder', { kind: 'whip' });
  const ada = bench.join('ada');
  encoder.offer({ pairs: 0 });
  ada.offer({ pairs: 0 });
  for (const { transport } of bench.commandsOf('openTransport')) {
    const notice = { kind: 'transportState', transport, state: 'closed', detail: '' } as const;
    bench.switchboard.handleMediaNotice(bench.time, worker(0), notice);
    bench.drain();
  }
  assert.ok(encoder.closed);
  assert.equal(ada.all('mediaLost').length, 0);
  assert.equal(ada.last('participantLeft').reason, 'connectionLost');
});
