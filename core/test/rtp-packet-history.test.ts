import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis, putU16, putU32 } from '@switchyard/core/base';
import { type CopyBytes, PacketHistory, RtpView } from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const copy: CopyBytes = (source, sourceAt, length, target, targetAt) => {
  for (let i = 0; i < length; i++) target[targetAt + i] = source[sourceAt + i]!;
};

function packet(sequenceNumber: number, payloadLength = 8, timestamp = 0): RtpView {
  const bytes = new Uint8Array(12 + payloadLength).fill(sequenceNumber & 0xff);
  bytes[0] = 0x80;
  bytes[1] = 96;
  putU16(bytes, 2, sequenceNumber & 0xffff);
  putU32(bytes, 4, timestamp);
  const view = new RtpView();
  assert.ok(view.parse(bytes, 0, bytes.length));
  return view;
}

const create = (bytes = 4096, packets = 64): PacketHistory =>
  new PacketHistory({ bytes, packets, copy });

const bytesOf = (history: PacketHistory, index: number): Uint8Array =>
  history.buf.slice(history.at(index), history.at(index) + history.lengthOf(index));

test('a stored packet is found with its bytes, its time and its header length', () => {
  const history = create();
  assert.equal(history.find(7), -1);
  assert.ok(history.store(millis(5), packet(7, 9), false));
  const index = history.find(7);
  assert.deepEqual(bytesOf(history, index), packet(7, 9).buf);
  assert.equal(history.storedAt(index), 5);
  assert.equal(history.headerLengthOf(index), 12);
  assert.equal(history.sequenceNumberOf(index), 7);
  assert.equal(history.find(7 + 64), -1, 'same slot, other packet');
});

test('duplicates and packets older than the window are refused', () => {
  const history = create();
  assert.ok(history.store(millis(0), packet(100), false));
  assert.equal(history.store(millis(0), packet(100), false), false);
  assert.ok(history.store(millis(0), packet(99), false), 'late, but in the window');
  assert.equal(history.store(millis(0), packet(100 - 64), false), false);
  assert.equal(history.store(millis(0), packet(101, 5000), false), false, 'larger than the ring');
  assert.equal(history.highest, 100);
});

test('new packets take the place of the oldest, in bytes and in number', () => {
  const history = create(200, 64);
  for (let i = 0; i < 20; i++) history.store(millis(i), packet(65530 + i, 28), false);
  assert.equal(history.find(65530), -1);
  for (let i = 15; i < 20; i++) assert.ok(history.find((65530 + i) & 0xffff) >= 0);
});

test('the key frame cache leads from the newest key frame to the newest packet', () => {
  const history = create();
  assert.equal(history.packetsSinceKeyframe(millis(0)), 0);
  history.store(millis(0), packet(65534, 8, 1), true);
  history.store(millis(1), packet(65535, 8, 2), false);
  history.store(millis(2), packet(0, 8, 2), false);
  assert.equal(history.keyframeStart, 65534);
  assert.equal(history.packetsSinceKeyframe(millis(2)), 3);
  history.store(millis(3), packet(1, 8, 3), true);
  assert.equal(history.keyframeStart, 1);
  assert.equal(history.packetsSinceKeyframe(millis(3)), 1);
});

test('a hole makes the cache useless until a late packet fills it', () => {
  const history = create();
  history.store(millis(0), packet(10), true);
  history.store(millis(1), packet(12), false);
  assert.equal(history.packetsSinceKeyframe(millis(1)), 0);
  history.store(millis(2), packet(11), false);
  assert.equal(history.packetsSinceKeyframe(millis(2)), 3);
});

test('parameter sets and slices of one key frame are one start, in any order', () => {
  const history = create();
  history.store(millis(0), packet(10, 8, 900), true);
  history.store(millis(0), packet(11, 8, 900), true);
  assert.equal(history.keyframeStart, 10);
  history.store(millis(0), packet(9, 8, 900), true);
  assert.equal(history.keyframeStart, 9);
  history.store(millis(0), packet(5, 8, 300), true);
  assert.equal(history.keyframeStart, 9, 'a late older key frame');
});

test('a key frame older than 2 s, 500 packets back, or overwritten is not usable', () => {
  const history = create(1 << 20, 1024);
  history.store(millis(0), packet(0), true);
  assert.equal(history.packetsSinceKeyframe(millis(2000)), 1);
  assert.equal(history.packetsSinceKeyframe(millis(2001)), 0);
  for (let i = 1; i < 500; i++) history.store(millis(1), packet(i), false);
  assert.equal(history.packetsSinceKeyframe(millis(1)), 500);
  history.store(millis(1), packet(500), false);
  assert.equal(history.packetsSinceKeyframe(millis(1)), 0);

  const small = create(100, 64);
  small.store(millis(0), packet(0, 28), true);
  for (let i = 1; i < 4; i++) small.store(millis(0), packet(i, 28), false);
  assert.equal(small.packetsSinceKeyframe(millis(0)), 0);
});

test('clearing forgets everything', () => {
  const history = create();
  history.store(millis(0), packet(10), true);
  history.clear();
  assert.equal(history.find(10), -1);
  assert.equal(history.packetsSinceKeyframe(millis(0)), 0);
  assert.ok(history.store(millis(0), packet(3), false));
});

test('what is found is always what was stored last under its number', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -70, max: 5 }), fc.nat(300)), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const history = create(2000, 32);
      let highest = 65_500;
      for (const [step, size] of list) {
        const sequence = highest + step;
        highest = Math.max(highest, sequence);
        const view = packet(sequence, size);
        if (history.store(millis(0), view, false))
          assert.deepEqual(bytesOf(history, history.find(sequence & 0xffff)), view.buf);
        for (let i = 0; i < 40; i++) {
          const index = history.find((highest - i) & 0xffff);
          if (index < 0) continue;
          assert.ok(history.at(index) % 4 === 0);
          const stored = bytesOf(history, index);
          assert.ok(stored.subarray(12).every((byte) => byte === ((highest - i) & 0xff)));
        }
      }
    }),
  );
});

test('storing and finding allocate nothing', () => {
  const history = create(100_000, 256);
  const view = packet(0, 1000);
  let found = 0;
  const now = millis(1.5);
  const cost = bytesPerCall(() => {
    view.sequenceNumber = (view.sequenceNumber + 1) & 0xffff;
    history.store(now, view, view.sequenceNumber % 64 === 0);
    if (history.find((view.sequenceNumber - 5) & 0xffff) >= 0) found++;
  }, 2000);
  assert.ok(found > 0);
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
