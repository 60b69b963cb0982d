import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff16, diff32 } from '@switchyard/core/base';
import fc from 'fast-check';
import type { SentPacket } from './support/fake-outlet.ts';
import { AV1, incomingMedia, OPUS, rtpPacket } from './support/packets.ts';
import { Encoder, FRAME_MS, FRAME_TICKS, SfuRig } from './support/sfu-rig.ts';

const numbers = (sent: readonly SentPacket[]) => sent.map(({ sequenceNumber }) => sequenceNumber);

function assertContinuous(sent: readonly SentPacket[]): void {
  for (let i = 1; i < sent.length; i++) {
    const before = sent[i - 1]!;
    const packet = sent[i]!;
    assert.equal(diff16(packet.sequenceNumber, before.sequenceNumber), 1, `sequence at ${i}`);
    const isSameFrame = packet.timestamp === before.timestamp;
    assert.ok(isSameFrame || diff32(packet.timestamp, before.timestamp) > 0, `timestamp at ${i}`);
    const pictures = ((packet.pictureId - before.pictureId) << 17) >> 17;
    assert.equal(pictures, isSameFrame ? 0 : 1, `picture id at ${i}`);
  }
}

test('a slot keeps sequence numbers, timestamps and picture ids continuous when its track changes', () => {
  const rig = new SfuRig();
  const tracks = [rig.track(), rig.track()] as const;
  const encoders = [
    new Encoder({ sequenceNumber: 65_530, timestamp: 0xffff_f000, pictureId: 0x7ffd }),
    new Encoder({ sequenceNumber: 12, timestamp: 77, pictureId: 3, ssrc: 2000 }),
  ] as const;
  const { slot, outlet } = rig.slot();
  for (let round = 0; round < 6; round++) {
    const which = round & 1;
    slot.assign(rig.now, tracks[which]!, { spatial: 0, temporal: 7 });
    for (let i = 0; i < 10; i++) {
      tracks.forEach((track, index) => {
        const encoder = encoders[index]!;
        const packets = i === 3 ? encoder.keyframe(3) : encoder.frame(2);
        rig.deliver(track, track.layers[0]!, packets);
      });
      rig.pass(FRAME_MS);
    }
  }
  const sent = outlet.take();
  assertContinuous(sent);
  assert.ok(sent.length > 60);
  assert.equal(new Set(sent.map(({ ssrc }) => ssrc)).size, 1);
});

test('after a switch the timestamp has moved on by the time that passed', () => {
  const rig = new SfuRig();
  const first = rig.track();
  const second = rig.track();
  const a = new Encoder({});
  const b = new Encoder({ timestamp: 5, ssrc: 2000 });
  const { slot, outlet } = rig.subscribe(first);
  rig.deliver(first, first.layers[0]!, a.keyframe());
  rig.pass(400);
  slot.assign(rig.now, second, { spatial: 0, temporal: 7 });
  rig.deliver(second, second.layers[0]!, b.keyframe());
  const [before, behind] = outlet.take();
  assert.equal(diff32(behind!.timestamp, before!.timestamp), 400 * 90);
});

