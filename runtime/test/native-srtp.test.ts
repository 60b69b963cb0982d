import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fromHex, toHex } from '@switchyard/core/base';
import {
  deriveSessionKeys,
  exportedKeyLength,
  SRTP_PROFILES,
  type SrtpCipher,
  type SrtpProfile,
  SrtpReceiver,
  SrtpSender,
  type SrtpSessionKeys,
  splitExportedKeys,
} from '@switchyard/core/srtp';
import { aesCtr, createSrtpCipher, openSrtpCipher, PacketSlab } from '@switchyard/runtime/native';
import fc from 'fast-check';

const slab = new PacketSlab(4);
const profiles = Object.keys(SRTP_PROFILES) as SrtpProfile[];

function gcmKeys(keyLength: number): SrtpSessionKeys {
  const key = Uint8Array.from({ length: keyLength }, (_, i) => i);
  const salt = fromHex('51756964 2070726f 2071756f');
  const empty = new Uint8Array(0);
  return {
    rtpKey: key,
    rtpSalt: salt,
    rtpAuthKey: empty,
    rtcpKey: key,
    rtcpSalt: salt,
    rtcpAuthKey: empty,
  };
}

function put(hex: string, at: number): number {
  const bytes = fromHex(hex);
  slab.bytes.set(bytes, at);
  return bytes.length;
}

const taken = (at: number, length: number): string => toHex(slab.bytes.subarray(at, at + length));

test('RFC 3711 B.2: the AES-CM key stream', () => {
  const key = fromHex('2B7E151628AED2A6ABF7158809CF4F3C');
  const iv = fromHex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000');
  assert.equal(
    toHex(aesCtr.keystream(key, iv, 48)),
    'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
  );
});

test('RFC 3711 B.3: session keys', () => {
  const keys = deriveSessionKeys(
    'AES_CM_128_HMAC_SHA1_80',
    fromHex('E1F97A0D3E018BE0D64FA32C06DE4139'),
    fromHex('0EC675AD498AFEEBB6960B3AABE6'),
    aesCtr,
  );
  assert.equal(toHex(keys.rtpKey), 'c61e7a93744f39ee10734afe3ff7a087');
  assert.equal(toHex(keys.rtpSalt), '30cbbc08863d8c85d49db34a9ae1');
  assert.equal(toHex(keys.rtpAuthKey), 'cebe321f6ff7716b6fd4ab49af256a156d38baa4');
});

const RTP = `8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070
  61727465 73207472 6573`;
const RTCP = `81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
  deadbeef deadbeef deadbeef`;

