import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff16, diff32 } from '@switchyard/core/base';
import { FakeOutlet, type SentPacket } from './support/fake-outlet.ts';
import { rtpPacket } from './support/packets.ts';
import { Encoder, FRAME_MS, SfuRig } from './support/sfu-rig.ts';

const ANY = { spatial: 9, temporal: 7 };

/** A publisher whose keyframe and `behind` frames after it have arrived. */
function publisher(behind: number, start: ConstructorParameters<typeof Encoder>[0] = {}) {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder(start);
  rig.deliver(track, layer, encoder.keyframe(4, 'key'));
  for (let i = 0; i < behind; i++) {
    rig.pass(FRAME_MS);
    rig.deliver(track, layer, encoder.frame(2));
  }
  return { rig, track, layer, encoder };
}

function assertWhole(sent: readonly SentPacket[]): void {
  for (let i = 1; i < sent.length; i++) {
    assert.equal(diff16(sent[i]!.sequenceNumber, sent[i - 1]!.sequenceNumber), 1);
    assert.ok(diff32(sent[i]!.timestamp, sent[i - 1]!.timestamp) >= 0);
  }
}

test('a late joiner is sent the newest keyframe and all behind it, without a request', () => {
  const { rig, track, layer, encoder } = publisher(20);
  const { outlet } = rig.subscribe(track);
  rig.pass(20);
  assert.equal(outlet.sent.length, 4 + 40);
  rig.deliver(track, layer, encoder.frame(2));
  const sent = outlet.take();
  assert.ok(sent[0]!.text.includes('key'));
  assertWhole(sent);
  assert.deepEqual(rig.requests, []);
});

test('replayed frames are a millisecond apart; the first live one stands where the clock is', () => {
  const { rig, track, layer, encoder } = publisher(10);
  const { outlet } = rig.subscribe(track);
  rig.turn();
  const joined = rig.now;
  rig.pass(FRAME_MS);
  rig.deliver(track, layer, encoder.frame());
  const liveAt = rig.now;
  rig.pass(FRAME_MS);
  rig.deliver(track, layer, encoder.frame());
  const sent = outlet.take();
  const frames = [...new Set(sent.map(({ timestamp }) => timestamp))];
  const steps = frames.slice(1).map((timestamp, i) => diff32(timestamp, frames[i]!));
  assert.deepEqual(steps.slice(0, 10), new Array(10).fill(90));
  const sinceFirst = diff32(frames[11]!, frames[0]!);
  assert.equal(sinceFirst, (liveAt - joined) * 90);
  assert.equal(steps.at(-1), FRAME_MS * 90);
});

test('a slot assigned before the first packet starts with it, whatever the timestamps are', () => {
  for (const timestamp of [0, 5, 0x7fff_ffff, 0x8000_0001, 0xffff_fff0]) {
    const rig = new SfuRig();
    const track = rig.track();
    const { outlet } = rig.subscribe(track);
    const encoder = new Encoder({ timestamp });
    for (let i = 0; i < 5; i++) {
      rig.deliver(track, track.layers[0]!, i === 0 ? encoder.keyframe(3) : encoder.frame(2));
      rig.pass(FRAME_MS);
    }
    const sent = outlet.take();
    assert.equal(sent.length, 3 + 4 * 2);
    assertWhole(sent);
    assert.equal(diff32(sent.at(-1)!.timestamp, sent[0]!.timestamp), 4 * FRAME_MS * 90);
  }
});

test('timestamps stay sane when a second replay follows a first one', () => {
  const { rig, track, layer, encoder } = publisher(10);
  const other = rig.track();
  const { slot, outlet } = rig.subscribe(track);
  rig.pass(50);
  slot.assign(rig.now, other, ANY);
  for (let i = 0; i < 30; i++) {
    rig.pass(FRAME_MS);
    rig.deliver(track, layer, encoder.frame());
  }
  slot.assign(rig.now, track, ANY);
  rig.pass(50);
  rig.deliver(track, layer, encoder.frame());
  const sent = outlet.take();
  assertWhole(sent);
  const span = diff32(sent.at(-1)!.timestamp, sent[0]!.timestamp) / 90;
  assert.ok(Math.abs(span - (50 + 30 * FRAME_MS + 50)) < 100, `${span} ms`);
});

test('a long cache goes out over several turns and nothing is sent twice or left out', () => {
  const { rig, track, layer, encoder } = publisher(50);
  const { outlet } = rig.subscribe(track);
  for (let i = 0; i < 8; i++) {
    rig.deliver(track, layer, encoder.frame(2));
    rig.pass(5);
  }
  const sent = outlet.take();
  assert.equal(sent.length, 4 + 100 + 16);
  assertWhole(sent);
});

