import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeTargetIndication, DependencyDescriptor } from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

/** Bits as text, with blanks for reading, filled up with zeros to whole bytes. */
function fromBits(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  return Uint8Array.from({ length: Math.ceil(digits.length / 8) }, (_, i) =>
    Number.parseInt(digits.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2),
  );
}

/** An element over the non-symmetric code of AV1 §4.10.7: the value's bits. */
function ns(value: number, limit: number): string {
  const width = limit.toString(2).length;
  const short = 2 ** width - limit;
  if (value < short) return width === 1 ? '' : value.toString(2).padStart(width - 1, '0');
  return (value + short).toString(2).padStart(width, '0');
}

const mandatory = (template: number, frame: number, flags = '11'): string =>
  flags + template.toString(2).padStart(6, '0') + frame.toString(2).padStart(16, '0');

/*
 * L1T2: template 0 the key frame, 1 layer T0, 2 layer T1; decode target 0 is T0 and T1, 1 is T0 alone;
 * one chain protects both. Ids are offset by 5.
 */
const L1T2 = [
  '000101', // template_id_offset
  '00001', // two decode targets
  '00 01 11', // same layer, next temporal layer, end
  '10 10', // key: switch, switch
  '10 11', // T0: switch, required
  '01 00', // T1: discardable, not present
  '0', // key refers to nothing
  '1 0001 0', // T0 to two frames before
  '1 0000 0', // T1 to the frame before
  ns(1, 3), // one chain
  ns(0, 1) + ns(0, 1),
  '0000 0010 0001', // distance to the chain's previous frame
  '1', // resolutions
  (640 - 1).toString(2).padStart(16, '0') + (360 - 1).toString(2).padStart(16, '0'),
].join('');

const KEY = fromBits(`${mandatory(5, 0xffff)} 1 0 0 0 0 ${L1T2}`);

function parse(descriptor: DependencyDescriptor, bytes: Uint8Array): boolean {
  return descriptor.parse(bytes, 0, bytes.length);
}

test('AV1 RTP §A.8: a key frame brings the structure', () => {
  const descriptor = new DependencyDescriptor();
  assert.ok(parse(descriptor, KEY));
  assert.equal(descriptor.isKeyframe, true);
  assert.equal(descriptor.startsFrame, true);
  assert.equal(descriptor.endsFrame, true);
  assert.equal(descriptor.frameNumber, 0xffff);
  assert.equal(descriptor.activeDecodeTargets, 0b11);
  assert.equal(descriptor.frameDiffCount, 0);
  const { structure } = descriptor;
  assert.equal(structure.decodeTargetCount, 2);
  assert.equal(structure.chainCount, 1);
  assert.deepEqual([...structure.targetTemporalIds.subarray(0, 2)], [1, 0]);
  assert.deepEqual([structure.widths[0], structure.heights[0]], [640, 360]);
});

test('AV1 RTP §A.8: three bytes name a template, and it says the rest', () => {
  const descriptor = new DependencyDescriptor();
  parse(descriptor, KEY);
  assert.ok(parse(descriptor, fromBits(mandatory(7, 1, '10'))));
  assert.equal(descriptor.isKeyframe, false);
  assert.equal(descriptor.endsFrame, false);
  assert.equal(descriptor.temporalId, 1);
  assert.deepEqual(
    [...descriptor.dtis.subarray(0, 2)],
    [DecodeTargetIndication.discardable, DecodeTargetIndication.notPresent],
  );
  assert.deepEqual([...descriptor.frameDiffs.subarray(0, descriptor.frameDiffCount)], [1]);
  assert.equal(descriptor.chainDiffs[0], 1);
});

test('AV1 RTP §A.8.4: a frame may differ from its template, and change the active targets', () => {
  const descriptor = new DependencyDescriptor();
  parse(descriptor, KEY);
  const custom = '0 1 1 1 1 10 1101 01 0011 10 00010000 00 11111111';
  assert.ok(parse(descriptor, fromBits(`${mandatory(6, 2)} ${custom}`)));
  assert.equal(descriptor.activeDecodeTargets, 0b10);
  assert.deepEqual([...descriptor.dtis.subarray(0, 2)], [3, 1]);
  assert.deepEqual([...descriptor.frameDiffs.subarray(0, descriptor.frameDiffCount)], [4, 17]);
  assert.equal(descriptor.chainDiffs[0], 255);
  assert.ok(parse(descriptor, fromBits(mandatory(6, 3))));
  assert.equal(descriptor.activeDecodeTargets, 0b10, 'until the next structure or mask');
});

test('a descriptor without structure, or with a template that is none, is refused', () => {
  const descriptor = new DependencyDescriptor();
  assert.equal(parse(descriptor, fromBits(mandatory(5, 1))), false);
  assert.equal(parse(descriptor, new Uint8Array(2)), false);
  parse(descriptor, KEY);
  assert.equal(parse(descriptor, fromBits(mandatory(8, 1))), false);
  assert.equal(parse(descriptor, fromBits(mandatory(4, 1))), false);
});

test('a cut structure is refused, and the one before stays', () => {
  const descriptor = new DependencyDescriptor();
  parse(descriptor, KEY);
  const { structure } = descriptor;
  for (let length = 4; length < KEY.length; length++)
    assert.equal(descriptor.parse(KEY, 0, length), false, `${length}`);
  assert.equal(descriptor.structure, structure);
  assert.ok(parse(descriptor, fromBits(mandatory(6, 1))));
});

test('limits: 4 spatial layers, 8 temporal layers, 64 templates', () => {
  const descriptor = new DependencyDescriptor();
  const layers = (text: string): boolean =>
    parse(descriptor, fromBits(`${mandatory(0, 0)} 10000 000000 00000 ${text} ${'0'.repeat(400)}`));
  assert.equal(layers('10 10 10 11'), true);
  assert.equal(layers('10 10 10 10 11'), false);
  assert.equal(layers(`${'01'.repeat(7)}11`), true);
  assert.equal(layers(`${'01'.repeat(8)}11`), false);
  assert.equal(layers(`${'00'.repeat(63)}11`), true);
  assert.equal(layers(`${'00'.repeat(64)}11`), false);
});

test('no bytes make the parser throw or read past its end', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (elements) => {
      const descriptor = new DependencyDescriptor();
      const other = new DependencyDescriptor();
      for (const element of [KEY, ...elements]) {
        const buf = new Uint8Array(element.length + 40).fill(0xff);
        buf.set(element, 20);
        const isValid = descriptor.parse(buf, 20, element.length);
        buf.fill(0, 20 + element.length);
        assert.equal(other.parse(buf, 20, element.length), isValid);
        if (!isValid) continue;
        assert.equal(other.activeDecodeTargets, descriptor.activeDecodeTargets);
        assert.ok(descriptor.spatialId <= 3 && descriptor.temporalId <= 7);
        assert.ok(descriptor.frameDiffCount <= 8);
      }
    }),
  );
});

test('parsing descriptors allocates nothing', () => {
  const descriptor = new DependencyDescriptor();
  const delta = fromBits(mandatory(6, 1));
  const cost = bytesPerCall(() => {
    parse(descriptor, KEY);
    parse(descriptor, delta);
  });
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
