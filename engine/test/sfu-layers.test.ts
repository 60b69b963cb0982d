import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff16, diff32 } from '@switchyard/core/base';
import { Encoder, FRAME_MS, FRAME_TICKS, SfuRig } from './support/sfu-rig.ts';

const RIDS = { rids: ['q', 'h', 'f'] };

function simulcast() {
  const rig = new SfuRig();
  const track = rig.track(RIDS);
  const encoders = [0, 1, 2].map(
    (index) =>
      new Encoder({
        ssrc: 1000 + index,
        sequenceNumber: 10_000 * index + 65_000,
        timestamp: 0x7000_0000 * index,
        pictureId: 1000 * index,
      }),
  );
  /** One frame of each layer that is sent. */
  const frame = (layers: readonly number[], keyframes: readonly number[] = []) => {
    for (const index of layers) {
      const encoder = encoders[index]!;
      const content = `layer${index}`;
      const isKeyframe = keyframes.includes(index);
      rig.deliver(track, track.layers[index]!, encoder.frame(1, { content, isKeyframe }));
    }
    rig.pass(FRAME_MS);
  };
  return { rig, track, encoders, frame };
}

const layersOf = (sent: readonly { readonly text: string }[]) =>
  sent.map(({ text }) => Number(/layer(\d)/.exec(text)![1]));

test('a simulcast switch waits for the new layer’s keyframe and keeps the old layer until then', () => {
  const { rig, track, frame } = simulcast();
  const { slot, outlet } = rig.subscribe(track, { spatial: 0, temporal: 7 });
  frame([0, 1, 2], [0, 1, 2]);
  frame([0, 1, 2]);
  slot.assign(rig.now, track, { spatial: 2, temporal: 7 });
  frame([0, 1, 2]);
  frame([0, 1, 2]);
  frame([0, 1, 2], [2]);
  frame([0, 1, 2]);
  const sent = outlet.take();
  // The old layer's last picture and the keyframe show the same instant.
  assert.deepEqual(layersOf(sent), [0, 0, 0, 0, 0, 2, 2]);
  for (let i = 1; i < sent.length; i++) {
    assert.equal(diff16(sent[i]!.sequenceNumber, sent[i - 1]!.sequenceNumber), 1);
    assert.equal(((sent[i]!.pictureId - sent[i - 1]!.pictureId) << 17) >> 17, 1);
    const ticks = diff32(sent[i]!.timestamp, sent[i - 1]!.timestamp);
    assert.ok(Math.abs(ticks - FRAME_TICKS) < 2 * FRAME_TICKS && ticks > 0, `${ticks}`);
  }
  assert.deepEqual([...new Set(rig.requests.map(({ layer }) => layer))], [2]);
});

test('with sender reports of both layers a switch keeps pictures at their exact distance', () => {
  const { rig, track, encoders, frame } = simulcast();
  const { slot, outlet } = rig.subscribe(track, { spatial: 0, temporal: 7 });
  track.layers.forEach((layer, index) => {
    layer.senderReportNtpMs = 1_000_000;
    layer.senderReportTimestamp = encoders[index]!.timestamp;
  });
  frame([0, 2], [0, 2]);
  rig.pass(11); // the network is not that exact
  slot.assign(rig.now, track, { spatial: 2, temporal: 7 });
  const both = [encoders[0]!.frame(), encoders[2]!.keyframe()] as const;
  rig.deliver(track, track.layers[0]!, both[0]);
  rig.pass(7);
  // The frame behind the keyframe comes in the same batch.
  rig.deliver(track, track.layers[2]!, both[1]);
  rig.deliver(track, track.layers[2]!, encoders[2]!.frame());
  const sent = outlet.take();
  const steps = sent.slice(1).map((one, i) => diff32(one.timestamp, sent[i]!.timestamp));
  assert.deepEqual(steps, [FRAME_TICKS, 1, FRAME_TICKS]);
});

test('the hint of a switch counts from its keyframe, not from what came behind it in the batch', () => {
  const { rig, track, encoders, frame } = simulcast();
  const { slot, outlet } = rig.subscribe(track, { spatial: 0, temporal: 7 });
  track.layers.forEach((layer, index) => {
    layer.senderReportNtpMs = 1_000_000;
    layer.senderReportTimestamp = encoders[index]!.timestamp;
  });
  frame([0, 2], [0, 2]);
  slot.assign(rig.now, track, { spatial: 2, temporal: 7 });
  const upper = encoders[2]!;
  const batch = [...upper.keyframe(), ...upper.frame(), ...upper.frame()];
  rig.deliver(track, track.layers[2]!, batch);
  const sent = outlet.take();
  const steps = sent.slice(1).map((one, i) => diff32(one.timestamp, sent[i]!.timestamp));
  assert.deepEqual(steps, [FRAME_TICKS, FRAME_TICKS, FRAME_TICKS]);
});

test('when the upper layer vanishes the slot falls back after a second and a review', () => {
  const { rig, track, frame } = simulcast();
  const { outlet } = rig.subscribe(track, { spatial: 2, temporal: 7 });
  frame([0, 1, 2], [0, 1, 2]);
  track.review(rig.now);
  for (let i = 0; i < 10; i++) frame([0, 1, 2], i === 2 ? [2] : []);
  assert.equal(layersOf(outlet.take()).at(-1), 2);
  // The browser stops the upper layer without a word.
  let lastReview = rig.now;
  const stopped = rig.now;
  let resumedAt = 0;
  for (let i = 0; i < 90 && resumedAt === 0; i++) {
    const isAsked = rig.requests.some(({ at, layer }) => layer === 1 && at > stopped);
    frame([0, 1], isAsked ? [1] : []);
    if (rig.now - lastReview >= 1_000) {
      lastReview = rig.now;
      track.review(rig.now);
    }
    if (outlet.take().length > 0) resumedAt = rig.now;
  }
  assert.ok(resumedAt > 0 && resumedAt - stopped < 2_200, `${resumedAt - stopped} ms`);
});

test('a slot that wants more than is sent takes the best layer there is, and goes up when it comes', () => {
  const { rig, track, frame } = simulcast();
  const { outlet } = rig.subscribe(track, { spatial: 2, temporal: 7 });
  frame([0], [0]);
  for (let i = 0; i < 40; i++) {
    frame([0]);
    if (i % 30 === 0) track.review(rig.now);
  }
  assert.deepEqual(new Set(layersOf(outlet.take())), new Set([0]));
  frame([0, 1, 2]);
  track.review(rig.now);
  frame([0, 1, 2], [2]);
  frame([0, 1, 2]);
  assert.deepEqual(layersOf(outlet.take()).slice(-2), [2, 2]);
});

test('an emptied slot sends nothing, and its track forgets it', () => {
  const { rig, track, frame } = simulcast();
  const { slot, outlet } = rig.subscribe(track);
  frame([0, 1, 2], [0, 1, 2]);
  outlet.take();
  slot.assign(rig.now, null, { spatial: 0, temporal: 0 });
  frame([0, 1, 2], [0, 1, 2]);
  assert.equal(outlet.take().length, 0);
  assert.equal(track.slotCount, 0);
});

test('a closed track leaves its slots empty and asks for nothing more', () => {
  const { rig, track, frame } = simulcast();
  const { slot } = rig.subscribe(track);
  frame([0]);
  track.close(rig.now);
  rig.requests.length = 0;
  rig.pass(3_000);
  assert.equal(slot.track, null);
  assert.deepEqual(rig.requests, []);
});
