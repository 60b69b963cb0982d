import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@switchyard/core/base';
import { CodecKind, codecKind, describePayload, FrameInfo, rewriteVp8 } from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const describe = (codec: CodecKind, hex: string, marker = false): FrameInfo | null => {
  const payload = fromHex(hex);
  const info = new FrameInfo();
  return describePayload(codec, payload, 0, payload.length, marker, info) ? info : null;
};

/** The fields that differ from an inter frame's middle packet. */
const facts = (info: FrameInfo | null): Partial<FrameInfo> | null => {
  if (info === null) return null;
  const plain = new FrameInfo();
  const entries = Object.entries(info).filter(
    ([name, value]) => value !== (plain as unknown as Record<string, unknown>)[name],
  );
  return Object.fromEntries(entries);
};

test('encoding names are matched in any letter case', () => {
  assert.equal(codecKind('VP8'), CodecKind.vp8);
  assert.equal(codecKind('opus'), CodecKind.opus);
  assert.equal(codecKind('H264'), CodecKind.h264);
  assert.equal(codecKind('telephone-event'), CodecKind.telephoneEvent);
  assert.equal(codecKind('CN'), CodecKind.comfortNoise);
  assert.equal(codecKind('x-unknown'), CodecKind.unknown);
});

test('RFC 7741 §4.2: the shortest VP8 descriptor', () => {
  assert.deepEqual(facts(describe(CodecKind.vp8, '00 aa')), { descriptorLength: 1 });
  assert.deepEqual(facts(describe(CodecKind.vp8, '10 01', true)), {
    descriptorLength: 1,
    startsFrame: true,
    endsFrame: true,
  });
});

test('RFC 7741 §4.6.1: a VP8 key frame with every field, and its size', () => {
  // X N=0 S PID 0; I L T K; 15-bit picture id; TL0PICIDX; TID 0 Y KEYIDX 5; P=0; start code; 640x360.
  const info = describe(CodecKind.vp8, '90 f0 92 34 77 25 100200 9d012a 8002 6841 00');
  assert.deepEqual(facts(info), {
    isKeyframe: true,
    startsFrame: true,
    isInterPredicted: false,
    pictureId: 0x1234,
    pictureIdAt: 2,
    pictureIdBits: 15,
    tl0PicIdx: 0x77,
    tl0At: 4,
    keyIdx: 5,
    isSwitchingPoint: true,
    descriptorLength: 6,
    width: 640,
    height: 360,
  });
});

test('RFC 7741 §4.2: a 7-bit picture id, temporal layer and non-reference bit', () => {
  assert.deepEqual(facts(describe(CodecKind.vp8, 'b0 a0 7f a0 01')), {
    startsFrame: true,
    isDiscardable: true,
    pictureId: 127,
    pictureIdAt: 2,
    pictureIdBits: 7,
    temporalId: 2,
    isSwitchingPoint: true,
    descriptorLength: 4,
  });
});

test('a later partition starts no frame', () => {
  assert.equal(describe(CodecKind.vp8, '11 00')?.startsFrame, false);
});

test('cut or false VP8 is refused', () => {
  for (const hex of ['', '80', '80 80', '80 80 80', '80 40', '80 20', '80 80 01', '10'])
    assert.equal(describe(CodecKind.vp8, hex), null, hex);
  assert.equal(describe(CodecKind.vp8, '10 100200 9d012a 8002 68'), null, 'key frame header cut');
  assert.equal(describe(CodecKind.vp8, '10 100200 9d012b 8002 6841'), null, 'start code');
});

test('VP8 fields are rewritten in a copy that lies elsewhere', () => {
  const source = fromHex('90 e0 92 34 77 20 01');
  const info = new FrameInfo();
  assert.ok(describePayload(CodecKind.vp8, source, 0, source.length, false, info));
  const copy = new Uint8Array(12);
  copy.set(source, 5);
  rewriteVp8(copy, info, 5, 0x7fff, 0x101);
  assert.equal(toHex(copy.subarray(5)), '90e0ffff012001');
  rewriteVp8(copy, info, 5, -1, -1);
  assert.equal(toHex(copy.subarray(5)), '90e0ffff012001');
});

test('RFC 9628 §4.2: non-flexible VP9 with layers', () => {
  // I L B E; picture id 15 bits; TID 2 U SID 1 D; TL0PICIDX.
  assert.deepEqual(facts(describe(CodecKind.vp9, 'ac 81 02 53 09 aa')), {
    startsFrame: true,
    endsFrame: true,
    isInterPredicted: false,
    isInterLayerPredicted: true,
    pictureId: 0x102,
    pictureIdAt: 1,
    pictureIdBits: 15,
    temporalId: 2,
    isSwitchingPoint: true,
    spatialId: 1,
    tl0PicIdx: 9,
    tl0At: 4,
    descriptorLength: 5,
  });
});

