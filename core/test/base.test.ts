import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeadlineHeap,
  diff16,
  fromHex,
  i24,
  millis,
  NEVER,
  putU24,
  putU32,
  Ring,
  SequenceUnwrapper,
  toHex,
  u32,
} from '@switchyard/core/base';
import fc from 'fast-check';

test('RFC 1982: 16-bit distances wrap', () => {
  assert.equal(diff16(0, 65535), 1);
  assert.equal(diff16(65535, 0), -1);
  assert.equal(diff16(40000, 10000), 30000);
});

test('an unwrapper follows wraps and late packets', () => {
  const unwrapper = new SequenceUnwrapper();
  const first = unwrapper.unwrap(65534);
  assert.equal(unwrapper.unwrap(1), first + 3);
  assert.equal(unwrapper.unwrap(65535), first + 1);
  assert.equal(unwrapper.highest, first + 3);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), (a, b) => {
      const buf = new Uint8Array(7);
      putU32(buf, 0, a);
      putU24(buf, 4, b);
      assert.equal(u32(buf, 0), a);
      assert.equal(i24(buf, 4), b);
      assert.deepEqual(fromHex(toHex(buf)), buf);
    }),
  );
});

test('the heap gives deadlines in order whatever was set, moved and deleted', () => {
  const operation = fc.tuple(fc.nat(20), fc.option(fc.nat(1000), { nil: null }));
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const heap = new DeadlineHeap();
      const model = new Map<number, number>();
      for (const [key, deadline] of operations) {
        heap.set(key, deadline === null ? NEVER : millis(deadline));
        if (deadline === null) model.delete(key);
        else model.set(key, deadline);
      }
      const seen: number[] = [];
      for (let key = heap.popDue(millis(1000)); key >= 0; key = heap.popDue(millis(1000))) {
        seen.push(model.get(key)!);
        model.delete(key);
      }
      assert.equal(model.size, 0);
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b),
      );
    }),
  );
});

test('a full ring refuses', () => {
  const ring = new Ring<number>(2);
  assert.ok(ring.push(1) && ring.push(2));
  assert.equal(ring.push(3), false);
  assert.equal(ring.shift(), 1);
  assert.ok(ring.push(3));
  assert.deepEqual([ring.at(0), ring.at(1), ring.at(2)], [2, 3, undefined]);
});