test('any order of assignments, losses and duplicates leaves no hole but that of a lost packet', () => {
  const step = fc.record({
    assign: fc.option(fc.integer({ min: 0, max: 2 }), { freq: 4 }),
    isKeyframe: fc.boolean(),
    isLost: fc.boolean(),
    isRepeated: fc.boolean(),
    isPadding: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 65_535 }), (steps, start) => {
      const rig = new SfuRig();
      const tracks = [rig.track(), rig.track()];
      const encoders = [
        new Encoder({ sequenceNumber: start }),
        new Encoder({ sequenceNumber: 65_535 - start, ssrc: 2000 }),
      ];
      const { slot, outlet } = rig.slot();
      for (const { assign, isKeyframe, isLost, isRepeated, isPadding } of steps) {
        if (assign !== null)
          slot.assign(rig.now, tracks[assign] ?? null, { spatial: 0, temporal: 7 });
        tracks.forEach((track, index) => {
          const encoder = encoders[index]!;
          const packets = isPadding
            ? [encoder.padding()]
            : isKeyframe
              ? encoder.keyframe()
              : encoder.frame();
          // A source that loses packets is the business of `stream-rewriter`; here the loss ends the picture.
          if (!isLost || isPadding) rig.deliver(track, track.layers[0]!, packets);
          if (isRepeated && !isLost) rig.deliver(track, track.layers[0]!, packets);
        });
        rig.pass(FRAME_MS);
      }
      const sent = outlet.take();
      assert.equal(new Set(numbers(sent)).size, sent.length, 'no number twice');
      const lost = steps.filter((one) => one.isLost && !one.isPadding).length;
      for (let i = 1; i < sent.length; i++) {
        const ahead = diff16(sent[i]!.sequenceNumber, sent[i - 1]!.sequenceNumber);
        assert.ok(ahead >= 1 && ahead <= 1 + lost, `${ahead}`);
        assert.ok(diff32(sent[i]!.timestamp, sent[i - 1]!.timestamp) > 0);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('temporal layers above the wanted one leave no trace in numbers and picture ids', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const encoder = new Encoder({});
  const { slot, outlet } = rig.subscribe(track, { spatial: 0, temporal: 0 });
  const layer = track.layers[0]!;
  rig.deliver(track, layer, encoder.keyframe());
  for (let i = 0; i < 12; i++) {
    rig.deliver(track, layer, encoder.frame(2, { temporalId: [2, 1, 2, 0][i % 4]! }));
    rig.pass(FRAME_MS);
  }
  let sent = outlet.take();
  assertContinuous(sent);
  assert.equal(sent.length, 1 + 3 * 2);
  assert.deepEqual(
    sent.map(({ tl0PicIdx }) => tl0PicIdx),
    [8, 9, 9, 10, 10, 11, 11],
  );
  // Up only at a switching point, RFC 7741 §4.2 (Y).
  slot.assign(rig.now, track, { spatial: 0, temporal: 2 });
  rig.deliver(track, layer, encoder.frame(1, { temporalId: 2 }));
  assert.equal(outlet.take().length, 0);
  rig.deliver(track, layer, encoder.frame(1, { temporalId: 1, isSwitchingPoint: true }));
  rig.deliver(track, layer, encoder.frame(1, { temporalId: 2 }));
  rig.deliver(track, layer, encoder.frame(1, { temporalId: 2, isSwitchingPoint: true }));
  sent = outlet.take();
  assertContinuous(sent);
  assert.equal(sent.length, 2);
});

test('padding-only packets are left out and their places closed', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const encoder = new Encoder({});
  const { outlet } = rig.subscribe(track);
  const layer = track.layers[0]!;
  rig.deliver(track, layer, encoder.keyframe());
  for (let i = 0; i < 5; i++) {
    rig.deliver(track, layer, [encoder.padding(), ...encoder.frame(), encoder.padding()]);
    rig.pass(FRAME_MS);
  }
  const sent = outlet.take();
  assert.equal(sent.length, 6);
  assertContinuous(sent);
});

test('a packet that arrives twice, as RTX of one that was not lost, is forwarded once', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const encoder = new Encoder({});
  const { outlet } = rig.subscribe(track);
  const layer = track.layers[0]!;
  const all = [...encoder.keyframe(2), ...encoder.frame(2), ...encoder.frame(2)];
  rig.deliver(track, layer, all);
  rig.deliver(track, layer, all.toReversed());
  assert.equal(outlet.take().length, 6);
});

test('an old keyframe that comes again, as Chromium probes with, neither starts a slot nor ends a request', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const encoder = new Encoder({});
  const layer = track.layers[0]!;
  const keyframe = encoder.keyframe();
  rig.deliver(track, layer, keyframe);
  for (let i = 0; i < 30; i++) {
    rig.pass(100); // too old to be replayed
    rig.deliver(track, layer, encoder.frame());
  }
  const { outlet } = rig.subscribe(track);
  rig.deliver(track, layer, keyframe);
  assert.equal(outlet.take().length, 0);
  assert.equal(layer.keyframes.isWanted, true);
});

test('a muted track sends nothing; unmuted video goes on with a keyframe and no hole', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const encoder = new Encoder({});
  const { outlet } = rig.subscribe(track);
  const layer = track.layers[0]!;
  rig.deliver(track, layer, encoder.keyframe());
  rig.deliver(track, layer, encoder.frame());
  track.setMuted(true);
  for (let i = 0; i < 40; i++) {
    rig.deliver(track, layer, encoder.frame());
    rig.pass(FRAME_MS);
  }
  assert.equal(outlet.sent.length, 2);
  track.setMuted(false);
  rig.requests.length = 0;
  rig.deliver(track, layer, encoder.frame(1, { content: 'cannot be decoded' }));
  assert.equal(rig.requests.length, 1);
  rig.deliver(track, layer, encoder.keyframe());
  rig.deliver(track, layer, encoder.frame());
  const sent = outlet.take();
  assert.equal(sent.length, 4);
  assertContinuous(sent);
});

