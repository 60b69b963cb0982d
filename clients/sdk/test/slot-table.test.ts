import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAtOrAfter, type SlotChange, SlotTable } from '../src/slot-table.ts';

type Slot = Parameters<SlotTable['apply']>[0][number];

function slot(mid: string, trackSid: string | null, rtpTimestamp?: number): Slot {
  return {
    mid,
    trackSid,
    participantSid: trackSid && 'PA_1',
    ...(rtpTimestamp === undefined ? {} : { rtpTimestamp }),
  };
}

/** Without the reasons, which every told slot has. */
const moves = (changes: readonly SlotChange[]) => changes.filter(({ kind }) => kind !== 'reason');

test('an empty slot shows its first track at once', () => {
  const table = new SlotTable();
  assert.deepEqual(moves(table.apply([slot('4', 'TR_a')])), [
    { kind: 'bind', mid: '4', trackSid: 'TR_a' },
  ]);
  assert.equal(table.midOf('TR_a'), '4');
});

test('a slot that goes over keeps its name until the first frame of the new source', () => {
  const table = new SlotTable();
  table.apply([slot('4', 'TR_a')]);
  assert.deepEqual(moves(table.apply([slot('4', 'TR_b')])), [
    { kind: 'await', mid: '4', rtpTimestamp: null },
  ]);
  assert.equal(table.midOf('TR_a'), '4');
  assert.deepEqual(moves(table.apply([slot('4', 'TR_b', 900)])), [
    { kind: 'await', mid: '4', rtpTimestamp: 900 },
  ]);
  assert.deepEqual(table.swap('4'), [
    { kind: 'unbind', mid: '4', trackSid: 'TR_a' },
    { kind: 'bind', mid: '4', trackSid: 'TR_b' },
  ]);
  assert.deepEqual(table.swap('4'), []);
});

test('a slot that goes back before the frame came needs no swap', () => {
  const table = new SlotTable();
  table.apply([slot('4', 'TR_a')]);
  table.apply([slot('4', 'TR_b')]);
  assert.deepEqual(moves(table.apply([slot('4', 'TR_a')])), []);
  assert.deepEqual(table.swap('4'), []);
});

test('a track that moves to another slot leaves the old one first', () => {
  const table = new SlotTable();
  table.apply([slot('4', 'TR_a')]);
  assert.deepEqual(moves(table.apply([slot('6', 'TR_a'), slot('4', null)])), [
    { kind: 'unbind', mid: '4', trackSid: 'TR_a' },
    { kind: 'bind', mid: '6', trackSid: 'TR_a' },
  ]);
});

test('a whole table empties the slots that it does not name', () => {
  const table = new SlotTable();
  table.apply([slot('4', 'TR_a'), slot('6', 'TR_b')]);
  assert.deepEqual(moves(table.apply([slot('4', 'TR_a')], true)), [
    { kind: 'unbind', mid: '6', trackSid: 'TR_b' },
  ]);
});

test('a track that ended leaves its slot, and gives it to the one that was awaited', () => {
  const table = new SlotTable();
  table.apply([slot('4', 'TR_a')]);
  table.apply([slot('4', 'TR_b')]);
  assert.deepEqual(table.forget('TR_a'), [
    { kind: 'unbind', mid: '4', trackSid: 'TR_a' },
    { kind: 'bind', mid: '4', trackSid: 'TR_b' },
  ]);
  assert.deepEqual(table.forget('TR_b'), [{ kind: 'unbind', mid: '4', trackSid: 'TR_b' }]);
});

test('no order of messages binds a track twice or unbinds what is not bound', () => {
  const mids = fc.constantFrom('1', '2', '3');
  const tracks = fc.constantFrom('a', 'b', 'c', null);
  const step = fc.oneof(
    fc.record({ op: fc.constant('apply' as const), mid: mids, track: tracks, whole: fc.boolean() }),
    fc.record({ op: fc.constant('swap' as const), mid: mids }),
    fc.record({ op: fc.constant('forget' as const), track: fc.constantFrom('a', 'b', 'c') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new SlotTable();
      const bound = new Map<string, string>();
      for (const one of steps) {
        const changes =
          one.op === 'apply'
            ? table.apply([slot(one.mid, one.track)], one.whole)
            : one.op === 'swap'
              ? table.swap(one.mid)
              : table.forget(one.track);
        for (const change of changes) {
          if (change.kind === 'bind') {
            assert.ok(!bound.has(change.trackSid), 'bound twice');
            bound.set(change.trackSid, change.mid);
          } else if (change.kind === 'unbind') {
            assert.equal(bound.get(change.trackSid), change.mid);
            bound.delete(change.trackSid);
          }
        }
        for (const [track, mid] of bound) assert.equal(table.midOf(track), mid);
      }
    }),
  );
});

test('RFC 3550 §5.1: RTP timestamps are compared modulo 2^32', () => {
  assert.ok(isAtOrAfter(5, 5));
  assert.ok(isAtOrAfter(3, 0xffff_fff0));
  assert.ok(!isAtOrAfter(0xffff_fff0, 3));
});
