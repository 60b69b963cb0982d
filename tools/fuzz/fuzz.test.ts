import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../testkit/seeded-random.ts';
import { Mutator } from './mutator.ts';
import { fuzz } from './run.ts';
import { bytesOf, type FuzzTarget, readBetween } from './target.ts';
import { TARGETS } from './targets.ts';

const SEED = 20_261_122;

for (const target of TARGETS)
  test(`hostile bytes do ${target.name} no harm`, async () => {
    const { inputs, failure } = await fuzz(target, { seed: SEED, seconds: 1.5, inputs: 20_000 });
    const word = `${failure?.error}\ninput ${failure?.hex.slice(0, 4_000)}`;
    assert.ok(failure === null, word);
    assert.ok(inputs > 20);
  });

test('the same seed makes the same inputs', () => {
  const corpus = [bytesOf('one'), bytesOf('another')];
  const [a, b] = [0, 1].map(() => {
    const mutator = new Mutator(new SeededRandom(7), corpus);
    return Array.from({ length: 500 }, () => Buffer.from(mutator.next()).toString('hex'));
  });
  assert.deepEqual(a, b);
  assert.ok(new Set(a).size > 300);
});

test('a reader that looks beyond its input is found', () => {
  assert.throws(() => readBetween(Uint8Array.of(1), (buf, at) => buf[at + 1]), /beyond/);
  assert.throws(() => readBetween(Uint8Array.of(1), (buf, at) => buf[at - 1]), /beyond/);
  assert.throws(() => readBetween(Uint8Array.of(1), (buf, at) => buf.fill(9, at)), /changed/);
});

test('a fault is reported with its seed and input', async () => {
  const faulty: FuzzTarget = {
    name: 'faulty',
    corpus: [bytesOf('GET / HTTP/1.1')],
    run(input) {
      if (input.length > 20) throw new Error('too long for me');
    },
  };
  const { failure } = await fuzz(faulty, { seed: 3, seconds: 5 });
  assert.equal(failure?.seed, 3);
  assert.ok(failure.hex.length > 40);
  assert.match(failure.error, /too long for me/);
});
