import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis, printIp } from '@switchyard/core/base';
import { bytesPerCall, type LinkOptions, SeededRandom, VirtualNetwork } from './index.ts';

/** Sends `count` datagrams, 10 ms apart, and notes number and time of those that arrive. */
function exchange(
  seed: number,
  link: LinkOptions,
  count: number,
  length = 100,
): [number, number][] {
  const network = new VirtualNetwork(seed, link);
  const arrived: [number, number][] = [];
  const b = network.addHost('192.0.2.2', { down: {} }).bind(2, (now, _from, bytes) => {
    arrived.push([bytes[0]! * 256 + bytes[1]!, now]);
  });
  const a = network.addHost('192.0.2.1').bind(1, () => {});
  const bytes = new Uint8Array(length);
  for (let i = 0; i < count; i++) {
    bytes[0] = i >> 8;
    bytes[1] = i;
    a.send(b.address, bytes, 0, length);
    network.run(10);
  }
  network.run(10_000);
  return arrived;
}

test('the same seed replays exactly, another does not', () => {
  const link = { lossRatio: 0.2, latencyMs: 30, jitterMs: 20, reorderRatio: 0.1 };
  assert.deepEqual(exchange(1, link, 300), exchange(1, link, 300));
  assert.notDeepEqual(exchange(1, link, 300), exchange(2, link, 300));
});

test('links lose, delay and reorder as told; jitter alone keeps the order', () => {
  const lossy = exchange(3, { lossRatio: 0.25 }, 2000).length;
  assert.ok(lossy > 1400 && lossy < 1600, `${lossy}`);
  const jittery = exchange(3, { latencyMs: 50, jitterMs: 40 }, 300);
  assert.deepEqual(
    jittery.map(([number]) => number),
    Array.from({ length: 300 }, (_, i) => i),
  );
  assert.ok(
    jittery.every(([number, time]) => time - number * 10 >= 50 && time - number * 10 <= 90),
  );
  const shuffled = exchange(3, { latencyMs: 50, reorderRatio: 0.1 }, 300).map(([number]) => number);
  assert.notDeepEqual(
    shuffled,
    shuffled.toSorted((x, y) => x - y),
  );
});

test('a bottleneck queues up to its limit and drops beyond', () => {
  // 1000 bytes each 10 ms are 800 kb/s into 400 kb/s.
  const arrived = exchange(4, { rateBps: 400_000, queueMs: 100 }, 400, 1000);
  assert.ok(arrived.length > 200 && arrived.length < 215, `${arrived.length}`);
  for (const [number, time] of arrived) assert.ok(time - number * 10 <= 100 + 20 + 1);
});

test('NATs filter by their kind', () => {
  for (const [kind, passes] of [
    ['fullCone', [true, true, true]],
    ['restricted', [false, true, true]],
    ['portRestricted', [false, false, true]],
    ['symmetric', [false, false, true]],
  ] as const) {
    const network = new VirtualNetwork(1);
    const nat = network.addNat('198.51.100.1', kind);
    let count = 0;
    const inside = network.addHost('10.0.0.1', { nat }).bind(1, () => count++);
    let mapped: { ip: Uint8Array; port: number } | null = null;
    const host = network.addHost('192.0.2.1');
    const known = host.bind(1, (_now, from) => {
      mapped = from;
    });
    const otherPort = host.bind(2, () => {});
    const stranger = network.addHost('192.0.2.2').bind(1, () => {});
    inside.send(known.address, new Uint8Array(4), 0, 4);
    network.run(1);
    assert.ok(mapped !== null);
    assert.equal(printIp((mapped as { ip: Uint8Array }).ip), '198.51.100.1');
    const results = [stranger, otherPort, known].map((socket) => {
      const before = count;
      socket.send(mapped!, new Uint8Array(4), 0, 4);
      network.run(1);
      return count > before;
    });
    assert.deepEqual(results, passes, kind);
  }
});

test('actors are woken at their deadline, not before', () => {
  const network = new VirtualNetwork(1);
  const times: number[] = [];
  network.addActor({
    nextTimeout: () => millis((times.length + 1) * 250),
    handleTimeout: (now) => void times.push(now),
  });
  network.run(1000);
  assert.deepEqual(times, [250, 500, 750, 1000]);
});

test('the allocation meter tells garbage from none', () => {
  let sum = 0;
  const list: object[] = [];
  const count = () => {
    sum += 1;
  };
  const allocate = () => {
    sum += 1;
    list[sum & 63] = { sum, a: 1, b: 2 };
  };
  assert.ok(bytesPerCall(count) < 1);
  assert.ok(bytesPerCall(allocate) > 16);
});

test('seeded bytes use the whole range', () => {
  const bytes = new Uint8Array(4096);
  new SeededRandom(5).fill(bytes);
  assert.equal(new Set(bytes).size, 256);
});
