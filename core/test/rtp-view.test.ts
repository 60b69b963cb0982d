import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@switchyard/core/base';
import { RtpView } from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const parsed = (hex: string): RtpView | null => {
  const packet = fromHex(hex);
  const view = new RtpView();
  return view.parse(packet, 0, packet.length) ? view : null;
};

const extension = (view: RtpView, id: number): string | null =>
  view.findExtension(id)
    ? toHex(view.buf.subarray(view.extensionAt, view.extensionAt + view.extensionLength))
    : null;

test('RFC 3550 §5.1: every field of the fixed header is read', () => {
  const view = parsed('80 e0 1234 89abcdef fedcba98 0102');
  assert.ok(view);
  assert.equal(view.marker, true);
  assert.equal(view.payloadType, 96);
  assert.equal(view.sequenceNumber, 0x1234);
  assert.equal(view.timestamp, 0x89abcdef);
  assert.equal(view.ssrc, 0xfedcba98);
  assert.equal(view.headerLength, 12);
  assert.equal(view.payloadAt, 12);
  assert.equal(view.payloadLength, 2);
});

test('RFC 3550 §5.1: CSRCs and padding are not payload', () => {
  const view = parsed('a2 00 0001 00000002 00000003 aaaaaaaa bbbbbbbb 0506 0003 0003');
  assert.ok(view);
  assert.equal(view.csrcCount, 2);
  assert.equal(view.headerLength, 20);
  assert.equal(view.paddingLength, 3);
  assert.equal(view.payloadLength, 3);
});

test('a packet of padding alone is well-formed and has no payload', () => {
  const view = parsed('a0 00 0001 00000002 00000003 00000004');
  assert.equal(view?.payloadLength, 0);
  assert.equal(view?.paddingLength, 4);
});

test('malformed headers are refused', () => {
  assert.equal(parsed('80 00 0001 00000002 000000'), null, 'short');
  assert.equal(parsed('40 00 0001 00000002 00000003'), null, 'version 1');
  assert.equal(parsed('81 00 0001 00000002 00000003'), null, 'CSRC missing');
  assert.equal(parsed('90 00 0001 00000002 00000003 bede'), null, 'extension head cut');
  assert.equal(parsed('90 00 0001 00000002 00000003 bede0001'), null, 'extension body missing');
  assert.equal(parsed('a0 00 0001 00000002 00000003'), null, 'padding without a byte');
  assert.equal(parsed('a0 00 0001 00000002 00000003 00'), null, 'padding count 0');
  assert.equal(parsed('a0 00 0001 00000002 00000003 0004'), null, 'padding count too large');
});

test('RFC 8285 §4.2: one-byte elements, with padding between them', () => {
  const view = parsed('90 00 0001 00000002 00000003 bede0003 10ff 00 2241 4243 000000 30 01');
  assert.ok(view);
  assert.equal(extension(view, 1), 'ff');
  assert.equal(extension(view, 2), '414243');
  assert.equal(extension(view, 3), '01');
  assert.equal(extension(view, 4), null);
  assert.equal(extension(view, 0), null);
});

test('RFC 8285 §4.2: id 15 ends the one-byte block', () => {
  const view = parsed('90 00 0001 00000002 00000003 bede0002 10ff f0aa 20bb 0000');
  assert.ok(view);
  assert.equal(extension(view, 1), 'ff');
  assert.equal(extension(view, 2), null);
  assert.equal(extension(view, 15), null);
});

test('RFC 8285 §4.3: two-byte elements, with any appbits and empty data', () => {
  const view = parsed('90 00 0001 00000002 00000003 1007 0003 0f01aa c800 00 1503 010203 00');
  assert.ok(view);
  assert.equal(extension(view, 15), 'aa');
  assert.equal(extension(view, 200), '');
  assert.equal(extension(view, 21), '010203');
});

test('an element that overruns its block is not found, those before it are', () => {
  const view = parsed('90 00 0001 00000002 00000003 bede0001 10ff 2f01 aabbccdd');
  assert.ok(view);
  assert.equal(extension(view, 1), 'ff');
  assert.equal(extension(view, 2), null);
});

test('an extension of an unknown profile is skipped', () => {
  const view = parsed('90 00 0001 00000002 00000003 abcd0001 10ff0000 55');
  assert.ok(view);
  assert.equal(view.payloadLength, 1);
  assert.equal(extension(view, 1), null);
});

test('no bytes make the view point outside the packet', () => {
  const header = fc.record({
    first: fc.integer({ min: 0x80, max: 0xbf }),
    rest: fc.uint8Array({ maxLength: 80 }),
    profile: fc.constantFrom([0xbe, 0xde, 0, 4], [0x10, 0, 0, 4]),
    isStructured: fc.boolean(),
  });
  const view = new RtpView();
  fc.assert(
    fc.property(header, fc.nat(255), ({ first, rest, profile, isStructured }, id) => {
      const packet = [first, ...rest];
      if (isStructured && packet.length >= 16) packet.splice(12, 4, ...profile);
      const buf = new Uint8Array(200).fill(0xff);
      buf.set(packet, 50);
      if (!view.parse(buf, 50, packet.length)) return;
      const end = 50 + packet.length;
      assert.ok(view.payloadAt >= 62 && view.payloadAt <= end && view.payloadLength >= 0);
      assert.equal(view.payloadAt + view.payloadLength + view.paddingLength, end);
      if (!view.findExtension(id)) return;
      assert.ok(view.extensionAt >= 64);
      assert.ok(view.extensionAt + view.extensionLength <= view.payloadAt);
    }),
  );
});

test('parsing and looking up extensions allocates nothing', () => {
  const packet = fromHex('90 60 f001 f0000002 f0000003 bede0002 10ff 2141 4230 0100 55');
  const view = new RtpView();
  let found = 0;
  const cost = bytesPerCall(() => {
    if (view.parse(packet, 0, packet.length) && view.findExtension(3)) found++;
  });
  assert.ok(found > 0);
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
