import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis } from '@switchyard/core/base';
import { FrameInfo, RtpView, StreamRewriter } from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const NO_FRAME = new FrameInfo();

function packet(sequenceNumber: number, timestamp = 0): RtpView {
  const view = new RtpView();
  view.sequenceNumber = sequenceNumber & 0xffff;
  view.timestamp = timestamp >>> 0;
  return view;
}

function vp8(pictureId: number, tl0PicIdx: number, bits = 15): FrameInfo {
  const info = new FrameInfo();
  info.pictureId = pictureId & (bits === 15 ? 0x7fff : 0x7f);
  info.pictureIdBits = bits;
  info.tl0PicIdx = tl0PicIdx & 0xff;
  return info;
}

/** The outgoing sequence number; -1 when refused. */
const mapped = (rewriter: StreamRewriter, sequenceNumber: number, timestamp = 0): number =>
  rewriter.map(packet(sequenceNumber, timestamp), NO_FRAME) ? rewriter.sequenceNumber : -1;

test('the first source keeps its own numbers unless told otherwise', () => {
  const own = new StreamRewriter();
  assert.equal(mapped(own, 500, 7000), 500);
  assert.equal(own.timestamp, 7000);
  const given = new StreamRewriter({ sequenceNumber: 10, timestamp: 0xffffffff });
  assert.equal(mapped(given, 500, 7000), 10);
  assert.equal(given.timestamp, 0xffffffff);
  assert.equal(mapped(given, 501, 7090), 11);
  assert.equal(given.timestamp, 89);
  assert.equal(given.highestTimestamp, 89);
});

test('lost packets keep their numbers, so that late ones fit', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 65534 });
  assert.equal(mapped(rewriter, 100), 65534);
  assert.equal(mapped(rewriter, 104), 2);
  assert.equal(mapped(rewriter, 102), 0);
  assert.equal(mapped(rewriter, 101), 65535);
  assert.equal(rewriter.isRepeat, false);
  assert.equal(mapped(rewriter, 101), 65535);
  assert.equal(rewriter.isRepeat, true);
});

test('dropped packets leave no hole, and are refused afterwards', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 1 });
  assert.equal(mapped(rewriter, 100), 1);
  rewriter.drop(101);
  rewriter.drop(102);
  assert.equal(mapped(rewriter, 103), 2);
  rewriter.drop(105);
  assert.equal(mapped(rewriter, 106), 4);
  assert.equal(mapped(rewriter, 104), 3);
  assert.equal(mapped(rewriter, 102), -1);
  rewriter.drop(105);
  assert.equal(mapped(rewriter, 107), 5, 'dropping twice counts once');
});

test('a switch goes on in numbers and by the time gone by', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 1 });
  rewriter.switchTo(millis(1000), 90_000);
  assert.equal(mapped(rewriter, 100, 50_000), 1);
  assert.equal(mapped(rewriter, 101, 53_000), 2);
  rewriter.switchTo(millis(1100), 90_000);
  assert.equal(mapped(rewriter, 9, 7), 3);
  assert.equal(rewriter.timestamp, 59_000);
  assert.equal(rewriter.mapTimestamp(7 + 3000), 62_000);
});

test('after a switch the timestamp is greater, even when no time went by', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 1, timestamp: 0xfffffff0 });
  rewriter.switchTo(millis(1000), 90_000);
  mapped(rewriter, 100, 0);
  mapped(rewriter, 101, 15);
  rewriter.switchTo(millis(1000), 90_000);
  mapped(rewriter, 5, 12345);
  assert.equal(rewriter.timestamp, 0);
});

test('the pause before a switch is measured from the last packet whose arrival is known', () => {
  const rewriter = new StreamRewriter({ timestamp: 0 });
  rewriter.switchTo(millis(0), 90_000);
  rewriter.map(packet(1, 0), NO_FRAME, millis(0));
  // The source's clock has run 0.5 s ahead of ours meanwhile.
  rewriter.map(packet(2, 945_000), NO_FRAME, millis(10_000));
  rewriter.switchTo(millis(10_100), 90_000);
  rewriter.map(packet(1, 0), NO_FRAME, millis(10_100));
  assert.equal(rewriter.timestamp, 945_000 + 9000);
});

test('a hint from sender reports places the new source exactly; a wild one is ignored', () => {
  const rewriter = new StreamRewriter({ timestamp: 1000 });
  rewriter.switchTo(millis(0), 90_000);
  mapped(rewriter, 1, 500_000);
  rewriter.switchTo(millis(70), 90_000, 506_000);
  mapped(rewriter, 1, 9);
  assert.equal(rewriter.timestamp, 7000);
  rewriter.switchTo(millis(170), 90_000, 9 + 90_000 * 60);
  mapped(rewriter, 1, 9);
  assert.equal(rewriter.timestamp, 7000 + 9000);
});

test('packets from before the switch are refused, and served no more', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 1 });
  mapped(rewriter, 100);
  mapped(rewriter, 101);
  assert.equal(rewriter.sourceSequence(2), 101);
  rewriter.switchTo(millis(1), 90_000);
  assert.equal(rewriter.sourceSequence(2), 101, 'until the new source begins');
  assert.equal(mapped(rewriter, 200), 3);
  assert.equal(mapped(rewriter, 199), -1);
  assert.equal(rewriter.sourceSequence(2), -1);
  assert.equal(rewriter.sourceSequence(3), 200);
});