test('a joiner in the middle of an incomplete keyframe gets its beginning and then its rest', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  const keyframe = encoder.keyframe(6);
  rig.deliver(track, layer, keyframe.slice(0, 3));
  const { outlet } = rig.subscribe(track);
  rig.pass(5);
  rig.deliver(track, layer, keyframe.slice(3));
  rig.pass(FRAME_MS);
  rig.deliver(track, layer, encoder.frame());
  const sent = outlet.take();
  assert.equal(sent.length, 7);
  assertWhole(sent);
  assert.equal(new Set(sent.slice(0, 6).map(({ timestamp }) => timestamp)).size, 1);
});

test('a cache with a hole is not replayed until the retransmission has filled it', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  const keyframe = encoder.keyframe(5);
  rig.deliver(track, layer, [keyframe[0]!, keyframe[1]!, keyframe[3]!, keyframe[4]!]);
  const { outlet } = rig.subscribe(track);
  rig.pass(20);
  assert.equal(outlet.sent.length, 0);
  rig.deliver(track, layer, [keyframe[2]!]);
  rig.pass(5);
  const sent = outlet.take();
  assert.equal(sent.length, 5);
  assertWhole(sent);
});

test('a keyframe whose first packet comes last is sent whole', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  rig.deliver(track, layer, encoder.frame());
  const { outlet } = rig.subscribe(track);
  const [first, ...rest] = encoder.keyframe(4);
  rig.deliver(track, layer, rest);
  rig.deliver(track, layer, [first!]);
  const sent = outlet.take();
  assert.equal(sent.length, 4);
  assertWhole(sent);
});

test('a cache older than two seconds is not replayed: a fresh keyframe is asked for', () => {
  const { rig, track, layer, encoder } = publisher(0);
  for (let i = 0; i < 70; i++) {
    rig.pass(FRAME_MS);
    rig.deliver(track, layer, encoder.frame());
  }
  const { outlet } = rig.subscribe(track);
  rig.pass(20);
  assert.equal(outlet.sent.length, 0);
  assert.equal(rig.requests.length, 1);
});

test('nothing is replayed, and nothing asked for, before the transport can send', () => {
  const { rig, track, layer, encoder } = publisher(5);
  const outlet = new FakeOutlet();
  outlet.isReady = false;
  const { slot } = rig.slot({}, outlet);
  slot.assign(rig.now, track, ANY);
  for (let i = 0; i < 5; i++) {
    rig.deliver(track, layer, encoder.frame());
    rig.pass(FRAME_MS);
  }
  assert.deepEqual(rig.requests, []);
  outlet.isReady = true;
  slot.review(rig.now);
  rig.pass(5);
  const sent = outlet.take();
  assert.equal(sent.length, 4 + 5 * 2 + 5);
  assert.ok(sent[0]!.text.includes('key'));
  assertWhole(sent);
});

test('a mute in the middle of a replay ends it', () => {
  for (const sequenceNumber of [100, 40_000]) {
    const { rig, track, layer, encoder } = publisher(50, { sequenceNumber });
    const { outlet } = rig.subscribe(track);
    rig.turn();
    track.setMuted(true);
    const before = outlet.sent.length;
    rig.pass(50);
    assert.equal(outlet.sent.length, before);
    assert.equal(rig.context.replaying.size, 0);
    track.setMuted(false);
    rig.deliver(track, layer, encoder.keyframe());
    assertWhole(outlet.take());
  }
});

test('RFC 3550 §6.4.1: no sender report is made from a replay’s compressed timestamps', () => {
  const { rig, track, layer, encoder } = publisher(20);
  layer.senderReportNtpMs = 5_000_000;
  layer.senderReportTimestamp = encoder.timestamp;
  track.ntpOffsetMs = 0;
  const { slot, outlet } = rig.subscribe(track);
  assert.equal(slot.prepareReport(rig.now, 5_000_000), false);
  rig.pass(20);
  assert.ok(outlet.sent.length > 0);
  assert.equal(slot.prepareReport(rig.now, 5_000_000), false);
  rig.deliver(track, layer, encoder.frame());
  assert.equal(slot.prepareReport(rig.now, 5_000_000), true);
  // That frame was captured at the report's instant.
  assert.equal(slot.reportTimestamp, outlet.sent.at(-1)!.timestamp);
});

test('an empty payload in the cache does not stop a replay', () => {
  const { rig, track, layer, encoder } = publisher(1);
  const { sequenceNumber, timestamp } = encoder;
  encoder.sequenceNumber++;
  rig.deliver(track, layer, [rtpPacket({ sequenceNumber, timestamp })]);
  rig.deliver(track, layer, encoder.frame());
  const { outlet } = rig.subscribe(track);
  rig.pass(5);
  const sent = outlet.take();
  assert.equal(sent.length, 4 + 2 + 1);
  assertWhole(sent);
});
