import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis } from '@switchyard/core/base';
import { bytesPerCall } from '@switchyard/tools/testkit';
import { FakeOutlet } from './support/fake-outlet.ts';
import { Encoder, SfuRig } from './support/sfu-rig.ts';

const SUBSCRIBERS = 50;

test('forwarding a packet to fifty slots allocates nothing', () => {
  const rig = new SfuRig();
  const track = rig.track();
  const layer = track.layers[0]!;
  const encoder = new Encoder({});
  const outlets: FakeOutlet[] = [];
  for (let i = 0; i < SUBSCRIBERS; i++) {
    const outlet = new FakeOutlet();
    outlet.keeps = false;
    outlets.push(outlet);
    rig.slot({}, outlet).slot.assign(rig.now, track, { spatial: 0, temporal: 7 });
  }
  rig.deliver(track, layer, encoder.keyframe());
  const [bytes] = encoder.frame(1, { content: 'x'.repeat(1_000) });
  const data = bytes!;
  let now = rig.now as number;
  let sequenceNumber = encoder.sequenceNumber;
  const cost = bytesPerCall(() => {
    now += 1;
    data[2] = sequenceNumber >> 8;
    data[3] = sequenceNumber;
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
    const packet = rig.pool.take()!;
    packet.view.parse(data, 0, data.length);
    track.receive(millis(now), layer, packet);
    layer.flush(millis(now));
    rig.context.dirty.length = 0;
    rig.pool.reset();
  });
  assert.ok(outlets[49]!.sentCount > 100_000);
  assert.ok(cost / SUBSCRIBERS < 4, `${cost / SUBSCRIBERS} bytes per packet sent`);
});
