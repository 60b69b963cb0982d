import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@switchyard/core/base';
import { isRtxProbe, RtpView, unwrapRtx, writePadding, writeRtx } from '@switchyard/core/rtp';
import fc from 'fast-check';

const viewOf = (packet: Uint8Array, at = 0, length = packet.length): RtpView => {
  const view = new RtpView();
  assert.ok(view.parse(packet, at, length));
  return view;
};

test('RFC 4588 §4: the original comes back in place, its payload unmoved', () => {
  const packet = fromHex('b0e1 0007 00000009 0000aaaa bede0001 10ff0000 1234 c0ffee 000003');
  const view = viewOf(packet);
  const { payloadAt } = view;
  assert.ok(unwrapRtx(packet, view, 96, 0xfedcba98));
  assert.equal(view.at, 2);
  assert.equal(view.payloadAt, payloadAt + 2);
  assert.equal(
    toHex(packet.subarray(view.at, view.at + view.length)),
    '90e01234' + '00000009' + 'fedcba98' + 'bede0001' + '10ff0000' + 'c0ffee',
  );
  assert.equal(view.sequenceNumber, 0x1234);
  assert.equal(view.payloadType, 96);
  assert.equal(view.ssrc, 0xfedcba98);
  assert.equal(view.marker, true);
  assert.equal(view.paddingLength, 0);
  assert.ok(view.findExtension(1));
});

test('padding alone is a probe and stays as it was', () => {
  const packet = fromHex('a061 0007 00000009 0000aaaa 0000000000000008');
  const view = viewOf(packet);
  assert.ok(isRtxProbe(view));
  assert.equal(unwrapRtx(packet, view, 96, 1), false);
  assert.equal(view.at, 0);
  assert.equal(toHex(packet), 'a061000700000009' + '0000aaaa' + '0000000000000008');
});

test('what is wrapped is unwrapped to the same', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.uint8Array({ maxLength: 50 }), (sequenceNumber, payload) => {
      const buf = new Uint8Array(100);
      buf.set(fromHex('80e1 0007 00000009 0000aaaa'), 20);
      const length = writeRtx(
        buf,
        32,
        sequenceNumber,
        payload,
        0,
        payload.length,
        (s, sAt, n, t, tAt) => t.set(s.subarray(sAt, sAt + n), tAt),
      );
      const view = viewOf(buf, 20, 12 + length);
      assert.ok(unwrapRtx(buf, view, 100, 5));
      assert.equal(view.sequenceNumber, sequenceNumber);
      assert.deepEqual(
        buf.slice(view.payloadAt, view.payloadAt + view.payloadLength),
        Uint8Array.from(payload),
      );
    }),
  );
});

test('RFC 3550 §5.1: padding that is written is all there is', () => {
  for (const length of [1, 2, 224, 255]) {
    const buf = new Uint8Array(400).fill(0xee);
    buf.set(fromHex('80e1 0007 00000009 0000aaaa'), 20);
    assert.equal(writePadding(buf, 20, 32, length), length);
    const view = viewOf(buf, 20, 12 + length);
    assert.equal(view.payloadLength, 0);
    assert.equal(view.paddingLength, length);
    assert.equal(buf[32 + length], 0xee);
  }
});
