import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, millis, NEVER, toHex } from '@switchyard/core/base';
import {
  MAX_TRANSPORT_FEEDBACK_LENGTH,
  RtcpKind,
  RtcpReader,
  TICKS_PER_MS,
  TransportFeedbackGenerator,
  TransportFeedbackReader,
} from '@switchyard/core/rtcp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

type Status = readonly [sequenceNumber: number, arrivalMs: number | null];

function read(packet: Uint8Array, at: number, length: number): Status[] | null {
  const reader = new RtcpReader();
  reader.reset(packet, at, length);
  if (!reader.next() || reader.kind !== RtcpKind.twcc) return null;
  const feedback = new TransportFeedbackReader();
  if (!feedback.reset(reader)) return null;
  const list: Status[] = [];
  while (feedback.next())
    list.push([
      feedback.sequenceNumber,
      feedback.isReceived ? feedback.arrivalTicks / TICKS_PER_MS : null,
    ]);
  assert.equal(list.length, feedback.statusCount);
  assert.equal(reader.next(), false);
  return list;
}

const readHex = (hex: string): Status[] | null => {
  const packet = fromHex(hex);
  return read(packet, 0, packet.length);
};

test('TWCC §3.1: run lengths, vectors and deltas are read', () => {
  // Base 5, 8 packets, reference 1 (64 ms): a run of 2 small, then a vector of 7 two-bit symbols.
  const list = readHex(
    '8fcd0007 00000001 00000002 00050008 00000103 2002 d180 0428 08 10 fff8 04 0000',
  );
  assert.deepEqual(list, [
    [5, 65],
    [6, 75],
    [7, 77],
    [8, null],
    [9, 81],
    [10, 79],
    [11, null],
    [12, null],
  ]);
});

test('TWCC §3.1.1: one-bit vectors and long runs of losses are read', () => {
  const list = readHex('8fcd0006 00000001 00000002 ffff0010 ffffff00 9001 0002 04 08 0000');
  assert.equal(list?.length, 16);
  assert.deepEqual(list?.[0], [65535, null]);
  assert.deepEqual(list?.[1], [0, -63]);
  assert.deepEqual(list?.[13], [12, -61]);
});

test('malformed feedback is refused as a whole', () => {
  assert.equal(readHex('8fcd0005 00000001 00000002 00050001 00000103 6001 0000'), null, 'reserved');
  assert.equal(
    readHex('8fcd0005 00000001 00000002 00050001 00000103 f000 0000'),
    null,
    'in vector',
  );
  assert.equal(
    readHex('8fcd0005 00000001 00000002 00050003 00000103 2003 0000'),
    null,
    'deltas cut',
  );
  assert.equal(
    readHex('8fcd0005 00000001 00000002 00059000 00000103 1fff 1fff'),
    null,
    'chunks cut',
  );
  assert.equal(
    readHex('8fcd0005 00000001 00000002 00050000 00000103 2003 0000'),
    null,
    'no packets',
  );
  assert.equal(readHex('8fcd0003 00000001 00000002 00050000'), null, 'no fixed part');
});

test('Chrome’s padding of 1 to 3 bytes with the P bit is accepted', () => {
  const list = readHex('afcd0005 00000001 00000002 00050001 00000003 2001 04 01');
  assert.deepEqual(list, [[5, 1]]);
});

test('feedback is due 50 ms after the first packet, and then once an interval', () => {
  const generator = new TransportFeedbackGenerator(1);
  const out = new Uint8Array(MAX_TRANSPORT_FEEDBACK_LENGTH);
  assert.equal(generator.nextTimeout(), NEVER);
  generator.handlePacket(millis(1000), 1);
  assert.equal(generator.nextTimeout(), 1050);
  assert.equal(generator.pollFeedback(millis(1049), out, 0), 0);
  const length = generator.pollFeedback(millis(1050), out, 0);
  assert.equal(
    toHex(out.subarray(0, length)),
    'afcd0005' + '00000001' + '00000000' + '00010001' + '00000f00' + '2001a001',
  );
  assert.equal(generator.nextTimeout(), NEVER);
  generator.handlePacket(millis(1060), 2);
  assert.equal(generator.nextTimeout(), 1150);
  generator.setSendRate(100_000);
  assert.ok(generator.pollFeedback(millis(1150), out, 0) > 0);
  generator.handlePacket(millis(1160), 3);
  assert.ok(Math.abs(generator.nextTimeout() - 1258.8) < 0.001);
});

test('100 waiting packets are reported at once', () => {
  const generator = new TransportFeedbackGenerator(1);
  for (let i = 0; i < 100; i++) generator.handlePacket(millis(2000), i);
  assert.equal(generator.nextTimeout(), 2000);
});

