import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putU16, putU32, u16, u32 } from '@switchyard/core/base';
import {
  exportedKeyLength,
  SRTP_PROFILES,
  type SrtpCipher,
  SrtpReceiver,
  SrtpRejection,
  SrtpSender,
  splitExportedKeys,
  srtpProfileOf,
} from '@switchyard/core/srtp';
import fc from 'fast-check';

const SSRC = 0xfeedf00d;

/** Protects nothing, but its tag tells SSRC, rollover counter and sequence number. */
class PlainCipher implements SrtpCipher {
  readonly profile = 'AEAD_AES_128_GCM';
  readonly bytes = new Uint8Array(2048);
  opened = 0;
  isClosed = false;

  sealRtp(
    at: number,
    _header: number,
    length: number,
    ssrc: number,
    roc: number,
    seq: number,
  ): number {
    const tagAt = at + length;
    putU32(this.bytes, tagAt, ssrc);
    putU32(this.bytes, tagAt + 4, roc);
    putU16(this.bytes, tagAt + 8, seq);
    return length + 16;
  }

  openRtp(
    at: number,
    _header: number,
    length: number,
    ssrc: number,
    roc: number,
    seq: number,
  ): number {
    this.opened++;
    const tagAt = at + length - 16;
    const isRight =
      u32(this.bytes, tagAt) === ssrc &&
      u32(this.bytes, tagAt + 4) === roc &&
      u16(this.bytes, tagAt + 8) === seq;
    return isRight ? length - 16 : -1;
  }

  undoOpenRtp(): void {}

  sealRtcp(at: number, length: number, index: number): number {
    putU32(this.bytes, at + length, 0xaaaaaaaa);
    putU32(this.bytes, at + length + 16, (0x80000000 | index) >>> 0);
    return length + 20;
  }

