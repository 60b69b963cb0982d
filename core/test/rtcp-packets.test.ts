import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@switchyard/core/base';
import {
  byeSsrc,
  CnameReader,
  firCount,
  firSequence,
  firSsrc,
  NackReader,
  ntpFraction,
  ntpSeconds,
  ReportBlock,
  RtcpKind,
  RtcpReader,
  rembBps,
  rembSsrc,
  rembSsrcCount,
  reportTimestamp,
  roundTripMs,
  senderOctetCount,
  senderPacketCount,
  TransportFeedbackReader,
  writeBye,
  writeCname,
  writeDelay,
  writeFir,
  writeNack,
  writePli,
  writeReceiverReport,
  writeReferenceTime,
  writeRemb,
  writeSenderReport,
  XrBlock,
  XrReader,
} from '@switchyard/core/rtcp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const u32s = fc.nat(0xffffffff);

/** A reader on the first sub-packet. */
function first(packet: Uint8Array, length = packet.length): RtcpReader {
  const reader = new RtcpReader();
  reader.reset(packet, 0, length);
  assert.ok(reader.next());
  return reader;
}

const firstHex = (hex: string): RtcpReader => first(fromHex(hex));

function nacks(reader: RtcpReader): number[] {
  const entries = new NackReader();
  entries.reset(reader);
  const list: number[] = [];
  while (entries.next()) list.push(entries.sequenceNumber);
  return list;
}

const SENDER_REPORT =
  '81c8000c 11111111 e1e2e3e4 80000000 89abcdef 00000010 fffffff0' +
  '22222222 40fffffe 0001fff0 00000009 e3e48000 00010000';

test('RFC 3550 §6.4.1: a sender report and its block are read', () => {
  const reader = firstHex(SENDER_REPORT);
  assert.equal(reader.kind, RtcpKind.senderReport);
  assert.equal(reader.senderSsrc, 0x11111111);
  assert.equal(ntpSeconds(reader), 0xe1e2e3e4);
  assert.equal(ntpFraction(reader), 0x80000000);
  assert.equal(reportTimestamp(reader), 0x89abcdef);
  assert.equal(senderPacketCount(reader), 16);
  assert.equal(senderOctetCount(reader), 0xfffffff0);
  const block = new ReportBlock();
  assert.ok(block.read(reader, 0));
  assert.equal(block.ssrc, 0x22222222);
  assert.equal(block.fractionLost, 0x40);
  assert.equal(block.cumulativeLost, -2);
  assert.equal(block.extendedHighest, 0x1fff0);
  assert.equal(block.jitter, 9);
  assert.equal(block.lastReport, 0xe3e48000);
  assert.equal(block.delaySinceLastReport, 0x10000);
  assert.equal(block.read(reader, 1), false);
});

test('RFC 3550 §6.1: the good sub-packets before a bad one count', () => {
  const compound = fromHex(`${SENDER_REPORT} 80ce0002 00000001 00000002 80c90009 00000003`);
  const reader = new RtcpReader();
  reader.reset(compound, 0, compound.length);
  assert.ok(reader.next());
  assert.equal(reader.next(), true);
  assert.equal(reader.kind, RtcpKind.other);
  assert.equal(reader.next(), false, 'longer than what is left');
  assert.equal(reader.next(), false, 'and the walk stays ended');
});

test('counts that the body does not hold are refused', () => {
  const isRefused = (hex: string): boolean => {
    const packet = fromHex(hex);
    const reader = new RtcpReader();
    reader.reset(packet, 0, packet.length);
    return !reader.next();
  };
  assert.ok(
    isRefused('81c80006 00000001 00000002 00000003 00000004 00000005 00000006'),
    'SR block',
  );
  assert.ok(isRefused('81c90001 00000001'), 'RR block');
  assert.ok(isRefused('82cb0001 00000001'), 'BYE of 2');
  assert.ok(isRefused('81cd0001 00000001'), 'NACK without media SSRC');
  assert.ok(isRefused('8fcd0003 00000001 00000002 00000001'), 'TWCC without fixed part');
  assert.ok(isRefused('84ce0003 00000001 00000002 00000001'), 'half a FIR entry');
  assert.ok(isRefused('8fce0004 00000001 00000000 52454d42 02000001'), 'REMB of 2 SSRCs');
  assert.ok(isRefused('40c90001 00000001'), 'version 1');
  assert.ok(isRefused('a0c90001 00000005'), 'padding longer than the packet');
  assert.ok(isRefused('a0c90002 00000001 00000000'), 'padding of 0');
});