const GCM_VECTORS = [
  {
    profile: 'AEAD_AES_128_GCM',
    rtp: `8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a
      51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`,
    rtcp: `81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda
      4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
  },
  {
    profile: 'AEAD_AES_256_GCM',
    rtp: `8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02
      76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
    rtcp: `81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be
      8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
  },
] as const;

for (const vector of GCM_VECTORS) {
  const keys = gcmKeys(SRTP_PROFILES[vector.profile].keyLength);

  test(`RFC 7714 §16: ${vector.profile} protects RTP`, () => {
    const sender = createSrtpCipher(vector.profile, keys, slab, 'send');
    const receiver = createSrtpCipher(vector.profile, keys, slab, 'receive');
    const length = put(RTP, 100);
    const sealed = sender.sealRtp(100, 12, length, 0x5501a0b2, 0, 0xf17b);
    assert.equal(taken(100, sealed), toHex(fromHex(vector.rtp)));
    assert.equal(receiver.openRtp(100, 12, sealed, 0x5501a0b2, 0, 0xf17b), length);
    assert.equal(taken(100, length), toHex(fromHex(RTP)));
    sender.close();
    receiver.close();
  });

  test(`RFC 7714 §17: ${vector.profile} protects RTCP`, () => {
    const sender = createSrtpCipher(vector.profile, keys, slab, 'send');
    const receiver = createSrtpCipher(vector.profile, keys, slab, 'receive');
    const length = put(RTCP, 100);
    const sealed = sender.sealRtcp(100, length, 0x5d4);
    assert.equal(taken(100, sealed), toHex(fromHex(vector.rtcp)));
    assert.equal(receiver.openRtcp(100, sealed), length);
    assert.equal(taken(100, length), toHex(fromHex(RTCP)));
    sender.close();
    receiver.close();
  });
}

test('RFC 3711 §3.1: AES_CM_128_HMAC_SHA1_80 protects RTP, as other implementations do', () => {
  const master = {
    masterKey: fromHex('e1f97a0d3e018be0d64fa32c06de4139'),
    masterSalt: fromHex('0ec675ad498afeebb6960b3aabe6'),
  };
  const sender = openSrtpCipher('AES_CM_128_HMAC_SHA1_80', master, slab, 'send');
  const length = put(`800f1234 decafbad cafebabe ${'ab'.repeat(16)}`, 0);
  const sealed = sender.sealRtp(0, 12, length, 0xcafebabe, 0, 0x1234);
  assert.equal(
    taken(0, sealed),
    '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
  );
  sender.close();
});

test('RFC 7714 §9.3: RTCP that is authenticated but not encrypted is read as it stands', () => {
  const keys = gcmKeys(16);
  const receiver = createSrtpCipher('AEAD_AES_128_GCM', keys, slab, 'receive');
  const sender = createSrtpCipher('AEAD_AES_128_GCM', keys, slab, 'send');
  // The tag of a packet whose body is associated data: RTP with an empty payload has that form, and
  // its nonce is 00 00 | SSRC | ROC | SEQ = 00 00 | SSRC | 00 00 | index for index < 65536.
  const length = put(RTCP, 0);
  put('000005d4', length);
  const sealed = sender.sealRtp(0, length + 4, length + 4, 0x4d617273, 0, 0x5d4);
  assert.equal(sealed, length + 20);
  slab.bytes.copyWithin(length, length + 4, length + 20);
  put('000005d4', length + 16);
  assert.equal(receiver.openRtcp(0, sealed), length);
  assert.equal(taken(0, length), toHex(fromHex(RTCP)));
  slab.bytes[length - 1]! ^= 1;
  assert.equal(receiver.openRtcp(0, sealed), -1);
  sender.close();
  receiver.close();
});

function pair(profile: SrtpProfile): { sender: SrtpCipher; receiver: SrtpCipher } {
  const exported = randomBytes(exportedKeyLength(profile));
  return {
    sender: openSrtpCipher(profile, splitExportedKeys(profile, exported, true).send, slab, 'send'),
    receiver: openSrtpCipher(
      profile,
      splitExportedKeys(profile, exported, false).receive,
      slab,
      'receive',
    ),
  };
}

for (const profile of profiles) {
  test(`${profile}: what is sealed opens again, whatever its form; one flipped bit does not`, () => {
    const { sender, receiver } = pair(profile);
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const packet = fc.record({
      header: fc.integer({ min: 12, max: 100 }),
      payload: fc.uint8Array({ maxLength: 1300 }),
      at: fc.nat(600),
      ssrc: u32,
      roc: u32,
      sequenceNumber: fc.nat(0xffff),
      flip: fc.nat(),
    });
    fc.assert(
      fc.property(packet, ({ header, payload, at, ssrc, roc, sequenceNumber, flip }) => {
        const length = header + payload.length;
        slab.bytes.fill(0x5a, at, at + header);
        slab.bytes.set(payload, at + header);
        const before = taken(at, length);
        const sealed = sender.sealRtp(at, header, length, ssrc, roc, sequenceNumber);
        assert.equal(sealed, length + SRTP_PROFILES[profile].tagLength);
        const cipherText = taken(at, sealed);
        slab.bytes[at + (flip % sealed)]! ^= 1 << (flip & 7);
        assert.equal(receiver.openRtp(at, header, sealed, ssrc, roc, sequenceNumber), -1);
        receiver.undoOpenRtp(at, header, sealed, ssrc, roc, sequenceNumber);
        slab.bytes[at + (flip % sealed)]! ^= 1 << (flip & 7);
        assert.equal(taken(at, sealed), cipherText);
        assert.equal(receiver.openRtp(at, header, sealed, ssrc, roc, sequenceNumber), length);
        assert.equal(taken(at, length), before);
      }),
    );
    sender.close();
    receiver.close();
  });

  test(`${profile}: compound RTCP likewise`, () => {
    const { sender, receiver } = pair(profile);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 1200 }),
        fc.nat(0x7fffffff),
        fc.nat(),
        (packet, index, flip) => {
          slab.bytes.set(packet, 8);
          const sealed = sender.sealRtcp(8, packet.length, index);
          assert.equal(sealed, packet.length + SRTP_PROFILES[profile].srtcpOverhead);
          const copy = Buffer.from(slab.bytes.subarray(8, 8 + sealed));
          slab.bytes[8 + (flip % sealed)]! ^= 1 << (flip & 7);
          assert.equal(receiver.openRtcp(8, sealed), -1);
          slab.bytes.set(copy, 8);
          assert.equal(receiver.openRtcp(8, sealed), packet.length);
          assert.deepEqual(slab.bytes.subarray(8, 8 + packet.length), Buffer.from(packet));
        },
      ),
    );
    sender.close();
    receiver.close();
  });

  test(`${profile}: packets shorter than header and tag fail and are not touched`, () => {
    const { receiver } = pair(profile);
    for (let length = 0; length < 28; length++) {
      assert.equal(receiver.openRtp(0, 12, Math.min(length, 21), 1, 0, 1), -1);
      assert.equal(receiver.openRtcp(0, Math.min(length, 21)), -1);
    }
    receiver.close();
  });

  test(`${profile}: positions outside the slab are a bug, found before native code is`, () => {
    const { sender } = pair(profile);
    const end = slab.bytes.length;
    for (const at of [-1, end, end - 40, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => sender.sealRtp(at, 12, 100, 1, 0, 1), /outside/);
    sender.close();
    sender.close();
    assert.throws(() => sender.sealRtp(0, 12, 100, 1, 0, 1), /closed/);
  });

  test(`${profile}: a stream whose packets before the first wrap were lost is understood`, () => {
    const { sender, receiver } = pair(profile);
    const sending = new SrtpSender(sender);
    const receiving = new SrtpReceiver(receiver);
    const out = sending.stream(0xdeadbeef);
    const send = (sequenceNumber: number): number => {
      slab.bytes.fill(0x11, 0, 200);
      return sending.sealRtp(out, 0, 12, 200, sequenceNumber);
    };
    send(65_535); // lost
    const sealed = send(2);
    const incoming = receiving.stream(0xdeadbeef);
    assert.equal(receiving.openRtp(incoming, 0, 12, sealed, 2), 200);
    assert.equal(incoming.roc, 1);
    assert.deepEqual(slab.bytes.subarray(0, 200), Buffer.alloc(200, 0x11));
    assert.equal(receiving.openRtp(incoming, 0, 12, send(65_534), 65_534), 200);
    sending.close();
    receiving.close();
  });
}

test('sealing and opening allocate nothing per packet', () => {
  for (const profile of profiles) {
    const { sender, receiver } = pair(profile);
    const cycle = (i: number): void => {
      const sealed = sender.sealRtp(0, 12, 1172, 0xfffffff0, i, i & 0xffff);
      receiver.openRtp(0, 12, sealed, 0xfffffff0, i, i & 0xffff);
    };
    for (let i = 0; i < 20_000; i++) cycle(i);
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < 2000; i++) cycle(i);
      const cost = (process.memoryUsage().heapUsed - before) / 2000;
      if (cost >= 0) least = Math.min(least, cost);
    }
    assert.ok(least < 8, `${profile}: ${least} bytes per packet`);
    sender.close();
    receiver.close();
  }
});
