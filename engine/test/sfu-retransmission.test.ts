import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutgoingMedia } from '@switchyard/core/media-api';
import { VP8 } from './support/packets.ts';
import { Encoder, FRAME_MS, SfuRig } from './support/sfu-rig.ts';

const NO_RTX: Partial<OutgoingMedia> = {
  codecs: [{ ...VP8, rtxPayloadType: null }],
  rtxSsrc: null,
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A slot that has sent a keyframe of four packets and ten frames of two. */
function call(media: Partial<OutgoingMedia> = {}, gsoPadding = false) {
  const rig = new SfuRig(gsoPadding);
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  const { slot, outlet } = rig.subscribe(track, undefined, media);
  rig.deliver(track, layer, encoder.keyframe(4, 'key'));
  for (let i = 0; i < 10; i++) {
    rig.pass(FRAME_MS);
    rig.deliver(track, layer, [...encoder.frame(2), encoder.padding()]);
  }
  return { rig, track, layer, encoder, slot, outlet, sent: outlet.take() };
}

test('RFC 4588 §4: RTX carries the outgoing sequence number and the payload as it was sent', () => {
  const { rig, slot, outlet, sent } = call();
  for (const packet of sent) slot.retransmit(rig.now, packet.sequenceNumber, 0);
  const repeated = outlet.take();
  assert.equal(repeated.length, sent.length);
  repeated.forEach((packet, i) => {
    assert.equal(packet.ssrc, 0xff00_0002);
    assert.equal(packet.payloadType, 97);
    assert.equal((packet.payload[0]! << 8) | packet.payload[1]!, sent[i]!.sequenceNumber);
    assert.equal(hex(packet.payload.subarray(2)), hex(sent[i]!.payload));
    assert.equal(packet.timestamp, sent[i]!.timestamp);
    assert.equal(packet.marker, sent[i]!.marker);
    if (i > 0) assert.equal(packet.sequenceNumber, repeated[i - 1]!.sequenceNumber + 1);
  });
  assert.equal(slot.retransmittedCount, sent.length);
});

test('a replayed packet is retransmitted with the numbers that it was replayed under', () => {
  const { rig, track, layer, encoder } = call();
  const { slot, outlet } = rig.subscribe(track);
  rig.pass(30);
  rig.deliver(track, layer, encoder.frame(2));
  const sent = outlet.take();
  assert.equal(sent.length, 4 + 20 + 2);
  for (const packet of sent) slot.retransmit(rig.now, packet.sequenceNumber, 0);
  outlet.take().forEach((packet, i) => {
    assert.equal(hex(packet.payload.subarray(2)), hex(sent[i]!.payload));
    assert.equal(packet.timestamp, sent[i]!.timestamp);
  });
});

for (const gsoPadding of [false, true])
  test(`RFC 7714 §9.1: without RTX a repeated number carries the same bytes, padding ${gsoPadding}`, () => {
    const { rig, track, layer, encoder, slot, outlet, sent } = call(NO_RTX, gsoPadding);
    const repeat = (): void => {
      for (const packet of sent) slot.retransmit(rig.now, packet.sequenceNumber, 0);
      for (const packet of outlet.take()) {
        const original = sent.find((one) => one.sequenceNumber === packet.sequenceNumber);
        assert.equal(hex(packet.bytes), hex(original!.bytes));
      }
    };
    repeat();
    assert.equal(slot.retransmittedCount, sent.length);
    // Whatever has changed since, other bytes under that number must never leave.
    slot.noteReported();
    rig.pass(1_000);
    repeat();
    track.setMuted(true);
    track.setMuted(false);
    rig.pass(1_000);
    rig.deliver(track, layer, encoder.keyframe());
    outlet.take();
    repeat();
    layer.setSsrc(4711);
    const anew = new Encoder({ ssrc: 4711, sequenceNumber: 1000 });
    for (let i = 0; i < 20; i++) rig.deliver(track, layer, anew.keyframe());
    outlet.take();
    rig.pass(1_000);
    repeat();
  });

test('the mid is left out once a report confirms the SSRC, where RTX makes that safe (RFC 9143 §9.2)', () => {
  const { rig, track, layer, encoder, slot, outlet, sent } = call();
  const hasExtensions = ({ bytes }: { bytes: Uint8Array }) => (bytes[0]! & 0x10) !== 0;
  assert.ok(sent.every(hasExtensions));
  slot.noteReported();
  rig.deliver(track, layer, encoder.frame());
  assert.ok(!outlet.take().some(hasExtensions));
});

test('a codec without RTX on an m-line that has an RTX SSRC repeats the same bytes too', () => {
  const { rig, slot, outlet, sent } = call({ codecs: [{ ...VP8, rtxPayloadType: null }] });
  slot.noteReported();
  for (const packet of sent) slot.retransmit(rig.now, packet.sequenceNumber, 0);
  for (const packet of outlet.take()) {
    const original = sent.find((one) => one.sequenceNumber === packet.sequenceNumber);
    assert.equal(hex(packet.bytes), hex(original!.bytes));
  }
});

test('a packet is repeated once per round trip, whatever a receiver asks', () => {
  const { rig, slot, outlet, sent } = call();
  const { sequenceNumber } = sent[5]!;
  for (let i = 0; i < 100; i++) {
    slot.retransmit(rig.now, sequenceNumber, 100);
    rig.pass(1, 1);
  }
  assert.equal(outlet.take().length, 1);
  slot.retransmit(rig.now, sequenceNumber, 100);
  assert.equal(outlet.take().length, 1);
});

test('SEC-RTCP-01: NACKs of all that was ever sent cost at most a quarter of the media, or 30 kB/s', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  const { slot, outlet } = rig.subscribe(track);
  let media = 0;
  let repeated = 0;
  const count = () => {
    for (const packet of outlet.take())
      if (packet.ssrc === slot.media.ssrc) media += packet.bytes.length;
      else repeated += packet.bytes.length;
  };
  rig.deliver(track, layer, encoder.keyframe());
  for (let i = 0; i < 300; i++) {
    rig.deliver(track, layer, encoder.frame(10, { content: 'x'.repeat(900) }));
    count();
    for (let number = 0; number < 500; number++)
      slot.retransmit(rig.now, (encoder.sequenceNumber - number) & 0xffff, 0);
    for (let number = 0; number < 65_536; number += 97) slot.retransmit(rig.now, number, 0);
    count();
    rig.pass(FRAME_MS);
  }
  assert.ok(repeated > 100_000, 'some are served');
  assert.ok(repeated < Math.max(0.26 * media, 30_000 * 10) + 32_000, `${repeated} of ${media}`);
});

test('numbers that were never sent, and those before a switch of tracks, are not served', () => {
  const { rig, slot, outlet, sent } = call();
  const other = rig.track();
  const encoder = new Encoder({ ssrc: 9, sequenceNumber: 1000 });
  slot.assign(rig.now, other, { spatial: 0, temporal: 7 });
  rig.deliver(other, other.layers[0]!, encoder.keyframe(40));
  outlet.take();
  for (const packet of sent) slot.retransmit(rig.now, packet.sequenceNumber, 0);
  for (let i = 0; i < 100; i++) slot.retransmit(rig.now, (30_000 + i) & 0xffff, 0);
  assert.equal(outlet.take().length, 0);
});
