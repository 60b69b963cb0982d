import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ProcessActivity, parseStat } from '../src/host/process-activity.ts';
import { Pulse } from '../src/host/pulse.ts';

/** A pulse whose looks see `states` one after the other, by a clock that the test turns. */
function makePulse(t: { mock: typeof import('node:test').mock }, ...states: ProcessActivity[]) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const dead: string[] = [];
  let looks = 0;
  const pulse = new Pulse({
    pid: 1,
    quietMs: 200,
    silenceMs: 2_000,
    onDead: (reason) => dead.push(reason),
    look: () => states[Math.min(looks++, states.length - 1)] ?? null,
  });
  const pass = async (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
    await turn();
  };
  return { pulse, dead, pass };
}

const asleep = (cpuMs: number): ProcessActivity => ({ isBlocked: true, cpuMs });
const running = (cpuMs: number): ProcessActivity => ({ isBlocked: false, cpuMs });

test('a worker that computes without a sign of life is dead after twice the quiet time', async (t) => {
  const { dead, pass } = makePulse(t, running(1_000), running(1_190));
  await pass(200);
  assert.deepEqual(dead, []);
  await pass(200);
  assert.deepEqual(dead, ['computes without end']);
});

test('a worker that sleeps in a call is dead after twice the quiet time', async (t) => {
  const { dead, pass } = makePulse(t, asleep(500), asleep(500));
  await pass(200);
  await pass(200);
  assert.deepEqual(dead, ['hangs in a call']);
});

test('a worker that waits for a processor lives, up to the longest silence', async (t) => {
  const { dead, pass } = makePulse(t, running(500), running(510), running(520));
  for (let i = 0; i < 9; i++) await pass(200);
  assert.deepEqual(dead, []);
  await pass(200);
  assert.deepEqual(dead, ['was silent for too long']);
});

test('a sign of life makes the looks begin anew', async (t) => {
  const { pulse, dead, pass } = makePulse(t, running(0), running(300), running(600));
  await pass(200);
  pulse.beat();
  await pass(200);
  assert.deepEqual(dead, []);
  pulse.stop();
  await pass(5_000);
  assert.deepEqual(dead, []);
});

test('a sign that was already there when the time was over counts', async (t) => {
  const { pulse, dead, pass } = makePulse(t, asleep(0), asleep(0));
  await pass(200);
  const late = pass(200);
  pulse.beat();
  await late;
  assert.deepEqual(dead, []);
});

test('where nothing can be seen of a process only the longest silence counts', async (t) => {
  const { dead, pass } = makePulse(t);
  for (let i = 0; i < 9; i++) await pass(200);
  assert.deepEqual(dead, []);
  await pass(200);
  assert.deepEqual(dead, ['was silent for too long']);
});

test('proc(5): state and processor time are found behind any name', () => {
  const rest = '1 2 3 0 -1 4194304 100 0 0 0 12 3 0 0 20 0 11 0 1000 1 1';
  assert.deepEqual(parseStat(`77 (no) de (S) S ${rest}`), { isBlocked: true, cpuMs: 150 });
  assert.deepEqual(parseStat(`77 (node) R ${rest}`), { isBlocked: false, cpuMs: 150 });
  assert.equal(parseStat(''), null);
});