test('RFC 9628 §4.2: flexible VP9 with three references', () => {
  const info = describe(CodecKind.vp9, 'f8 05 20 03 05 06 aa');
  assert.equal(info?.descriptorLength, 6);
  assert.equal(info?.temporalId, 1);
  assert.equal(info?.isKeyframe, false);
  assert.equal(describe(CodecKind.vp9, 'f8 05 20 03 05 07 08 aa'), null, 'a fourth reference');
});

test('RFC 9628 §4.2.1: a VP9 key picture states its sizes and picture group', () => {
  // B E V, two layers with sizes, a group of 2 pictures with 1 and 2 references.
  const info = describe(CodecKind.vp9, '0e 38 0140 00b4 0280 0168 02 04 01 28 01 02 aa', true);
  assert.equal(info?.isKeyframe, true);
  assert.equal(info?.isSwitchingPoint, true);
  assert.deepEqual([info?.width, info?.height], [640, 360]);
  assert.equal(info?.descriptorLength, 16);
});

test('VP9: only the lowest spatial layer of a key picture is where one can begin', () => {
  assert.equal(describe(CodecKind.vp9, '28 00 00 aa')?.isKeyframe, true);
  assert.equal(describe(CodecKind.vp9, '28 03 00 aa')?.isKeyframe, false);
  assert.equal(describe(CodecKind.vp9, '20 00 00 aa')?.isKeyframe, false, 'not its first packet');
});

test('cut VP9 is refused', () => {
  for (const hex of [
    '80',
    '80 80',
    '20',
    '20 00',
    '50',
    '50 01',
    '02',
    '02 10 00',
    '02 08',
    '02 08 01 08',
    '08',
  ])
    assert.equal(describe(CodecKind.vp9, hex), null, hex);
});

test('RFC 6184 §5.6: single NAL units', () => {
  assert.deepEqual(facts(describe(CodecKind.h264, '67 42', true)), {
    isKeyframe: true,
    startsFrame: true,
    endsFrame: true,
    isSwitchingPoint: true,
    isInterPredicted: false,
  });
  assert.equal(describe(CodecKind.h264, '65 88')?.isKeyframe, true);
  assert.equal(describe(CodecKind.h264, '65 40')?.startsFrame, false, 'a later slice');
  assert.deepEqual(facts(describe(CodecKind.h264, '01 9a')), {
    startsFrame: true,
    isDiscardable: true,
  });
});

test('RFC 6184 §5.7.1: STAP-A begins a key frame when SPS or IDR is in it', () => {
  assert.equal(describe(CodecKind.h264, '78 0002 6742 0002 68ce 0002 6588')?.isKeyframe, true);
  assert.equal(describe(CodecKind.h264, '78 0002 0605 0002 419a')?.isKeyframe, false);
  assert.equal(describe(CodecKind.h264, '78 0002 0605 0002 419a')?.startsFrame, true);
  for (const hex of ['78', '78 00', '78 0000', '78 0003 6742', '78 0002 6742 00', '78 0002 7842'])
    assert.equal(describe(CodecKind.h264, hex), null, hex);
});

test('RFC 6184 §5.8: FU-A begins a key frame with its start bit, never with both bits', () => {
  assert.equal(describe(CodecKind.h264, '7c 85 88')?.isKeyframe, true);
  assert.equal(describe(CodecKind.h264, '7c 85 88')?.startsFrame, true);
  assert.equal(describe(CodecKind.h264, '7c 05 88')?.isKeyframe, false);
  assert.equal(describe(CodecKind.h264, '7c 05 88')?.isInterPredicted, false);
  assert.equal(describe(CodecKind.h264, '7c 81 9a')?.isKeyframe, false);
  for (const hex of ['7c c5 88', '7c 85', '7c', '7c 80 00', '7c 9c 00'])
    assert.equal(describe(CodecKind.h264, hex), null, hex);
});

test('RFC 6184 §5.4: forms of the interleaved mode are refused', () => {
  for (const hex of ['60 00', '79 00', '7a 00', '7b 00', '7d 00', '7e 00', '7f 00'])
    assert.equal(describe(CodecKind.h264, hex), null, hex);
});

