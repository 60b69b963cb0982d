import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlotId, TrackId } from '@switchyard/core/media-api';
import fc from 'fast-check';
import { chooseLayer } from '../src/rooms/layer-choice.ts';
import { planAudios, planVideos, type SlotPlan, type SlotShape } from '../src/rooms/slot-plan.ts';
import { Bench, type TestClient, worker } from './rooms-bench.ts';

const RIDS = ['q', 'h', 'f'];

/** `count` people, each with camera and microphone, and a viewer who offers the given slots. */
function gathering(count: number, slots: Parameters<TestClient['offer']>[0], autoSubscribe = true) {
  const bench = new Bench();
  const people = Array.from({ length: count }, (_, i) => {
    const client = bench.join(`p${i}`);
    client.offer({ pairs: 0, rids: RIDS });
    return { client, camera: client.publish('c'), microphone: client.publish('m') };
  });
  const viewer = bench.join('viewer', { autoSubscribe });
  viewer.offer(slots);
  return { bench, people, viewer };
}

test('until the first view, videos fill the slots in the order of their arrival', () => {
  const { people, viewer } = gathering(3, { pairs: 1, videoOnly: 1, audioOnly: 2 });
  assert.equal(viewer.slots()['pv0'], people[0]?.camera);
  assert.equal(viewer.slots()['v0'], people[1]?.camera);
});

test('with autoSubscribe off nothing is shown before the first view, but everybody is heard', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  const camera = ada.publish('c');
  const microphone = ada.publish('m');
  const bob = bench.join('bob', { autoSubscribe: false });
  bob.offer({ pairs: 1 });
  assert.deepEqual(bob.slots(), { pa0: microphone, pv0: null });
  bob.view([camera, 360]);
  assert.deepEqual(bob.slots(), { pa0: microphone, pv0: camera });
});

test('a view is complete: what it does not name leaves its slot, what it names stays where it is', () => {
  const { people, viewer } = gathering(3, { pairs: 2, audioOnly: 1 });
  const [a, b, c] = people.map((one) => one.camera) as [string, string, string];
  viewer.view([b, 360], [a, 360]);
  const before = viewer.slots();
  viewer.view([c, 360, 50], [a, 360]);
  const after = viewer.slots();
  const slotOf = (slots: Record<string, string | null>, track: string) =>
    Object.keys(slots).find((mid) => slots[mid] === track);
  assert.equal(slotOf(after, a), slotOf(before, a));
  assert.equal(slotOf(after, c), slotOf(before, b));
  assert.equal(slotOf(after, b), undefined);
});

test('the highest priority is served first when there are too few slots', () => {
  const { people, viewer } = gathering(3, { pairs: 1, audioOnly: 2 });
  const [a, b, c] = people.map((one) => one.camera) as [string, string, string];
  viewer.view([a, 360, 10], [b, 360, 100], [c, 360, 50]);
  assert.equal(viewer.slots()['pv0'], b);
});

test('large cameras with audio go to pairs, thumbnails to slots without audio', () => {
  const { people, viewer } = gathering(2, { pairs: 1, videoOnly: 1, audioOnly: 1 }, false);
  const [a, b] = people as [(typeof people)[0], (typeof people)[0]];
  viewer.view([a.camera, 90], [b.camera, 720]);
  const slots = viewer.slots();
  assert.equal(slots['v0'], a.camera);
  assert.equal(slots['pv0'], b.camera);
  assert.equal(slots['pa0'], b.microphone);
  assert.equal(slots['a0'], a.microphone);
});

test('with no more voices than audio slots everybody is heard, shown or not', () => {
  const { people, viewer } = gathering(4, { pairs: 3, audioOnly: 1 });
  viewer.view();
  const heard = new Set(Object.values(viewer.slots()));
  for (const { microphone } of people) assert.ok(heard.has(microphone));
});

