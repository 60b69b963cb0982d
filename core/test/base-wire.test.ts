import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  classify,
  crc32,
  FrameReader,
  fromHex,
  isSameAddress,
  PacketClass,
  parseIp,
  printIp,
  writeFrameLength,
} from '../src/base/index.ts';

test('CRC-32 of "123456789" is CBF43926', () => {
  assert.equal(crc32(new TextEncoder().encode('x123456789'), 1, 9), 0xcbf43926);
});

test('RFC 7983 §7: the first byte tells the protocol, RFC 5761 §4: the second RTP from RTCP', () => {
  const packet = new Uint8Array(64);
  const expected = (first: number, second: number): PacketClass => {
    if (first <= 3) return PacketClass.stun;
    if (first >= 20 && first <= 63) return PacketClass.dtls;
    if (first >= 64 && first <= 79) return PacketClass.turnChannel;
    if (first < 128 || first > 191) return PacketClass.unknown;
    return second >= 192 && second <= 223 ? PacketClass.rtcp : PacketClass.rtp;
  };
  for (let first = 0; first < 256; first++)
    for (let second = 0; second < 256; second++) {
      packet[5] = first;
      packet[6] = second;
      assert.equal(classify(packet, 5, 40), expected(first, second));
    }
});

test('a datagram shorter than its fixed header is of no class', () => {
  const packet = new Uint8Array(64);
  for (const [first, second, length] of [
    [0, 1, 20],
    [22, 254, 13],
    [128, 96, 12],
    [128, 200, 8],
    [64, 0, 4],
  ] as const) {
    packet[0] = first;
    packet[1] = second;
    assert.notEqual(classify(packet, 0, length), PacketClass.unknown);
    assert.equal(classify(packet, 0, length - 1), PacketClass.unknown);
  }
});

test('RFC 4571 §2: frames survive any cutting of the stream; long ones are skipped', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 2040, max: 2060 })), {
        maxLength: 8,
      }),
      fc.infiniteStream(fc.integer({ min: 1, max: 700 })),
      (lengths, cuts) => {
        const stream = new Uint8Array(lengths.reduce((sum, length) => sum + length + 2, 0));
        let to = 0;
        for (const [i, length] of lengths.entries()) {
          writeFrameLength(stream, to, length);
          stream.fill(i + 1, to + 2, to + 2 + length);
          to += 2 + length;
        }
        const reader = new FrameReader();
        const seen: number[] = [];
        for (let start = 0; start < stream.length; ) {
          const end = Math.min(stream.length, start + cuts.next().value!);
          while (start < end) {
            start = reader.read(stream, start, end);
            if (reader.frameLength === 0) continue;
            const frame = reader.frame.subarray(0, reader.frameLength);
            assert.ok(frame.every((byte) => byte === frame[0]));
            seen.push(reader.frameLength);
          }
        }
        assert.deepEqual(
          seen,
          lengths.filter((length) => length > 0 && length <= 2048),
        );
        assert.equal(reader.skippedCount, lengths.filter((length) => length > 2048).length);
      },
    ),
  );
});

test('RFC 5952 §4: IPv6 text is canonical; other texts are no addresses', () => {
  for (const [text, canonical] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['fe80::', 'fe80::'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
  ] as const)
    assert.equal(printIp(parseIp(text)!), canonical);
  for (const text of [
    '',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.256',
    '0x1.2.3.4',
    '1::2::3',
    '1:2',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::8:9',
    'fe80::1%eth0',
    '1.2.3.4::',
    'a.local',
    '12345::',
  ])
    assert.equal(parseIp(text), null, text);
});

test('print then parse of an address is the same; no text makes the parser throw', () => {
  const ip = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc
      .array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
      .map((list) => Uint8Array.from(list)),
  );
  fc.assert(fc.property(ip, (bytes) => assert.deepEqual(parseIp(printIp(bytes)), bytes)));
  fc.assert(fc.property(fc.string(), (text) => void parseIp(text)));
  assert.ok(
    isSameAddress({ ip: fromHex('01020304'), port: 1 }, { ip: fromHex('01020304'), port: 1 }),
  );
  assert.ok(
    !isSameAddress({ ip: fromHex('01020304'), port: 1 }, { ip: fromHex('01020305'), port: 1 }),
  );
});
