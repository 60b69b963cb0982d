import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff16, diff32 } from '@switchyard/core/base';
import fc from 'fast-check';
import type { Track } from '../src/sfu/index.ts';
import type { SentPacket } from './support/fake-outlet.ts';
import { Encoder, FRAME_MS, SfuRig } from './support/sfu-rig.ts';

const LAYERS = 3;
const RIDS = { rids: ['q', 'h', 'f'] };

/** A publisher of three layers with two temporal ones each, that answers keyframe requests. */
class Publisher {
  readonly track: Track;
  /** How many layers are sent. */
  active = LAYERS;
  readonly #rig: SfuRig;
  readonly #name: string;
  readonly #encoders: readonly Encoder[];
  /** Number of the newest base frame of each layer; what the next frames refer to. */
  readonly #bases: number[] = [-1, -1, -1];
  #frames = 0;
  #requestsSeen = 0;

  constructor(rig: SfuRig, name: string, start: number) {
    this.#rig = rig;
    this.#name = name;
    this.track = rig.track(RIDS);
    this.#encoders = [0, 1, 2].map(
      (index) =>
        new Encoder({
          ssrc: 10 * start + index + 1,
          sequenceNumber: (start * 7_919 + index * 20_000) & 0xffff,
          timestamp: (start * 0x1234_5678 + index * 0x4000_0000) >>> 0,
          pictureId: (start * 31 + index * 9_000) & 0x7fff,
        }),
    );
  }

  /** One frame of each active layer. `spoiled`: base frames' packets arrive in reverse order. */
  tick(packets: number, spoiled: boolean): void {
    const rig = this.#rig;
    const frame = this.#frames++;
    for (let index = 0; index < this.active; index++) {
      const wanted = rig.requests.slice(this.#requestsSeen).some(({ layer }) => layer === index);
      const isKeyframe = wanted || this.#bases[index] === -1;
      const temporalId = isKeyframe ? 0 : frame & 1;
      const reference = isKeyframe ? 'key' : `${this.#bases[index]}`;
      if (temporalId === 0) this.#bases[index] = frame;
      const content = `[${this.#name}${index} ${frame} T${temporalId} ${reference} of${packets}]`;
      const made = this.#encoders[index]!.frame(packets, {
        isKeyframe,
        temporalId,
        isSwitchingPoint: temporalId > 0,
        content,
      });
      // The place of a packet that is left out can be closed only while it is the newest.
      const isReversed = spoiled && temporalId === 0;
      rig.deliver(this.track, this.track.layers[index]!, isReversed ? made.reverse() : made);
    }
    this.#requestsSeen = rig.requests.length;
  }

  /** Upper layers stop; when they come back the encoder begins with a keyframe. */
  setActive(count: number): void {
    for (let index = this.active; index < count; index++) this.#bases[index] = -1;
    this.active = count;
  }
}

/** A decoder that knows what each frame needs, and complains when it is not there. */
function decode(sent: readonly SentPacket[]): number {
  const ordered = sent.toSorted((a, b) => diff16(a.sequenceNumber, b.sequenceNumber));
  let source = '';
  let base = '';
  let decoded = 0;
  for (let i = 0; i < ordered.length; ) {
    const first = ordered[i]!;
    const [, from, frame, temporal, reference, count] = /\[(\w+) (\d+) T(\d) (\w+) of(\d+)\]/.exec(
      first.text,
    )!;
    const rest = ordered.slice(i, i + Number(count));
    i += Number(count);
    const what = `${from} frame ${frame} behind ${source} ${base}`;
    rest.forEach((packet, index) => {
      assert.ok(packet.text.includes(`[${from} ${frame} `), `${what}: packet ${index} is missing`);
      assert.equal(packet.timestamp, first.timestamp, what);
      assert.equal(diff16(packet.sequenceNumber, first.sequenceNumber), index, what);
    });
    if (reference === 'key') source = from!;
    else assert.equal(`${from} ${reference}`, `${source} ${base}`, what);
    if (temporal === '0') base = frame!;
    const before = ordered[i - rest.length - 1];
    if (before) {
      assert.equal(diff16(first.sequenceNumber, before.sequenceNumber), 1, `hole before ${what}`);
      assert.ok(diff32(first.timestamp, before.timestamp) > 0, `time before ${what}`);
      assert.equal(((first.pictureId - before.pictureId) << 17) >> 17, 1, `picture of ${what}`);
    }
    decoded++;
  }
  return decoded;
}

const action = fc.oneof(
  fc.record({ kind: fc.constant('assign' as const), to: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    kind: fc.constant('layers' as const),
    spatial: fc.integer({ min: 0, max: 2 }),
    temporal: fc.integer({ min: 0, max: 1 }),
  }),
  fc.record({ kind: fc.constant('active' as const), count: fc.integer({ min: 1, max: LAYERS }) }),
  fc.record({ kind: fc.constant('mute' as const), muted: fc.boolean() }),
  fc.record({ kind: fc.constant('ready' as const), isReady: fc.boolean() }),
  fc.record({ kind: fc.constant('pli' as const) }),
  fc.record({ kind: fc.constant('review' as const) }),
);
const step = fc.record({
  actions: fc.array(action, { maxLength: 2 }),
  ticks: fc.integer({ min: 1, max: 40 }),
  packets: fc.integer({ min: 1, max: 4 }),
  spoiled: fc.boolean(),
});

test('whatever is assigned, muted, stopped and restarted, a receiver without loss can decode every frame', () => {
  let decoded = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.nat({ max: 1_000 }), (steps, start) => {
      const rig = new SfuRig();
      const publishers = [new Publisher(rig, 'a', start), new Publisher(rig, 'b', start + 1)];
      const { slot, outlet } = rig.slot();
      let choice = { spatial: 2, temporal: 1 };
      let track: Track | null = null;
      for (const { actions, ticks, packets, spoiled } of steps) {
        for (const act of actions)
          switch (act.kind) {
            case 'assign':
              track = publishers[act.to]?.track ?? null;
              slot.assign(rig.now, track, choice);
              break;
            case 'layers':
              choice = { spatial: act.spatial, temporal: act.temporal };
              slot.assign(rig.now, track, choice);
              break;
            case 'active':
              publishers[0]!.setActive(act.count);
              break;
            case 'mute':
              publishers[0]!.track.setMuted(act.muted);
              break;
            case 'ready':
              // As a transport does it that loses consent and gets it back.
              if (!act.isReady && outlet.isReady) slot.sourcePaused();
              outlet.isReady = act.isReady;
              slot.review(rig.now);
              break;
            case 'pli':
              slot.requestKeyframe(rig.now);
              break;
            case 'review':
              for (const publisher of publishers) publisher.track.review(rig.now);
          }
        for (let i = 0; i < ticks; i++) {
          for (const publisher of publishers) publisher.tick(packets, spoiled);
          rig.pass(FRAME_MS, 11);
        }
      }
      decoded += decode(outlet.take());
    }),
    { numRuns: 120, seed: 4 },
  );
  assert.ok(decoded > 2_000, `${decoded} frames`);
});
