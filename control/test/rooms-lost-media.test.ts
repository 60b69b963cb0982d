import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, worker } from './rooms-bench.ts';

const lose = (bench: Bench, number: number) => {
  bench.switchboard.handleWorkerLost(bench.time, worker(number));
  bench.drain();
};

test('with another worker alive people are told at once to build a new connection', () => {
  const bench = new Bench({}, [0, 1]);
  const ada = bench.join('ada');
  ada.offer();
  const [opened] = bench.commandsOf('openTransport');
  assert.ok(opened);
  lose(bench, 0);
  assert.equal(ada.all('mediaLost').length, 1);
});

test('while no worker is there they are told when the first one is ready, since their offers would be refused', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  lose(bench, 0);
  assert.equal(ada.all('mediaLost').length, 0);
  bench.startWorker(0);
  bench.drain();
  assert.equal(ada.all('mediaLost').length, 1);
  ada.offer();
  assert.ok(ada.last('answer'));
  bench.startWorker(1);
  bench.drain();
  assert.equal(ada.all('mediaLost').length, 1, 'told once');
});

test('who left in the meantime is told nothing', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  lose(bench, 0);
  ada.send({ kind: 'leave' });
  bench.startWorker(0);
  bench.drain();
  assert.equal(ada.all('mediaLost').length, 0);
});