test('a packet that comes after it was reported lost is reported again', () => {
  const generator = new TransportFeedbackGenerator(1);
  const out = new Uint8Array(MAX_TRANSPORT_FEEDBACK_LENGTH);
  generator.handlePacket(millis(1000), 10);
  generator.handlePacket(millis(1001), 12);
  let length = generator.pollFeedback(millis(1100), out, 0);
  assert.deepEqual(read(out, 0, length), [
    [10, 1000],
    [11, null],
    [12, 1001],
  ]);
  generator.handlePacket(millis(1110), 11);
  length = generator.pollFeedback(millis(1300), out, 0);
  assert.deepEqual(read(out, 0, length), [
    [11, 1110],
    [12, 1001],
  ]);
});

test('a pause that no delta can hold starts another packet', () => {
  const generator = new TransportFeedbackGenerator(1);
  const out = new Uint8Array(MAX_TRANSPORT_FEEDBACK_LENGTH);
  generator.handlePacket(millis(1000), 10);
  generator.handlePacket(millis(20_000), 11);
  let length = generator.pollFeedback(millis(20_000), out, 0);
  assert.deepEqual(read(out, 0, length), [[10, 1000]]);
  length = generator.pollFeedback(millis(20_000), out, 0);
  assert.deepEqual(read(out, 0, length), [[11, 20_000]]);
  assert.equal(out[19], 1, 'feedback count');
  assert.equal(generator.pollFeedback(millis(20_000), out, 0), 0);
});

test('what was received is what the feedback says, over wraps, losses, bursts and disorder', () => {
  const packet = fc.record({
    skip: fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      fc.nat(30),
      { weight: 1, arbitrary: fc.integer({ min: 31, max: 1500 }) },
      { weight: 1, arbitrary: fc.integer({ min: -20, max: -1 }) },
    ),
    elapsedTicks: fc.oneof(fc.nat(40), fc.nat(3000), fc.nat(60_000)),
    isPolled: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(0xffff), fc.array(packet, { maxLength: 300 }), (start, packets) => {
      const generator = new TransportFeedbackGenerator(7);
      const received = new Map<number, number>();
      const reported = new Map<number, number>();
      const out = new Uint8Array(MAX_TRANSPORT_FEEDBACK_LENGTH + 16).fill(0xee);
      let now = 500;
      let sequence = start;
      let highest = start;
      const poll = (): void => {
        for (;;) {
          const length = generator.pollFeedback(millis(now), out, 4);
          if (length === 0) return;
          assert.ok(length <= MAX_TRANSPORT_FEEDBACK_LENGTH && length % 4 === 0);
          assert.equal(out[4 + length], 0xee);
          const statuses = read(out, 4, length);
          assert.ok(statuses);
          out.fill(0xee);
          for (const [number, arrival] of statuses)
            if (arrival !== null) reported.set(number, arrival);
        }
      };
      for (const { skip, elapsedTicks, isPolled } of packets) {
        now += elapsedTicks / TICKS_PER_MS;
        sequence += 1 + skip;
        // Numbers that the window has passed are not to be reported, and would collide modulo 2^16.
        if (sequence < start || sequence <= highest - 2000) continue;
        highest = Math.max(highest, sequence);
        generator.handlePacket(millis(now), sequence & 0xffff);
        if (!received.has(sequence)) received.set(sequence, now);
        if (!isPolled || generator.nextTimeout() === NEVER) continue;
        now = Math.max(now, generator.nextTimeout());
        poll();
      }
      now += 1000;
      poll();
      const recent = [...received].filter(([number]) => number > highest - 60_000);
      for (const [number, arrival] of recent) {
        const told = reported.get(number & 0xffff);
        // Packets that the window lost before a poll are the only ones that may be missing.
        if (told === undefined) assert.ok(number <= highest - 1000);
        else assert.equal(told, arrival);
      }
    }),
  );
});

test('no bytes make the reader throw or read past its end', () => {
  const feedback = new TransportFeedbackReader();
  const reader = new RtcpReader();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 120 }), (body) => {
      const length = 12 + (body.length & ~3);
      const buf = new Uint8Array(length + 40).fill(0xff);
      buf.set([0x8f, 205, 0, (length >> 2) - 1], 20);
      buf.set(body.subarray(0, length - 12), 32);
      reader.reset(buf, 20, length);
      if (!reader.next() || !feedback.reset(reader)) return;
      let count = 0;
      while (feedback.next()) count++;
      assert.equal(count, feedback.statusCount);
    }),
  );
});

test('noting, reporting and reading allocate nothing', () => {
  const generator = new TransportFeedbackGenerator(1);
  const out = new Uint8Array(MAX_TRANSPORT_FEEDBACK_LENGTH);
  const reader = new RtcpReader();
  const feedback = new TransportFeedbackReader();
  let sequence = 0;
  let now = 0;
  let received = 0;
  const cost = bytesPerCall(() => {
    now += 1;
    sequence = (sequence + 1) & 0xffff;
    generator.handlePacket(millis(now), sequence);
    const length = generator.pollFeedback(millis(now), out, 0);
    if (length === 0) return;
    reader.reset(out, 0, length);
    if (reader.next() && feedback.reset(reader))
      while (feedback.next()) if (feedback.isReceived) received++;
  });
  assert.ok(received > 0);
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