test('unknown packet types and formats are skipped, padding is no body', () => {
  const compound = fromHex(
    '80cc0002 00000001 41424344 8bcd0003 00000001 00000002 00000000 a1ce0003 00000001 00000002 00000004',
  );
  const reader = new RtcpReader();
  reader.reset(compound, 0, compound.length);
  assert.ok(reader.next());
  assert.equal(reader.kind, RtcpKind.other, 'APP');
  assert.ok(reader.next());
  assert.equal(reader.kind, RtcpKind.other, 'CCFB');
  assert.ok(reader.next());
  assert.equal(reader.kind, RtcpKind.pli);
  assert.equal(reader.bodyLength, 0);
  assert.equal(reader.next(), false);
});

test('RFC 4585 §6.2.1: packet id and bitmask name the packets, over the wrap', () => {
  const reader = firstHex('81cd0004 00000001 00000002 fffe 8005 0100 0000');
  assert.equal(reader.kind, RtcpKind.nack);
  assert.equal(reader.mediaSsrc, 2);
  assert.deepEqual(nacks(reader), [0xfffe, 0xffff, 1, 14, 0x100]);
  assert.deepEqual(nacks(firstHex('81cd0002 00000001 00000002')), [], 'no entries');
});

test('RFC 5104 §4.3.1: FIR entries name their SSRC and number', () => {
  const reader = firstHex('84ce0006 00000001 00000000 00000002 07000000 00000003 08000000');
  assert.equal(reader.kind, RtcpKind.fir);
  assert.equal(firCount(reader), 2);
  assert.equal(firSsrc(reader, 1), 3);
  assert.equal(firSequence(reader, 0), 7);
});

test('REMB §2.2: mantissa and exponent make the rate', () => {
  const reader = firstHex('8fce0005 00000001 00000000 52454d42 010a0001 deadbeef');
  assert.equal(reader.kind, RtcpKind.remb);
  assert.equal(rembBps(reader), 0x20001 * 4);
  assert.equal(rembSsrcCount(reader), 1);
  assert.equal(rembSsrc(reader, 0), 0xdeadbeef);
  assert.equal(firstHex('8fce0003 00000001 00000000 41424344').kind, RtcpKind.other);
});

test('RFC 3550 §6.5: CNAMEs of several chunks are read, other items skipped', () => {
  const reader = firstHex('82ca0006 00000001 02036e616d 01024142 000000 00000002 010143 00');
  assert.equal(reader.kind, RtcpKind.sourceDescription);
  const names = new CnameReader();
  names.reset(reader);
  assert.ok(names.next());
  assert.equal(names.ssrc, 1);
  assert.equal(
    toHex(reader.buf.subarray(names.cnameAt, names.cnameAt + names.cnameLength)),
    '4142',
  );
  assert.ok(names.next());
  assert.equal(names.ssrc, 2);
  assert.equal(names.next(), false);
});

test('an SDES chunk without terminator ends the walk', () => {
  const names = new CnameReader();
  names.reset(firstHex('81ca0002 00000001 01024142'));
  assert.equal(names.next(), false);
  names.reset(firstHex('81ca0002 00000001 01ff4142'));
  assert.equal(names.next(), false);
});

test('RFC 3611 §4.4, §4.5: reference times and delays are read, other blocks skipped', () => {
  const reader = firstHex(
    '80cf000d 00000001 06000001 00000000 05000006 0000000a 0000000b 0000000c 0000001a 0000001b 0000001c' +
      '04000002 e1e2e3e4 80000000',
  );
  assert.equal(reader.kind, RtcpKind.extendedReport);
  const blocks = new XrReader();
  blocks.reset(reader);
  assert.ok(blocks.next());
  assert.equal(blocks.block, XrBlock.delay);
  assert.deepEqual([blocks.ssrc, blocks.lastReport, blocks.delaySinceLastReport], [10, 11, 12]);
  assert.ok(blocks.next());
  assert.deepEqual([blocks.ssrc, blocks.lastReport, blocks.delaySinceLastReport], [26, 27, 28]);
  assert.ok(blocks.next());
  assert.equal(blocks.block, XrBlock.receiverReferenceTime);
  assert.equal(blocks.ntpSeconds, 0xe1e2e3e4);
  assert.equal(blocks.ntpFraction, 0x80000000);
  assert.equal(blocks.next(), false);
});

