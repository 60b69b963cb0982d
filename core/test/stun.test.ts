import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { bytesPerCall, stunCrypto as crypto } from '@switchyard/tools/testkit';
import fc from 'fast-check';
import { fromHex, millis, parseIp, printIp, putU16, toHex, u16 } from '../src/base/index.ts';
import {
  hashPrefix,
  readXorAddress,
  rejectRequest,
  SourceRateLimiter,
  StunAttribute,
  StunClass,
  StunMethod,
  StunView,
  StunWriter,
  shortTermKey,
  writeBindingSuccess,
} from '../src/stun/index.ts';

const RFC5769_KEY = shortTermKey('VOkJxbRl1RmTxUk/WvJxBt');

const SAMPLE_REQUEST = fromHex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff 80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`);

const SAMPLE_RESPONSE_V4 = fromHex(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  80280004 c07d4c96`);

const SAMPLE_RESPONSE_V6 = fromHex(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
  80280004 c8fb0b4c`);

const SAMPLE_LONG_TERM = fromHex(`
  00010060 2112a442 78ad3433 c6ad72c0 29da412e
  00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
  0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
  0014000b 6578616d 706c652e 6f726700
  00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666`);

const SAMPLE_SHA256 = fromHex(`
  00010090 2112a442 78ad3433 c6ad72c0 29da412e
  001e0020 4a3cf38f ef6992bd a952c678 0417da0f 24819415 569e60b2 05c46e41 407f1704
  00150029 6f624d61 744a6f73 32414141 43662f2f 3439396b 39353464 364f4c33 346f4c39
           46535476 79363473 41000000
  0014000b 6578616d 706c652e 6f726700
  001d0004 00020000
  001c0020 b5c7bf00 5b6c52a2 1c51c5e8 92f81924 136296cb 927c4314 9309278c c6518e65`);

function view(bytes: Uint8Array): StunView {
  const parsed = new StunView();
  assert.ok(parsed.parse(bytes, 0, bytes.length));
  return parsed;
}

function text(message: StunView, type: number): string {
  const at = message.find(type);
  assert.ok(at >= 0);
  return new TextDecoder().decode(message.buf.subarray(at, at + message.lengthOf(at)));
}

test('RFC 5769 §2.1: the sample request parses and verifies', () => {
  const request = view(SAMPLE_REQUEST);
  assert.equal(request.messageClass, StunClass.request);
  assert.equal(request.method, StunMethod.binding);
  assert.equal(text(request, StunAttribute.username), 'evtj:h6vY');
  assert.equal(text(request, StunAttribute.software), 'STUN test client');
  assert.equal(request.findSized(StunAttribute.priority, 4) > 0, true);
  assert.ok(request.hasValidIntegrity(crypto, RFC5769_KEY));
  assert.ok(request.hasValidFingerprint());
  assert.ok(!request.hasValidIntegrity(crypto, shortTermKey('VOkJxbRl1RmTxUk/WvJxBu')));
  assert.deepEqual(request.buf, SAMPLE_REQUEST);
});

for (const [section, bytes, ip] of [
  ['2.2', SAMPLE_RESPONSE_V4, '192.0.2.1'],
  ['2.3', SAMPLE_RESPONSE_V6, '2001:db8:1234:5678:11:2233:4455:6677'],
] as const)
  test(`RFC 5769 §${section}: the sample response carries ${ip}`, () => {
    const response = view(bytes);
    assert.equal(response.messageClass, StunClass.success);
    assert.ok(response.hasValidIntegrity(crypto, RFC5769_KEY));
    assert.ok(response.hasValidFingerprint());
    const address = readXorAddress(response, response.find(StunAttribute.xorMappedAddress));
    assert.equal(printIp(address!.ip), ip);
    assert.equal(address!.port, 32853);
  });

test('RFC 5769 §2.4: the sample request with long-term credentials verifies', () => {
  const key = createHash('md5').update('マトリックス:example.org:TheMatrIX').digest();
  const request = view(SAMPLE_LONG_TERM);
  assert.ok(request.hasValidIntegrity(crypto, key));
  assert.equal(request.fingerprintAt, -1);
  assert.ok(!request.hasValidFingerprint());
});

test('RFC 8489 B.1: USERHASH and MESSAGE-INTEGRITY-SHA256 verify', () => {
  const key = createHash('sha256').update('マトリックス:example.org:TheMatrIX').digest();
  const request = view(SAMPLE_SHA256);
  assert.ok(request.hasValidIntegritySha256(crypto, key));
  assert.ok(!request.hasValidIntegrity(crypto, key));
  const userhash = createHash('sha256').update('マトリックス:example.org').digest();
  const at = request.findSized(StunAttribute.userhash, 32);
  assert.equal(toHex(request.buf.subarray(at, at + 32)), userhash.toString('hex'));
});

test('RFC 5769 §2.2: printing gives the sample apart from its padding', () => {
  const out = new Uint8Array(100);
  const length = new StunWriter()
    .begin(out, 0, StunClass.success, StunMethod.binding, SAMPLE_REQUEST, 8)
    .addBytes(StunAttribute.software, new TextEncoder().encode('test vector'))
    .addXorAddress(StunAttribute.xorMappedAddress, { ip: parseIp('192.0.2.1')!, port: 32853 })
    .addIntegrity(crypto, RFC5769_KEY)
    .addFingerprint()
    .finish();
  assert.equal(
    toHex(out.subarray(0, 48)),
    toHex(SAMPLE_RESPONSE_V4.subarray(0, 48)).replace('6f7220', '6f7200'),
  );
  const written = view(out.subarray(0, length));
  assert.ok(written.hasValidIntegrity(crypto, RFC5769_KEY) && written.hasValidFingerprint());
});

/** Appends an attribute behind everything, adjusting the header. */
function append(bytes: Uint8Array, type: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 4 + ((value.length + 3) & ~3));
  out.set(bytes);
  putU16(out, bytes.length, type);
  putU16(out, bytes.length + 2, value.length);
  out.set(value, bytes.length + 4);
  putU16(out, 2, out.length - 20);
  return out;
}

test('SEC-STUN-01: no attribute after MESSAGE-INTEGRITY or FINGERPRINT is honoured', () => {
  const withoutFingerprint = SAMPLE_REQUEST.slice(0, -8);
  putU16(withoutFingerprint, 2, withoutFingerprint.length - 20);
  for (const base of [withoutFingerprint, SAMPLE_REQUEST])
    for (const type of Object.values(StunAttribute)) {
      if (type === StunAttribute.fingerprint) continue;
      const before = view(base).find(type);
      const request = view(append(base, type, new Uint8Array(20)));
      assert.equal(request.find(type), before);
      assert.equal(request.unknownCount, 0);
      assert.ok(request.hasValidIntegrity(crypto, RFC5769_KEY));
    }
  assert.equal(view(append(withoutFingerprint, 0x0bad, new Uint8Array(4))).unknownCount, 0);
  assert.equal(
    view(append(SAMPLE_REQUEST, StunAttribute.messageIntegritySha256, new Uint8Array(32)))
      .integritySha256At,
    -1,
  );
});

test('RFC 8489 §14: unknown comprehension-required attributes are listed, others skipped', () => {
  const out = new Uint8Array(200);
  const length = new StunWriter()
    .begin(out, 0, StunClass.request, StunMethod.binding, SAMPLE_REQUEST, 8)
    .addFlag(0x7001)
    .addFlag(0xc057)
    .addU32(0x0003, 2)
    .finish();
  const request = view(out.subarray(0, length));
  assert.deepEqual([...request.unknown.subarray(0, request.unknownCount)], [0x7001, 0x0003]);

  const answer = new Uint8Array(200);
  const error = view(answer.subarray(0, rejectRequest(request, 420, answer, 0)));
  assert.equal(error.messageClass, StunClass.error);
  assert.equal(error.errorCode, 420);
  const at = error.findSized(StunAttribute.unknownAttributes, 4);
  assert.deepEqual([u16(answer, at), u16(answer, at + 2)], [0x7001, 0x0003]);
  assert.ok(error.hasTransactionId(request.buf, request.transactionIdAt));
});

test('tolerated: values and lengths that are no multiple of 4, an empty attribute at the end', () => {
  const unpadded = fromHex('0001000b 2112a442 000102030405060708090a0b 80220003 616263 80230000');
  const request = view(unpadded);
  assert.equal(text(request, StunAttribute.software), 'abc');
  assert.equal(request.find(StunAttribute.alternateServer), -1);
  const empty = view(fromHex('00010004 2112a442 000102030405060708090a0b 00250000'));
  assert.ok(empty.find(StunAttribute.useCandidate) >= 0);
  assert.equal(empty.findSized(StunAttribute.useCandidate, 4), -1);
});

test('malformed: no cookie, length beyond the datagram, attribute beyond the message', () => {
  const message = new StunView();
  for (const hex of [
    '00010000 2112a443 000102030405060708090a0b',
    '00010004 2112a442 000102030405060708090a0b',
    '00010004 2112a442 000102030405060708090a0b 80220001',
    '80010000 2112a442 000102030405060708090a0b',
    '00010000 2112a442 0001020304050607',
  ]) {
    const bytes = fromHex(hex);
    assert.equal(message.parse(bytes, 0, bytes.length), false, hex);
  }
});

test('a Binding answer without credentials is at most 1.6 times its request, IPv4', () => {
  const request = view(fromHex('00010000 2112a442 000102030405060708090a0b'));
  const out = new Uint8Array(100);
  const length = writeBindingSuccess(request, { ip: parseIp('198.51.100.7')!, port: 9 }, out, 0);
  assert.ok(length <= 20 * 1.6);
  assert.equal(
    writeBindingSuccess(request, { ip: new Uint8Array(16), port: 9 }, new Uint8Array(30), 0),
    0,
  );
});

test('no bytes make the parser throw or read outside', () => {
  const message = new StunView();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, hasHeader) => {
      const bytes = hasHeader
        ? Uint8Array.from([...SAMPLE_REQUEST.subarray(0, 20), ...noise])
        : noise;
      if (hasHeader) putU16(bytes, 2, noise.length);
      const before = bytes.slice();
      if (!message.parse(bytes, 0, bytes.length)) return;
      for (const type of Object.values(StunAttribute)) {
        const at = message.find(type);
        assert.ok(at < 0 || at + message.lengthOf(at) <= bytes.length);
        if (at >= 0) readXorAddress(message, at);
      }
      message.hasValidIntegrity(crypto, RFC5769_KEY);
      message.hasValidIntegritySha256(crypto, RFC5769_KEY);
      message.hasValidFingerprint();
      assert.ok(message.errorCode === 0 || (message.errorCode >= 300 && message.errorCode < 700));
      assert.deepEqual(bytes, before);
    }),
  );
});

test('print then parse is the same, at any offset', () => {
  const attributes = fc.array(
    fc.tuple(fc.integer({ min: 0x9000, max: 0x9fff }), fc.uint8Array({ maxLength: 30 })),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(
      attributes,
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 0xfff }),
      fc.integer({ min: 0, max: 50 }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }),
      (list, messageClass, method, at, id) => {
        const out = new Uint8Array(512);
        const writer = new StunWriter().begin(out, at, messageClass as StunClass, method, id, 0);
        for (const [type, value] of list) writer.addBytes(type, value);
        const length = writer.addIntegrity(crypto, RFC5769_KEY).addFingerprint().finish();
        const message = new StunView();
        assert.ok(message.parse(out, at, length));
        assert.equal(message.messageClass, messageClass);
        assert.equal(message.method, method);
        assert.ok(message.hasTransactionId(id, 0));
        assert.ok(message.hasValidIntegrity(crypto, RFC5769_KEY));
        assert.ok(message.hasValidFingerprint());
        for (const [type, value] of new Map([...list].reverse())) {
          const valueAt = message.find(type);
          assert.deepEqual(out.slice(valueAt, valueAt + message.lengthOf(valueAt)), value);
        }
      },
    ),
  );
});

test('answers to one source are limited, to another not', () => {
  const limiter = new SourceRateLimiter(10);
  const a = hashPrefix(parseIp('192.0.2.1')!, 4, 7);
  const b = hashPrefix(parseIp('192.0.2.2')!, 4, 7);
  let granted = 0;
  for (let i = 0; i < 1000; i++) if (limiter.take(millis(5_000), a)) granted++;
  assert.equal(granted, 10);
  assert.ok(limiter.take(millis(5_000), b));
  assert.ok(limiter.take(millis(5_100), a));
  assert.ok(!limiter.take(millis(5_100), a));
});

test('parsing and checking the fingerprint of a message allocates nothing', () => {
  const message = new StunView();
  const cost = bytesPerCall(() => {
    message.parse(SAMPLE_REQUEST, 0, SAMPLE_REQUEST.length);
    message.hasValidFingerprint();
    message.find(StunAttribute.username);
  });
  assert.ok(cost < 1, `${cost} bytes a message`);
});
