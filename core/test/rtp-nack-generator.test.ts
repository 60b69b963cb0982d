import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis, NEVER } from '@switchyard/core/base';
import { NackGenerator } from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const out = new Uint16Array(64);

function receive(nack: NackGenerator, now: number, ...sequenceNumbers: number[]): void {
  for (const sequenceNumber of sequenceNumbers)
    nack.handlePacket(millis(now), sequenceNumber, false);
}

function ask(nack: NackGenerator, now: number): number[] {
  nack.handleTimeout(millis(now));
  return [...out.subarray(0, nack.pollNack(out))];
}

test('without holes nothing is asked for', () => {
  const nack = new NackGenerator();
  receive(nack, 0, 65534, 65535, 0, 1);
  assert.equal(nack.nextTimeout(), NEVER);
  assert.deepEqual(ask(nack, 5000), []);
});

test('a hole is asked for after 20 ms, or as soon as two newer packets have come', () => {
  const nack = new NackGenerator();
  receive(nack, 100, 10, 12);
  assert.equal(nack.nextTimeout(), 120);
  assert.deepEqual(ask(nack, 119), []);
  assert.deepEqual(ask(nack, 120), [11]);

  const other = new NackGenerator();
  receive(other, 100, 10, 12, 13);
  assert.equal(other.nextTimeout(), 100);
  assert.deepEqual(ask(other, 100), [11]);
});

test('a packet that was only late is not asked for', () => {
  const nack = new NackGenerator();
  receive(nack, 100, 10, 12);
  assert.equal(nack.handlePacket(millis(105), 11, false), true);
  assert.equal(nack.handlePacket(millis(105), 11, false), false);
  assert.equal(nack.nextTimeout(), NEVER);
  assert.equal(nack.recoveredCount, 0);
});

test('the request is repeated each round trip, kept within 20 to 200 ms', () => {
  const nack = new NackGenerator();
  receive(nack, 0, 10, 12, 13);
  assert.deepEqual(ask(nack, 0), [11]);
  assert.equal(nack.nextTimeout(), 100, 'unknown round trip');
  nack.setRtt(5);
  assert.deepEqual(ask(nack, 100), [11]);
  assert.equal(nack.nextTimeout(), 120);
  assert.deepEqual(ask(nack, 120), [11]);
  nack.setRtt(900);
  assert.equal(nack.nextTimeout(), 320);
  assert.equal(nack.requestCount, 3);
  nack.handlePacket(millis(330), 11, true);
  assert.equal(nack.recoveredCount, 1);
});

test('a hole is given up after 10 requests, which calls for a key frame', () => {
  const nack = new NackGenerator();
  nack.setRtt(20);
  receive(nack, 0, 10, 12, 13);
  for (let i = 0; i < 10; i++) assert.deepEqual(ask(nack, i * 20), [11]);
  assert.equal(nack.needsKeyframe, false);
  assert.deepEqual(ask(nack, 200), []);
  assert.equal(nack.needsKeyframe, true);
  assert.equal(nack.nextTimeout(), NEVER);
});

test('a hole is given up after a second', () => {
  const nack = new NackGenerator();
  nack.setRtt(200);
  receive(nack, 0, 10, 12, 13);
  for (let now = 0; now < 1000; now += 200) ask(nack, now);
  assert.equal(nack.needsKeyframe, false);
  assert.deepEqual(ask(nack, 1000), []);
  assert.equal(nack.needsKeyframe, true);
});

test('more missing packets than the list holds call for a key frame at once', () => {
  const nack = new NackGenerator();
  receive(nack, 0, 10, 10 + 600);
  assert.equal(nack.needsKeyframe, true);
  assert.equal(nack.missingCount, 0);
  nack.needsKeyframe = false;
  receive(nack, 0, 10 + 600 + 400);
  assert.equal(nack.missingCount, 399);
  receive(nack, 0, 10 + 600 + 700);
  assert.equal(nack.missingCount, 299, 'the newer hole is kept');
  assert.equal(nack.needsKeyframe, true);
});

test('a full output is continued by the next call', () => {
  const nack = new NackGenerator();
  receive(nack, 0, 65500, 65500 + 100 - 65536);
  const asked = [...ask(nack, 30), ...ask(nack, 30)];
  assert.deepEqual(
    asked,
    Array.from({ length: 99 }, (_, i) => (65501 + i) & 0xffff),
  );
});

test('a key frame makes the holes before it needless', () => {
  const nack = new NackGenerator();
  receive(nack, 0, 10, 12, 15, 20);
  nack.forgetBefore(15);
  assert.deepEqual(ask(nack, 50), [16, 17, 18, 19]);
});

test('only missing packets are ever asked for, and each until it comes', () => {
  const packets = fc.array(fc.tuple(fc.integer({ min: -30, max: 20 }), fc.nat(30)), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(fc.nat(0xffff), packets, (start, list) => {
      const nack = new NackGenerator();
      const received = new Set([start]);
      let highest = start;
      let now = 0;
      receive(nack, 0, start);
      for (const [step, elapsed] of list) {
        now += elapsed;
        const sequence = highest + step;
        highest = Math.max(highest, sequence);
        received.add(sequence);
        receive(nack, now, sequence & 0xffff);
        const asked = ask(nack, now);
        for (const number of asked) {
          const extended = highest - ((highest - number) & 0xffff);
          assert.ok(extended > start && extended < highest && !received.has(extended));
        }
        assert.equal(new Set(asked).size, asked.length);
        assert.equal(nack.nextTimeout() === NEVER, nack.missingCount === 0);
      }
    }),
  );
});

test('following a lossy stream allocates nothing', () => {
  const nack = new NackGenerator();
  let sequence = 0;
  let now = 0;
  const cost = bytesPerCall(() => {
    now += 1;
    sequence = (sequence + (sequence % 50 === 0 ? 2 : 1)) & 0xffff;
    nack.handlePacket(millis(now), sequence, false);
    nack.pollNack(out);
  });
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