test('RFC 3550 §6.4.1: the round trip is now - LSR - DLSR', () => {
  // The example of the RFC: A = b710:8000, DLSR 5.25 s, LSR b705:2000, result 6.125 s.
  assert.equal(roundTripMs(0xb7108000, 0xb7052000, 0x00054000), 6125);
  assert.equal(roundTripMs(0xb7108000, 0, 0), -1, 'no report of ours');
  assert.equal(roundTripMs(1000, 1100, 0), 0, 'clocks a little apart');
  assert.equal(roundTripMs(1000, 0x20000, 0), -1, 'nonsense');
});

test('a sender report that is written is read back', () => {
  fc.assert(
    fc.property(
      u32s,
      u32s,
      u32s,
      u32s,
      u32s,
      u32s,
      (ssrc, seconds, fraction, rtp, packets, octets) => {
        const buf = new Uint8Array(64);
        const report = {
          ssrc,
          ntpSeconds: seconds,
          ntpFraction: fraction,
          timestamp: rtp,
          packetCount: packets,
          octetCount: octets,
        };
        assert.equal(writeSenderReport(buf, 0, report, 1), 52);
        const reader = first(buf, 52);
        assert.equal(reader.kind, RtcpKind.senderReport);
        assert.equal(reader.senderSsrc, ssrc);
        assert.equal(reader.count, 1);
        assert.equal(ntpSeconds(reader), seconds);
        assert.equal(ntpFraction(reader), fraction);
        assert.equal(reportTimestamp(reader), rtp);
        assert.equal(senderPacketCount(reader), packets);
        assert.equal(senderOctetCount(reader), octets);
      },
    ),
  );
});

test('a NACK that is written asks for exactly the list', () => {
  const lists = fc
    .tuple(
      fc.nat(0xffff),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }),
    )
    .map(([start, steps]) => {
      let at = start;
      return steps.map((step) => {
        at = (at + step) & 0xffff;
        return at;
      });
    });
  fc.assert(
    fc.property(lists, (list) => {
      const buf = new Uint8Array(300);
      const length = writeNack(buf, 0, 1, 2, Uint16Array.from(list), list.length);
      assert.deepEqual(nacks(first(buf, length)), list);
    }),
  );
});

test('the other packets that are written are read back', () => {
  fc.assert(
    fc.property(u32s, u32s, fc.nat(255), u32s, u32s, (ssrc, other, number, a, b) => {
      const buf = new Uint8Array(64);
      let reader = first(buf, writePli(buf, 0, ssrc, other));
      assert.equal(reader.kind, RtcpKind.pli);
      assert.deepEqual([reader.senderSsrc, reader.mediaSsrc], [ssrc, other]);

      reader = first(buf, writeFir(buf, 0, ssrc, other, number));
      assert.equal(reader.kind, RtcpKind.fir);
      assert.deepEqual([firSsrc(reader, 0), firSequence(reader, 0)], [other, number]);

      reader = first(buf, writeBye(buf, 0, ssrc));
      assert.equal(reader.kind, RtcpKind.bye);
      assert.equal(byeSsrc(reader, 0), ssrc);

      reader = first(buf, writeReceiverReport(buf, 0, ssrc, 0));
      assert.equal(reader.kind, RtcpKind.receiverReport);
      assert.equal(reader.senderSsrc, ssrc);

      const blocks = new XrReader();
      blocks.reset(first(buf, writeReferenceTime(buf, 0, ssrc, a, b)));
      assert.ok(blocks.next());
      assert.deepEqual([blocks.ntpSeconds, blocks.ntpFraction], [a, b]);
      blocks.reset(first(buf, writeDelay(buf, 0, ssrc, other, a, b)));
      assert.ok(blocks.next());
      assert.deepEqual(
        [blocks.ssrc, blocks.lastReport, blocks.delaySinceLastReport],
        [other, a, b],
      );
    }),
  );
});