  openRtcp(at: number, length: number): number {
    this.opened++;
    return u32(this.bytes, at + length - 20) === 0xaaaaaaaa ? length - 20 : -1;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** A receiver and hands to give it packets. */
function setUp() {
  const cipher = new PlainCipher();
  const receiver = new SrtpReceiver(cipher);
  return {
    cipher,
    receiver,
    /** A packet of 100 bytes sealed with index `roc`, `seq`. */
    receive(roc: number, seq: number, ssrc = SSRC): number {
      const length = cipher.sealRtp(0, 12, 100, ssrc, roc, seq);
      return receiver.openRtp(receiver.stream(ssrc), 0, 12, length, seq);
    },
    forge(seq: number, ssrc = SSRC): number {
      cipher.sealRtp(0, 12, 100, ssrc ^ 1, 0, seq);
      return receiver.openRtp(receiver.stream(ssrc), 0, 12, 116, seq);
    },
    receiveRtcp(index: number, ssrc = SSRC): number {
      putU32(cipher.bytes, 4, ssrc);
      return receiver.openRtcp(0, cipher.sealRtcp(0, 28, index));
    },
  };
}

test('RFC 5764 §4.2: exported keys come as client key, server key, client salt, server salt', () => {
  const bytes = Uint8Array.from(
    { length: exportedKeyLength('AES_CM_128_HMAC_SHA1_80') },
    (_, i) => i,
  );
  assert.equal(bytes.length, 60);
  const { send, receive } = splitExportedKeys('AES_CM_128_HMAC_SHA1_80', bytes, true);
  assert.deepEqual(receive.masterKey, bytes.subarray(0, 16));
  assert.deepEqual(send.masterKey, bytes.subarray(16, 32));
  assert.deepEqual(receive.masterSalt, bytes.subarray(32, 46));
  assert.deepEqual(send.masterSalt, bytes.subarray(46, 60));
  const client = splitExportedKeys('AES_CM_128_HMAC_SHA1_80', bytes, false);
  assert.deepEqual(client.send, receive);
  assert.deepEqual(client.receive, send);
  assert.throws(() => splitExportedKeys('AEAD_AES_128_GCM', bytes, true));
});

test('RFC 7714 §14.2: profile ids and key lengths', () => {
  assert.equal(srtpProfileOf(0x0007), 'AEAD_AES_128_GCM');
  assert.equal(srtpProfileOf(0x0008), 'AEAD_AES_256_GCM');
  assert.equal(srtpProfileOf(0x0001), 'AES_CM_128_HMAC_SHA1_80');
  assert.equal(srtpProfileOf(0x0002), undefined);
  assert.equal(exportedKeyLength('AEAD_AES_128_GCM'), 56);
  assert.equal(exportedKeyLength('AEAD_AES_256_GCM'), 88);
  assert.equal(SRTP_PROFILES.AES_CM_128_HMAC_SHA1_80.tagLength, 10);
});

test('SEC-SRTP-01: a packet is accepted once, however much later it comes again', () => {
  const { receive, cipher } = setUp();
  const index = (i: number): [number, number] => [Math.floor(i / 65536), i % 65536];
  for (let i = 65_000; i < 140_000; i++) {
    assert.equal(receive(...index(i)), 100);
    const opened = cipher.opened;
    for (const age of [0, 1, 63, 64, 1023, 1024])
      if (i - age >= 65_000) assert.ok(receive(...index(i - age)) < 0);
    if (i - 65_000 > 1024) assert.equal(cipher.opened, opened); // refused before decryption
  }
});

test('RFC 3711 §3.3.2: late packets within 1024 are accepted once, older ones never', () => {
  const { receive } = setUp();
  assert.equal(receive(0, 5000), 100);
  assert.equal(receive(0, 5000 - 1023), 100);
  assert.equal(receive(0, 5000 - 1023), SrtpRejection.replay);
  assert.equal(receive(0, 5000 - 1024), SrtpRejection.replay);
});

test('RFC 3711 appendix A: the rollover counter follows wraps, in any order near them', () => {
  const { receive, receiver } = setUp();
  for (const [roc, seq] of [
    [0, 65_534],
    [1, 1],
    [0, 65_535],
    [1, 0],
    [1, 30_000],
    [1, 60_000],
    [2, 5],
    [1, 65_500],
    [2, 6],
  ] as const)
    assert.equal(receive(roc, seq), 100, `${roc}/${seq}`);
  assert.equal(receiver.stream(SSRC).roc, 2);
});

test('SEC-SRTP-02: a stream begun near the wrap, first packets lost or reordered, is understood', () => {
  for (let start = 65_530; start <= 65_535; start++)
    for (let lost = 0; lost <= 10; lost++) {
      const { receive } = setUp();
      for (let i = start + lost; i < start + 40; i++)
        assert.equal(receive(i >> 16, i & 0xffff), 100, `start ${start}, ${lost} lost`);
    }
  const { receive } = setUp();
  assert.equal(receive(1, 2), 100);
  assert.equal(receive(0, 65_534), 100);
  assert.equal(receive(1, 3), 100);
});

test('SEC-SRTP-03: forged packets change nothing', () => {
  const { receive, forge, receiver } = setUp();
  receive(0, 100);
  for (let seq = 0; seq < 65_536; seq += 7) assert.ok(forge(seq) < 0);
  assert.equal(receiver.stream(SSRC).roc, 0);
  assert.equal(receive(0, 101), 100);
  assert.equal(receive(0, 99), 100);
});

test('an SSRC gets state with its first authentic packet; tries under ROC 1 are limited', () => {
  const { cipher, receiver, forge, receive } = setUp();
  for (let i = 0; i < 1000; i++) forge(i, 0x1000 + i);
  assert.equal(receiver.streamCount, 0);
  assert.equal(cipher.opened, 1064);
  assert.equal(receive(0, 1), 100);
  assert.equal(receiver.streamCount, 1);
});

test('SEC-RTP-03: at most 64 streams; removed ones make room, longest-gone first', () => {
  const { receiver, receive, forge } = setUp();
  for (let i = 0; i < 64; i++) assert.equal(receive(0, 10, 0x80000000 + i), 100);
  assert.equal(receive(0, 10, 1), SrtpRejection.tooManyStreams);
  receiver.remove(0x80000005);
  receiver.remove(0x80000003);
  receiver.remove(0x12345678); // never seen
  assert.equal(forge(10, 1), SrtpRejection.authentication);
  assert.equal(receiver.streamCount, 64);
  assert.equal(receive(0, 10, 1), 100);
  assert.equal(receive(0, 10, 0x80000003), SrtpRejection.replay); // still known
  assert.equal(receive(0, 11, 0x80000003), 100); // and in use again
  assert.equal(receive(0, 10, 2), SrtpRejection.tooManyStreams);
  assert.equal(receiver.streamCount, 64);
});

test('a stream that ends and continues keeps its rollover counter', () => {
  const { receiver, receive } = setUp();
  receive(0, 65_535);
  receive(1, 0);
  receiver.remove(SSRC);
  assert.equal(receive(1, 5), 100);
});

test('RFC 3711 §3.4: SRTCP is accepted once per index, in any order, per sender', () => {
  const { receiveRtcp, cipher } = setUp();
  assert.equal(receiveRtcp(0x7ffffff0), 28);
  assert.equal(receiveRtcp(0x7fffffef), 28);
  const { opened } = cipher;
  assert.equal(receiveRtcp(0x7ffffff0), SrtpRejection.replay);
  assert.equal(receiveRtcp(0x7ffffff0 - 1024), SrtpRejection.replay);
  assert.equal(cipher.opened, opened);
  assert.equal(receiveRtcp(0, 7), 28);
  assert.equal(receiveRtcp(0, 7), SrtpRejection.replay);
  for (let i = 0; i < 200; i++) assert.equal(receiveRtcp(1, 1000 + i), 28);
});

test('SRTCP shorter than header, index and tag is refused unread', () => {
  const { receiver, cipher } = setUp();
  for (let length = 0; length < 28; length++)
    assert.equal(receiver.openRtcp(0, length), SrtpRejection.authentication);
  assert.equal(cipher.opened, 0);
});

test('RFC 3711 §3.3.1: a sender counts rollovers per SSRC, and repeats recent numbers under the old one', () => {
  const cipher = new PlainCipher();
  const sender = new SrtpSender(cipher);
  const stream = sender.stream(SSRC);
  assert.equal(sender.stream(SSRC), stream);
  const rocOf = (seq: number): number =>
    sender.sealRtp(stream, 0, 12, 100, seq) < 0 ? -1 : u32(cipher.bytes, 104);
  assert.deepEqual([10, 9, 11].map(rocOf), [0, 0, 0]);
  assert.equal(rocOf(65_530), -1); // before the first packet
  assert.deepEqual(
    [30_000, 60_000, 65_535, 0, 65_535, 1, 65_530, 2].map(rocOf),
    [0, 0, 0, 1, 0, 1, 0, 1],
  );
  const other = sender.stream(SSRC + 1);
  sender.sealRtp(other, 0, 12, 100, 5);
  assert.equal(u32(cipher.bytes, 104), 0);
  sender.close();
  assert.ok(cipher.isClosed);
});

test('PROP: no index is used twice, and what the sender counts the receiver guesses', () => {
  const step = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(fc.nat(0xffff), fc.array(step, { maxLength: 60 }), (start, steps) => {
      const { cipher, receiver } = setUp();
      const sender = new SrtpSender(cipher);
      const stream = sender.stream(SSRC);
      const used = new Set<string>();
      let seq = start;
      for (const distance of [0, ...steps]) {
        seq = (seq + distance) & 0xffff;
        const length = sender.sealRtp(stream, 0, 12, 100, seq);
        const index = `${u32(cipher.bytes, 104)}/${seq}`;
        assert.ok(!used.has(index));
        used.add(index);
        assert.equal(receiver.openRtp(receiver.stream(SSRC), 0, 12, length, seq), 100);
      }
    }),
  );
});

test('the sender of SRTCP counts from 0 over all SSRCs', () => {
  const cipher = new PlainCipher();
  const sender = new SrtpSender(cipher);
  for (let i = 0; i < 3; i++) {
    assert.equal(sender.sealRtcp(0, 28), 48);
    assert.equal(u32(cipher.bytes, 44), 0x80000000 + i);
  }
});