test('with more voices than slots, whoever speaks is heard', () => {
  const { bench, people, viewer } = gathering(4, { pairs: 0, audioOnly: 2 });
  const heard = () => Object.values(viewer.slots());
  const last = people[3]?.microphone;
  assert.ok(!heard().includes(last ?? ''));
  // The second track that each person opened is the microphone.
  const track = bench.commandsOf('openTrack')[7]?.track as TrackId;
  for (let i = 0; i < 4; i++) {
    bench.pass(200);
    bench.switchboard.handleMediaNotice(bench.time, worker(0), {
      kind: 'audioLevels',
      levels: [track, 100],
    });
    bench.drain();
  }
  assert.ok(heard().includes(last ?? ''));
});

test('the layer is the lowest that is as high as what is shown', () => {
  const heights = [180, 360, 720];
  assert.equal(chooseLayer(heights, 0).spatial, 0);
  assert.equal(chooseLayer(heights, 180).spatial, 0);
  assert.equal(chooseLayer(heights, 181).spatial, 1);
  assert.equal(chooseLayer(heights, 500).spatial, 2);
  assert.ok(chooseLayer(heights, 1080).spatial >= 2);
  assert.ok(chooseLayer([0, 0, 0], 90).spatial >= 2);
});

test('a change of size changes the layer of the slot and tells the client nothing', () => {
  const { bench, people, viewer } = gathering(1, { pairs: 1 });
  const camera = people[0]?.camera ?? '';
  viewer.view([camera, 720]);
  bench.commands.length = 0;
  const told = viewer.received.length;
  viewer.view([camera, 300]);
  assert.deepEqual(
    bench.commandsOf('assignSlot').map(({ layers }) => layers.spatial),
    [1],
  );
  assert.equal(viewer.received.length, told);
  viewer.view([camera, 300]);
  assert.equal(bench.commands.length, 1);
});

test('sizes that the worker has seen replace the assumed quarters and halves', () => {
  const { bench, people, viewer } = gathering(1, { pairs: 1 });
  const track = bench.commandsOf('openTrack')[0]?.track as TrackId;
  viewer.view([people[0]?.camera ?? '', 300]);
  bench.switchboard.handleMediaNotice(bench.time, worker(0), {
    kind: 'trackActive',
    track,
    matchKey: 'vp8',
    codec: 'vp8',
    layers: [
      { index: 0, rid: 'q', width: 533, height: 300, bitrateBps: 1 },
      { index: 2, rid: 'f', width: 1920, height: 1080, bitrateBps: 1 },
    ],
  });
  bench.drain();
  assert.equal(bench.commandsOf('assignSlot').at(-1)?.layers.spatial, 0);
  const { track: info } = viewer.last('trackUpdated');
  assert.equal(info.codec, 'video/VP8');
  assert.deepEqual([info.width, info.height], [1920, 1080]);
});

test('a muted track keeps its slot, with the reason', () => {
  const { people, viewer } = gathering(1, { pairs: 1 });
  const { client, camera } = people[0]!;
  client.send({ kind: 'mute', id: 50, trackSid: camera, muted: true });
  const slot = viewer.last('slotsChanged').slots[0];
  assert.equal(slot?.trackSid, camera);
  assert.equal(slot?.reason, 'muted');
  client.send({ kind: 'mute', id: 51, trackSid: camera, muted: false });
  assert.equal(viewer.last('slotsChanged').slots[0]?.reason, undefined);
});

test('the client hears of the first timestamp of a new source, and of a codec that does not fit', () => {
  const { bench, people, viewer } = gathering(1, { pairs: 1 });
  const { slot, track } = bench.commandsOf('assignSlot').find((one) => one.track === 1)!;
  const id = track as TrackId;
  const notify = (notice: Parameters<typeof bench.switchboard.handleMediaNotice>[2]) => {
    bench.switchboard.handleMediaNotice(bench.time, worker(0), notice);
    bench.drain();
  };
  notify({ kind: 'slotUnavailable', slot, track: id, reason: 'codec' });
  assert.equal(viewer.last('slotsChanged').slots[0]?.reason, 'codec');
  notify({ kind: 'slotSwitched', slot, track: id, rtpTimestamp: 77 });
  const state = viewer.last('slotsChanged').slots[0];
  assert.equal(state?.rtpTimestamp, 77);
  assert.equal(state?.reason, undefined);
  assert.equal(state?.trackSid, people[0]?.camera);
  // A notice about what stood there before is outdated.
  const told = viewer.received.length;
  notify({ kind: 'slotSwitched', slot, track: 99 as TrackId, rtpTimestamp: 5 });
  notify({ kind: 'slotSwitched', slot: 999 as SlotId, track: id, rtpTimestamp: 5 });
  assert.equal(viewer.received.length, told);
});