test('unmuted audio goes on at once, without a hole', () => {
  const rig = new SfuRig();
  const track = rig.track({ kind: 'audio', codecs: [OPUS] });
  const { outlet } = rig.subscribe(track, undefined, {
    kind: 'audio',
    codecs: [OPUS],
    rtxSsrc: null,
  });
  const layer = track.layers[0]!;
  const speak = (i: number) => {
    const payload = Uint8Array.of(1, 2, 3);
    const fields = { payloadType: 111, sequenceNumber: i, timestamp: 960 * i, payload };
    rig.deliver(track, layer, [rtpPacket(fields)]);
    rig.pass(20);
  };
  for (let i = 0; i < 10; i++) speak(i);
  track.setMuted(true);
  for (let i = 10; i < 60; i++) speak(i);
  track.setMuted(false);
  for (let i = 60; i < 70; i++) speak(i);
  const sent = outlet.take();
  assert.equal(sent.length, 20);
  assert.equal(diff16(sent[10]!.sequenceNumber, sent[9]!.sequenceNumber), 1);
  assert.equal(diff32(sent[10]!.timestamp, sent[9]!.timestamp), 51 * 960);
});

test('a publisher that begins anew under another SSRC goes on in the slot from its keyframe', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const { outlet } = rig.subscribe(track);
  const before = new Encoder({ sequenceNumber: 30_000 });
  rig.deliver(track, layer, before.keyframe());
  rig.deliver(track, layer, before.frame());
  rig.pass(FRAME_MS);
  const behind = new Encoder({ sequenceNumber: 100, timestamp: 1, ssrc: 5 });
  rig.deliver(track, layer, behind.frame());
  rig.deliver(track, layer, behind.keyframe());
  rig.deliver(track, layer, behind.frame());
  const sent = outlet.take();
  assert.equal(sent.length, 4);
  assertContinuous(sent);
});

test('a codec that the receiver lacks is announced once, and its keyframes are not asked for', () => {
  const rig = new SfuRig();
  const track = rig.track({ codecs: [VP8_AND_AV1.vp8, VP8_AND_AV1.av1] });
  const layer = track.layers[0]!;
  const { slot, outlet } = rig.subscribe(track);
  const encoder = new Encoder({ payloadType: AV1.payloadType });
  // AV1 aggregation header: a new coded video sequence with its sequence header OBU, or a later frame.
  const keyframe = Uint8Array.of(0x18, 0x0a, 0x0b, 0, 0, 0);
  const frame = Uint8Array.of(0x10, 0x30, 1, 2, 3);
  const send = (payload: Uint8Array) => {
    const { sequenceNumber, timestamp } = encoder;
    encoder.sequenceNumber++;
    encoder.timestamp += FRAME_TICKS;
    rig.deliver(track, layer, [
      rtpPacket({ payloadType: AV1.payloadType, sequenceNumber, timestamp, payload, marker: true }),
    ]);
    rig.pass(FRAME_MS);
  };
  for (let i = 0; i < 90; i++) {
    send(i % 10 === 9 ? keyframe : frame);
    if (i % 30 === 0) track.review(rig.now);
  }
  assert.equal(outlet.take().length, 0);
  const unavailable = rig.events().filter(({ kind }) => kind === 'slotUnavailable');
  assert.deepEqual(unavailable, [{ kind: 'slotUnavailable', slot: slot.id, track: track.id }]);
  assert.ok(rig.requests.length <= 1, `${rig.requests.length} requests`);

  // The publisher falls back to a codec that is understood.
  const vp8 = new Encoder({
    sequenceNumber: encoder.sequenceNumber,
    timestamp: encoder.timestamp,
  });
  rig.deliver(track, layer, vp8.frame());
  rig.deliver(track, layer, vp8.keyframe());
  rig.deliver(track, layer, vp8.frame());
  assertContinuous(outlet.sent);
  assert.equal(outlet.take().length, 2);
});

const VP8_AND_AV1 = { vp8: incomingMedia().codecs[0]!, av1: AV1 };