test('RFC 7798 §4.4: single units, aggregates and fragments', () => {
  assert.equal(describe(CodecKind.h265, '40 01 0c')?.isKeyframe, true, 'VPS');
  assert.equal(describe(CodecKind.h265, '26 01 af')?.isKeyframe, true, 'IDR_W_RADL');
  assert.equal(describe(CodecKind.h265, '44 01 c0')?.isKeyframe, false, 'PPS alone');
  assert.equal(describe(CodecKind.h265, '02 03 d0')?.temporalId, 2);
  assert.equal(describe(CodecKind.h265, '04 02 d0')?.isSwitchingPoint, true, 'TSA');
  assert.equal(describe(CodecKind.h265, '60 01 0003 40010c 0003 420101')?.isKeyframe, true, 'AP');
  assert.equal(describe(CodecKind.h265, '62 01 93 af')?.isKeyframe, true, 'FU start');
  assert.equal(describe(CodecKind.h265, '62 01 13 af')?.isKeyframe, false, 'FU middle');
  for (const hex of [
    '26 01',
    '26 00 af',
    '62 01 d3 af',
    '62 01 93',
    '60 01 0003 4001',
    '60 01 0001 40',
    '64 01 00',
  ])
    assert.equal(describe(CodecKind.h265, hex), null, hex);
});

test('AV1 RTP §4.4: N begins a coded video sequence, and elements fill the payload exactly', () => {
  // W = 2: a sequence header of 2 bytes with its length, then the rest.
  assert.deepEqual(facts(describe(CodecKind.av1, '28 02 0800 300102', true)), {
    isKeyframe: true,
    startsFrame: true,
    endsFrame: true,
    isSwitchingPoint: true,
    isInterPredicted: false,
    descriptorLength: 1,
  });
  // W = 1, one frame OBU with an extension: temporal 2, spatial 1.
  const layered = describe(CodecKind.av1, '10 34 48 aa');
  assert.deepEqual([layered?.temporalId, layered?.spatialId], [2, 1]);
  assert.equal(describe(CodecKind.av1, '00 01 30 82 00 3000')?.startsFrame, true, 'W = 0');
  assert.equal(describe(CodecKind.av1, '90 34')?.startsFrame, false, 'a continued OBU');
  for (const hex of [
    '98 30',
    '10',
    '00',
    '20 01 30',
    '20 05 30',
    '00 02 30',
    '30 01 30',
    '00 ff',
    '00 8080808080808080 00',
  ])
    assert.equal(describe(CodecKind.av1, hex), null, hex);
});

test('audio can begin anywhere; what is no media by itself is refused', () => {
  const info = describe(CodecKind.opus, 'fc');
  assert.ok(info?.isKeyframe && info.startsFrame && info.endsFrame);
  assert.equal(describe(CodecKind.opus, ''), null);
  assert.equal(describe(CodecKind.rtx, '0001 00'), null);
  assert.equal(describe(CodecKind.ulpfec, '00'), null);
  assert.equal(describe(CodecKind.unknown, '00'), null);
});

test('no payload makes a parser throw, read past its end, or point outside', () => {
  const info = new FrameInfo();
  const behind = new FrameInfo();
  const codecs = fc.constantFrom(...Object.values(CodecKind));
  const payloads = fc
    .tuple(
      fc.constantFrom(0x90, 0x10, 0xae, 0xff, 0x0e, 0x78, 0x7c, 0x60, 0x62, 0x28, 0x00),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([head, rest]) => [head, ...rest]);
  fc.assert(
    fc.property(codecs, payloads, fc.boolean(), (codec, payload, marker) => {
      const buf = new Uint8Array(payload.length + 60).fill(0xff);
      buf.set(payload, 30);
      const isValid = describePayload(codec, buf, 30, payload.length, marker, info);
      buf.fill(0, 30 + payload.length);
      const isStillValid = describePayload(codec, buf, 30, payload.length, marker, behind);
      assert.equal(isStillValid, isValid, 'bytes behind the end do not matter');
      if (!isValid) return;
      assert.deepEqual(behind, info);
      assert.ok(info.descriptorLength <= payload.length);
      for (const at of [info.pictureIdAt, info.tl0At])
        assert.ok(at === -1 || (at > 30 && at < 30 + info.descriptorLength));
    }),
    { numRuns: 2000 },
  );
});

test('describing payloads allocates nothing', () => {
  const info = new FrameInfo();
  const payload = fromHex('90 f0 92 34 77 25 100200 9d012a 8002 6841 00');
  const stap = fromHex('78 0002 6742 0002 68ce 0002 6588');
  const cost = bytesPerCall(() => {
    describePayload(CodecKind.vp8, payload, 0, payload.length, true, info);
    describePayload(CodecKind.h264, stap, 0, stap.length, true, info);
  });
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