test('nobody receives himself, and without canSubscribe nothing', () => {
  const bench = new Bench();
  const ada = bench.join('ada');
  ada.offer();
  ada.publish('c');
  const eve = bench.join('eve', { permissions: { canSubscribe: false } });
  eve.offer();
  assert.ok(Object.values(ada.slots()).every((track) => track === null));
  assert.ok(Object.values(eve.slots()).every((track) => track === null));
});

const shapes = fc
  .record({ pairs: fc.nat(4), videoOnly: fc.nat(4), audioOnly: fc.nat(4) })
  .map(({ pairs, videoOnly, audioOnly }): SlotShape[] => [
    ...Array.from({ length: pairs }, (_, i): SlotShape[] => [
      { kind: 'audio', partner: 2 * i + 1 },
      { kind: 'video', partner: 2 * i },
    ]).flat(),
    ...Array.from({ length: videoOnly }, (): SlotShape => ({ kind: 'video', partner: -1 })),
    ...Array.from({ length: audioOnly }, (): SlotShape => ({ kind: 'audio', partner: -1 })),
  ]);
const tracks = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 10 });

test('plans: wanted tracks as far as there are slots, each once, those that stand stay', () => {
  fc.assert(
    fc.property(shapes, tracks, tracks, (slots, first, second) => {
      const wants = (ids: number[]) =>
        ids.map((id) => ({ track: id as TrackId, prefersPair: id % 2 === 0 }));
      const count = slots.filter((slot) => slot.kind === 'video').length;
      const before = planVideos(
        slots,
        slots.map(() => null),
        wants(first),
      );
      const after = planVideos(slots, before, wants(second));
      const placed = after.filter((track) => track !== null);
      assert.deepEqual(new Set(placed), new Set(second.slice(0, count)));
      assert.equal(placed.length, new Set(placed).size);
      for (const [i, track] of before.entries())
        if (track !== null && second.slice(0, count).includes(track)) assert.equal(after[i], track);
      for (const [i, slot] of slots.entries())
        if (slot.kind === 'audio') assert.equal(after[i], null);
    }),
  );
});

test('plans: the loudest are heard, each once, and beside their picture when it stands in a pair', () => {
  fc.assert(
    fc.property(shapes, tracks, tracks, tracks, (slots, videos, first, second) => {
      const empty: SlotPlan = slots.map(() => null);
      const shown = planVideos(
        slots,
        empty,
        videos.map((id) => ({ track: id as TrackId, prefersPair: true })),
      );
      // The audio of video n is 100 + n.
      const audio = (ids: number[]) => ids.map((id) => (100 + id) as TrackId);
      const companion = (video: TrackId) => (video + 100) as TrackId;
      const count = slots.filter((slot) => slot.kind === 'audio').length;
      const before = planAudios(slots, empty, audio(first), shown, companion);
      const after = planAudios(slots, before, audio(second), shown, companion);
      const heard = audio(second).slice(0, count);
      const placed = after.filter((track) => track !== null);
      assert.deepEqual(new Set(placed), new Set(heard));
      assert.equal(placed.length, new Set(placed).size);
      for (const [i, slot] of slots.entries()) {
        const video = slot.kind === 'audio' ? (shown[slot.partner] ?? null) : null;
        if (video !== null && heard.includes(companion(video)))
          assert.equal(after[i], companion(video));
      }
    }),
  );
});
