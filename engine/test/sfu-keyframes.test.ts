import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis } from '@switchyard/core/base';
import { KeyframeRequester } from '../src/sfu/keyframe-requester.ts';
import { Encoder, FRAME_MS, SfuRig } from './support/sfu-rig.ts';

test('two hundred joiners at once cost the publisher one request', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  rig.deliver(track, layer, encoder.frame());
  const outlets = Array.from({ length: 200 }, () => rig.subscribe(track).outlet);
  rig.turn();
  rig.deliver(track, layer, encoder.frame());
  rig.pass(100);
  assert.equal(rig.requests.length, 1);
  rig.deliver(track, layer, encoder.keyframe());
  rig.pass(2_000);
  assert.equal(rig.requests.length, 1);
  assert.ok(outlets.every(({ sent }) => sent.length === 1));
});

test('SEC-RTCP-01: a receiver’s thousand PLI a second reach the publisher at most every 500 ms', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  const { slot } = rig.subscribe(track);
  rig.deliver(track, layer, encoder.keyframe());
  for (let i = 0; i < 5_000; i++) {
    slot.requestKeyframe(rig.now);
    rig.pass(1, 1);
    if (i % FRAME_MS === 0) rig.deliver(track, layer, encoder.keyframe()); // answers at once
  }
  const times = rig.requests.map(({ at }) => at);
  assert.ok(times.length >= 9 && times.length <= 11, `${times.length}`);
  for (let i = 1; i < times.length; i++) assert.ok(times[i]! - times[i - 1]! >= 500);
});

test('a request is repeated until a keyframe comes, and given up after ten tries', () => {
  const requester = new KeyframeRequester();
  const sent: number[] = [];
  requester.want(millis(1_000));
  for (let now = 1_000; now < 30_000; now += 10) if (requester.poll(millis(now))) sent.push(now);
  assert.equal(sent.length, 10);
  assert.equal(sent[1]! - sent[0]!, 1_000);
  assert.equal(requester.isWanted, false);

  requester.want(millis(40_000));
  assert.equal(requester.poll(millis(40_000)), true);
  requester.satisfied();
  assert.equal(requester.poll(millis(50_000)), false);
});

test('nobody is asked for a keyframe of audio', () => {
  const rig = new SfuRig();
  const track = rig.track({ kind: 'audio' });
  track.layers[0]!.wantKeyframe(rig.now);
  rig.pass(2_000);
  assert.deepEqual(rig.requests, []);
});
