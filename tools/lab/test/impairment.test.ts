import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Impairment, type ImpairmentOptions } from '../index.ts';

const COUNT = 10_000;

/** Sends one datagram of 1000 bytes each `gapMs`. Returns the arrival times of each. */
function run(options: ImpairmentOptions, { seed = 1, gapMs = 1, count = COUNT } = {}) {
  const path = new Impairment(seed, options);
  const arrivals = Array.from({ length: count }, (_, i) => path.decide(i * gapMs, 1_000));
  return { arrivals, counters: path.counters };
}

test('a path without options delivers every datagram at once', () => {
  const { arrivals, counters } = run({});
  assert.deepEqual(arrivals[5], [5]);
  assert.equal(counters.delivered, COUNT);
});

test('the fate of the n-th datagram is a matter of the seed', () => {
  const options = { lossPercent: 10, jitterMs: 5, delayMs: 20, duplicatePercent: 3 };
  assert.deepEqual(run(options).arrivals, run(options).arrivals);
  assert.notDeepEqual(run(options).arrivals, run(options, { seed: 2 }).arrivals);
});

test('other options do not change which datagrams are lost', () => {
  const lost = (options: ImpairmentOptions) =>
    run(options).arrivals.map((times) => times.length === 0);
  assert.deepEqual(
    lost({ lossPercent: 5 }),
    lost({ lossPercent: 5, delayMs: 30, jitterMs: 10, reorderPercent: 20 }),
  );
});

test('the shares of lost, doubled and overtaking datagrams are those asked for', () => {
  const { counters } = run({
    lossPercent: 5,
    duplicatePercent: 10,
    reorderPercent: 20,
    delayMs: 50,
  });
  assert.ok(Math.abs(counters.lost - 500) < 70, `${counters.lost} lost`);
  assert.ok(Math.abs(counters.duplicated - 950) < 90, `${counters.duplicated} doubled`);
  assert.ok(Math.abs(counters.reordered - 1_900) < 120, `${counters.reordered} overtaking`);
  assert.equal(counters.delivered, counters.received - counters.lost + counters.duplicated);
});

test('bursts lose runs of datagrams, as long as 1 / leaving chance on average', () => {
  const { arrivals, counters } = run({ burst: { enterPercent: 1, leavePercent: 20 } });
  const lost = arrivals.map((times) => times.length === 0);
  const runs = lost.filter((isLost, i) => isLost && !lost[i - 1]).length;
  assert.ok(runs > 60 && runs < 130, `${runs} bursts`);
  const mean = counters.lost / runs;
  assert.ok(mean > 4 && mean < 6.5, `mean length ${mean}`);
});

test('jitter keeps the order; only reordering breaks it', () => {
  const inOrder = (options: ImpairmentOptions) => {
    const times = run(options).arrivals.flat();
    return times.every((time, i) => i === 0 || time >= times[i - 1]!);
  };
  assert.ok(inOrder({ delayMs: 40, jitterMs: 30 }));
  assert.ok(!inOrder({ delayMs: 40, reorderPercent: 5 }));
});

test('a bottleneck spaces datagrams and drops those that would wait too long', () => {
  // 1000 bytes at 4000 kbit/s take 2 ms each, but one comes each millisecond.
  const { arrivals, counters } = run({ rateKbps: 4_000, queueMs: 100 }, { count: 1_000 });
  const times = arrivals.flat();
  assert.ok(times.slice(1).every((time, i) => time - times[i]! >= 2 - 1e-9));
  const waits = arrivals.flatMap((list, i) => list.map((time) => time - i));
  assert.ok(Math.max(...waits) <= 102);
  assert.ok(counters.tailDropped > 400 && counters.tailDropped < 500, `${counters.tailDropped}`);
});

test('options replaced while running count from the next datagram on', () => {
  const path = new Impairment(1, {});
  assert.equal(path.decide(0, 100).length, 1);
  path.options = { lossPercent: 100 };
  assert.equal(path.decide(1, 100).length, 0);
});