test('a REMB that is written holds the rate to one part in 2^17, and all SSRCs', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.array(u32s, { maxLength: 255 }), (bps, ssrcs) => {
      const buf = new Uint8Array(1100);
      const reader = first(buf, writeRemb(buf, 0, 1, bps, Uint32Array.from(ssrcs)));
      assert.ok(rembBps(reader) <= bps && rembBps(reader) >= bps * (1 - 2 ** -17));
      const list = Array.from({ length: rembSsrcCount(reader) }, (_, i) => rembSsrc(reader, i));
      assert.deepEqual(list, ssrcs);
    }),
  );
});

test('a CNAME that is written is read back, at any length', () => {
  fc.assert(
    fc.property(u32s, fc.uint8Array({ maxLength: 300 }), (ssrc, cname) => {
      const buf = new Uint8Array(400).fill(0xff);
      const length = writeCname(buf, 0, ssrc, cname);
      assert.equal(length % 4, 0);
      const names = new CnameReader();
      names.reset(first(buf, length));
      assert.ok(names.next());
      assert.equal(names.ssrc, ssrc);
      assert.equal(
        toHex(buf.subarray(names.cnameAt, names.cnameAt + names.cnameLength)),
        toHex(cname.subarray(0, 255)),
      );
      assert.equal(names.next(), false);
    }),
  );
});

/** Guard bytes read as 0xff, so that a length or count taken from behind the end would be seen. */
test('no bytes make a reader throw or point outside the datagram', () => {
  const header = fc.tuple(
    fc.integer({ min: 0x80, max: 0xbf }),
    fc.integer({ min: 200, max: 207 }),
    fc.nat(12),
    fc.uint8Array({ maxLength: 60 }),
  );
  const reader = new RtcpReader();
  const names = new CnameReader();
  const blocks = new XrReader();
  const entries = new NackReader();
  const feedback = new TransportFeedbackReader();
  const block = new ReportBlock();
  fc.assert(
    fc.property(fc.array(header, { minLength: 1, maxLength: 4 }), (packets) => {
      const bytes = packets.flatMap(([head, type, words, body]) => [head, type, 0, words, ...body]);
      const buf = new Uint8Array(bytes.length + 64).fill(0xff);
      buf.set(bytes, 32);
      const end = 32 + bytes.length;
      reader.reset(buf, 32, bytes.length);
      while (reader.next()) {
        assert.ok(reader.at >= 32 && reader.at + reader.length <= end);
        assert.ok(reader.bodyAt >= reader.at && reader.bodyAt + reader.bodyLength <= end);
        if (reader.kind === RtcpKind.senderReport) assert.ok(reader.bodyLength >= 20);
        for (let i = 0; block.read(reader, i); i++) assert.ok(i < 31);
        if (reader.kind === RtcpKind.nack) {
          entries.reset(reader);
          let count = 0;
          while (entries.next()) count++;
          assert.ok(count <= (reader.bodyLength >> 2) * 17);
        }
        if (reader.kind === RtcpKind.sourceDescription) {
          names.reset(reader);
          while (names.next()) assert.ok(names.cnameAt + names.cnameLength < end);
        }
        if (reader.kind === RtcpKind.extendedReport) {
          blocks.reset(reader);
          let count = 0;
          while (blocks.next()) count++;
          assert.ok(count * 12 <= reader.bodyLength);
        }
        if (reader.kind === RtcpKind.remb)
          assert.ok(reader.bodyAt + 8 + rembSsrcCount(reader) * 4 <= end);
        if (reader.kind === RtcpKind.twcc && feedback.reset(reader)) while (feedback.next());
      }
    }),
    { numRuns: 500 },
  );
});

test('reading a compound packet allocates nothing', () => {
  const compound = fromHex(`${SENDER_REPORT} 81cd0004 00000001 00000002 fffe 8005 0100 0000`);
  const reader = new RtcpReader();
  const entries = new NackReader();
  const block = new ReportBlock();
  let seen = 0;
  const cost = bytesPerCall(() => {
    reader.reset(compound, 0, compound.length);
    while (reader.next()) {
      if (block.read(reader, 0)) seen++;
      if (reader.kind !== RtcpKind.nack) continue;
      entries.reset(reader);
      while (entries.next()) seen++;
    }
  });
  assert.ok(seen > 0);
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