test('RFC 3550 A.1: a jump of more than 3000 is a restart, whose hole is closed', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 1 });
  mapped(rewriter, 100);
  assert.equal(mapped(rewriter, 100 + 2999), 3000);
  assert.equal(mapped(rewriter, 20_000), 3001);
});

test('rebasing moves the timestamp line alone', () => {
  const rewriter = new StreamRewriter({ sequenceNumber: 1, timestamp: 0 });
  mapped(rewriter, 100, 5000);
  rewriter.rebase(millis(0), 8000, 90);
  assert.equal(mapped(rewriter, 101, 8000), 2);
  assert.equal(rewriter.timestamp, 90);
  assert.equal(mapped(rewriter, 102, 8001), 3);
  assert.equal(rewriter.timestamp, 91);
});

test('RFC 7741 §4.2: picture ids skip dropped frames, and a late frame finds its own', () => {
  const rewriter = new StreamRewriter();
  const ids = (sequence: number, info: FrameInfo): number =>
    rewriter.map(packet(sequence), info) ? rewriter.pictureId : -1;
  assert.equal(ids(1, vp8(0x7ffe, 9)), 0x7ffe);
  rewriter.drop(2, vp8(0x7fff, 9));
  rewriter.drop(3, vp8(0x7fff, 9));
  rewriter.drop(5, vp8(1, 9));
  assert.equal(ids(6, vp8(2, 10)), 0);
  assert.equal(rewriter.tl0PicIdx, 10);
  assert.equal(ids(4, vp8(0, 9)), 0x7fff);
  assert.equal(rewriter.tl0PicIdx, 9);
  assert.equal(ids(7, vp8(1, 9)), -1, 'the rest of a dropped frame');
});

test('RFC 7741 §4.2: picture id and TL0PICIDX go on over a switch, and keep 15 bits', () => {
  const rewriter = new StreamRewriter();
  rewriter.map(packet(1), vp8(0x7fff, 255));
  rewriter.switchTo(millis(1), 90_000);
  rewriter.map(packet(1), vp8(77, 3, 7));
  assert.deepEqual([rewriter.pictureId, rewriter.tl0PicIdx], [0, 0]);
  rewriter.map(packet(2), vp8(78 + 50, 4, 7));
  assert.deepEqual([rewriter.pictureId, rewriter.tl0PicIdx], [51, 1]);
  rewriter.map(packet(3), new FrameInfo());
  assert.deepEqual([rewriter.pictureId, rewriter.tl0PicIdx], [-1, -1]);
  rewriter.switchTo(millis(2), 90_000);
  rewriter.map(packet(9), vp8(1000, 200));
  assert.deepEqual([rewriter.pictureId, rewriter.tl0PicIdx], [52, 2]);
});

/*
 * The model: a source of 300 packets, each forwarded, dropped or lost (and perhaps late). Its outgoing
 * numbers are what counting the packets that were not dropped gives.
 */
test('any order of packets, drops, losses and lateness gives continuous, reversible numbers', () => {
  const fate = fc.record({
    isDropped: fc.boolean(),
    isLost: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    delay: fc.constantFrom(0, 0, 0, 0, 1, 3, 40),
  });
  fc.assert(
    fc.property(
      fc.nat(0xffff),
      fc.nat(0xffff),
      fc.array(fate, { maxLength: 300 }),
      (s, o, fates) => {
        const rewriter = new StreamRewriter({ sequenceNumber: o });
        mapped(rewriter, s);
        const order = fates
          .map((f, index) => ({ ...f, index: index + 1, at: index + f.delay }))
          .filter((f) => !f.isLost)
          .sort((a, b) => a.at - b.at || a.index - b.index);
        const numbers = new Map<number, number>([[o, s]]);
        let closed = 0;
        let highest = 0;
        const offsets = new Map<number, number>();
        for (const { index, isDropped } of order) {
          const source = (s + index) & 0xffff;
          for (let i = highest + 1; i <= index; i++) offsets.set(i, closed);
          if (isDropped) {
            rewriter.drop(source);
            if (index > highest) closed++;
            assert.equal(mapped(rewriter, source), -1);
          } else {
            const out = (o + index - offsets.get(index)!) & 0xffff;
            assert.equal(mapped(rewriter, source), out);
            assert.equal(numbers.has(out), false, 'no number is given twice');
            numbers.set(out, source);
          }
          highest = Math.max(highest, index);
        }
        for (const [out, source] of numbers) assert.equal(rewriter.sourceSequence(out), source);
        for (let i = 0; i < 400; i++) {
          const out = (o + i) & 0xffff;
          if (!numbers.has(out)) assert.equal(rewriter.sourceSequence(out), -1);
        }
      },
    ),
  );
});

test('rewriting allocates nothing', () => {
  const rewriter = new StreamRewriter({ timestamp: 0xf0000000 });
  const view = packet(0);
  const info = vp8(0, 0);
  const now = millis(1.5);
  const cost = bytesPerCall(() => {
    view.sequenceNumber = (view.sequenceNumber + 1) & 0xffff;
    view.timestamp = (view.timestamp + 3000) >>> 0;
    info.pictureId = (info.pictureId + 1) & 0x7fff;
    if (view.sequenceNumber % 2 === 0) rewriter.drop(view.sequenceNumber, info);
    else {
      rewriter.map(view, info, now);
      rewriter.sourceSequence((rewriter.sequenceNumber - 20) & 0xffff);
    }
  });
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
