import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  NackReader,
  ntpFraction,
  ntpSeconds,
  ReportBlock,
  RtcpKind,
  rembBps,
  reportTimestamp,
  senderPacketCount,
  TICKS_PER_MS,
  TransportFeedbackReader,
  writeNack,
  writeReferenceTime,
  writeSenderReport,
  XrReader,
} from '@switchyard/core/rtcp';
import {
  incomingMedia,
  MID_ID,
  OPUS,
  outgoingMedia,
  type PacketFields,
  rtpPacket,
  TWCC_ID,
  VP8,
  vp8Payload,
} from './support/packets.ts';
import { NTP_MS, OUR_SSRC, SessionRig } from './support/session-rig.ts';

const key = vp8Payload({ pictureId: 1, isKeyframe: true });
const packet = (fields: PacketFields) =>
  rtpPacket({ ssrc: 10, payload: key, extensions: { [MID_ID]: '0' }, ...fields });

/** A sender report of the peer, whose clock shows `ntpMs`. */
function senderReport(ssrc: number, ntpMs: number, timestamp: number): Uint8Array {
  const bytes = new Uint8Array(28);
  const seconds = Math.floor(ntpMs / 1000);
  const fraction = Math.floor(((ntpMs - seconds * 1000) / 1000) * 2 ** 32);
  const report = { ssrc, ntpSeconds: seconds, ntpFraction: fraction, timestamp };
  writeSenderReport(bytes, 0, { ...report, packetCount: 1, octetCount: 1 }, 0);
  return bytes;
}

test('RFC 4585 §6.2.1: what is missing is asked for, once it is overtaken by two', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia());
  for (const sequenceNumber of [100, 101, 104, 105]) rig.rtp(packet({ sequenceNumber }));
  rig.pass(25);
  const nacks = rig.sent(RtcpKind.nack, (reader) => {
    const nack = new NackReader();
    nack.reset(reader);
    const numbers: number[] = [];
    while (nack.next()) numbers.push(nack.sequenceNumber);
    return { sender: reader.senderSsrc, media: reader.mediaSsrc, numbers };
  });
  assert.deepEqual(nacks[0], { sender: OUR_SSRC, media: 10, numbers: [102, 103] });
});

test('a hole too large to repair becomes a keyframe request', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(incomingMedia());
  rig.subscribe(track!);
  rig.rtp(packet({ sequenceNumber: 1 }));
  rig.rtp(packet({ sequenceNumber: 900 }));
  rig.clear();
  rig.rtp(packet({ sequenceNumber: 902, payload: vp8Payload({ pictureId: 3 }) }));
  rig.pass(1_100);
  assert.ok(rig.sfu.requests.length > 0 || rig.sent(RtcpKind.pli, () => 1).length > 0);
});

test('RFC 3550 §6.4: the peer’s streams are reported on soon after they begin, then every second', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia());
  for (const sequenceNumber of [10, 11, 12, 14, 15, 16, 17, 19])
    rig.rtp(packet({ sequenceNumber }));
  rig.rtcp(senderReport(10, NTP_MS + 50_000, 0));
  rig.pass(200);
  const blocks = () =>
    rig.sent(RtcpKind.receiverReport, (reader) => {
      const block = new ReportBlock();
      return block.read(reader, 0) ? { ...block } : null;
    });
  const [first] = blocks().filter((block) => block !== null);
  assert.equal(first!.ssrc, 10);
  assert.equal(first!.cumulativeLost, 2);
  assert.equal(first!.fractionLost, Math.floor((2 * 256) / 10));
  assert.equal(first!.extendedHighest, 19);
  assert.equal(first!.delaySinceLastReport, Math.round(200 * 65.536));
  assert.notEqual(first!.lastReport, 0);
  rig.clear();
  rig.pass(3_000);
  assert.equal(blocks().filter((block) => block?.ssrc === 10).length, 3);
});

test('every compound starts with a report and names us (RFC 3550 §6.1)', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(incomingMedia());
  rig.subscribe(track!);
  for (const sequenceNumber of [1, 2, 5])
    rig.rtp(
      packet({ sequenceNumber, extensions: { [MID_ID]: '0', [TWCC_ID]: Uint8Array.of(0, 1) } }),
    );
  rig.pass(1_500);
  assert.ok(rig.outlet.rtcp.length >= 3);
  for (const compound of rig.outlet.rtcp) {
    assert.ok(compound[1] === 200 || compound[1] === 201);
    assert.ok(Buffer.from(compound).includes('switchyard'));
  }
});

test('transport-wide feedback counts every packet with a number, those of unknown SSRCs too', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia());
  const arrivals: number[] = [];
  for (let i = 0; i < 10; i++) {
    if (i === 4) continue; // lost
    arrivals.push(rig.now);
    const number = (0xfffa + i) & 0xffff;
    const extensions = { [TWCC_ID]: Uint8Array.of(number >> 8, number & 0xff) };
    rig.rtp(packet({ ssrc: 3_000 + i, payloadType: 20, extensions }));
    rig.pass(3);
  }
  rig.pass(100);
  const seen: { number: number; at: number }[] = [];
  const lost: number[] = [];
  for (const reader of rig.sent(RtcpKind.twcc, (one) => {
    const feedback = new TransportFeedbackReader();
    assert.ok(feedback.reset(one));
    return feedback;
  }))
    while (reader.next())
      if (reader.isReceived) seen.push({ number: reader.sequenceNumber, at: reader.arrivalTicks });
      else lost.push(reader.sequenceNumber);
  assert.deepEqual(
    seen.map(({ number }) => number),
    [0, 1, 2, 3, 5, 6, 7, 8, 9].map((i) => (0xfffa + i) & 0xffff),
  );
  assert.deepEqual(lost, [(0xfffa + 4) & 0xffff]);
  seen.forEach(({ at }, i) => {
    assert.equal((at - seen[0]!.at) / TICKS_PER_MS, arrivals[i]! - arrivals[0]!);
  });
});

test('feedback that is due while nothing may be sent does not keep its owner busy', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia());
  rig.rtp(packet({ extensions: { [TWCC_ID]: Uint8Array.of(0, 1) } }));
  rig.outlet.isReady = false;
  rig.pass(10_000); // throws when a deadline stays in the past
  rig.outlet.isReady = true;
  rig.pass(2_000);
  assert.ok(rig.sent(RtcpKind.twcc, () => 1).length >= 1);
});

test('a publisher without transport-wide feedback is told by REMB what it may send', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia({ codecs: [{ ...VP8, transportCc: false, remb: true }] }));
  for (let i = 0; i < 200; i++) {
    rig.rtp(
      packet({ sequenceNumber: i, timestamp: i * 900, payload: new Uint8Array(1_000).fill(0x80) }),
    );
    rig.pass(10);
  }
  const rates = rig.sent(RtcpKind.remb, rembBps);
  assert.ok(rates.at(-1)! > 1_400_000 && rates.at(-1)! < 2_000_000, `${rates.at(-1)}`);
});

test('RFC 3550 §6.4.1: our sender reports relate our timestamps to the publisher’s clock, so audio and video stay together', () => {
  const rig = new SessionRig();
  const [audio, video] = rig.publish(
    incomingMedia({ mid: 'a', kind: 'audio', codecs: [OPUS] }),
    incomingMedia({ mid: 'v' }),
  );
  const toAudio = { kind: 'audio' as const, codecs: [OPUS], ssrc: 500, rtxSsrc: null, mid: 'x' };
  rig.subscribe(audio!, toAudio);
  rig.subscribe(video!, { ssrc: 600, mid: 'y' });
  /** The publisher's clock is an hour off; sound and picture of one moment are delayed differently on the way. */
  const skewMs = 3_600_000;
  const captured = (ms: number) => ({ audio: 7_000 + ms * 48, video: 900_000 + ms * 90 });
  const start = rig.now;
  const sendAt = (ms: number) => {
    const audioExtensions = { [MID_ID]: 'a' };
    rig.rtp(
      rtpPacket({
        ssrc: 20,
        payloadType: 111,
        sequenceNumber: ms / 20,
        timestamp: captured(ms).audio,
        payload: Uint8Array.of(1),
        extensions: audioExtensions,
      }),
    );
    // The picture that arrives with that sound was captured 120 ms before it.
    const timestamp = captured(ms - 120).video;
    rig.rtp(packet({ sequenceNumber: ms / 20, timestamp, extensions: { [MID_ID]: 'v' } }));
  };
  for (let ms = 0; ms <= 4_000; ms += 20) {
    if (ms % 1_000 === 0) {
      const ntp = NTP_MS + start + ms + skewMs;
      rig.rtcp(senderReport(20, ntp, captured(ms).audio >>> 0));
      rig.rtcp(senderReport(10, ntp, captured(ms).video >>> 0));
    }
    sendAt(ms);
    rig.pass(20);
  }
  const reports = rig.sent(RtcpKind.senderReport, (reader) => ({
    ssrc: reader.senderSsrc,
    ntpMs: ntpSeconds(reader) * 1000 + (ntpFraction(reader) * 1000) / 2 ** 32,
    timestamp: reportTimestamp(reader),
    packets: senderPacketCount(reader),
  }));
  const last = (ssrc: number) => reports.findLast((report) => report.ssrc === ssrc)!;
  // Of the last pair of packets: when were they captured, on the clock of our reports?
  const sent = (ssrc: number) => rig.outlet.sent.findLast((one) => one.ssrc === ssrc)!;
  const wall = (ssrc: number, rate: number) => {
    const { ntpMs, timestamp } = last(ssrc);
    return ntpMs + ((sent(ssrc).timestamp - timestamp) | 0) / (rate / 1000);
  };
  assert.ok(Math.abs(wall(500, 48_000) - wall(600, 90_000) - 120) < 2, 'audio is 120 ms ahead');
  assert.ok(last(500).packets > 100);
  // A report's instant is that of our clock, not the publisher's.
  assert.ok(Math.abs(last(500).ntpMs - (NTP_MS + rig.now)) < 1_100);
});

test('RFC 3611 §4.5: a reference time is answered, many in one report are answered once', () => {
  const rig = new SessionRig();
  const one = new Uint8Array(20);
  writeReferenceTime(one, 0, 4242, 0x0001_0002, 0x0003_0004);
  const many = new Uint8Array(8 + 12 * 90);
  many.set(one.subarray(0, 8));
  for (let i = 0; i < 90; i++) many.set(one.subarray(8, 20), 8 + 12 * i);
  new DataView(many.buffer).setUint16(2, many.length / 4 - 1);
  rig.rtcp(many);
  const delays = rig.sent(RtcpKind.extendedReport, (reader) => {
    const xr = new XrReader();
    xr.reset(reader);
    return xr.next() ? { ssrc: xr.ssrc, lastReport: xr.lastReport } : null;
  });
  assert.deepEqual(delays, [{ ssrc: 4242, lastReport: 0x0002_0003 }]);
});

test('RTT and loss of our own stream come from the receiver’s blocks', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(incomingMedia());
  const slot = rig.subscribe(track!);
  rig.rtp(packet({ sequenceNumber: 1 }));
  rig.pass(500);
  const lastReport = Math.floor((rig.now - 80 + NTP_MS) * 65.536) >>> 0;
  const report = new Uint8Array(32);
  const view = new DataView(report.buffer);
  view.setUint32(0, 0x81c9_0007);
  view.setUint32(8, slot.media.ssrc);
  report[12] = 64; // a quarter
  view.setUint32(20, 900); // 10 ms
  view.setUint32(24, lastReport);
  view.setUint32(28, Math.round(30 * 65.536));
  rig.rtcp(report);
  const quality = rig.session.takeQuality(rig.now);
  assert.ok(Math.abs(quality.rttMs - 50) < 1, `${quality.rttMs}`);
  assert.equal(quality.lossDown, 0.25);
  assert.equal(quality.jitterDownMs, 10);
});

test('RFC 5104 §4.3.1: a repeated FIR is one request, a NACK for the RTX SSRC is none for the media', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(incomingMedia());
  const slot = rig.subscribe(track!);
  rig.rtp(packet({ sequenceNumber: 1 }));
  rig.clear();
  const fir = new Uint8Array(20);
  const view = new DataView(fir.buffer);
  view.setUint32(0, 0x84ce_0004);
  view.setUint32(12, slot.media.ssrc);
  fir[16] = 9;
  for (let i = 0; i < 5; i++) {
    rig.rtcp(fir);
    rig.rtp(packet({ sequenceNumber: 2 + i, timestamp: 3_000 * (i + 1) })); // a keyframe each
    rig.pass(1_000);
  }
  assert.equal(rig.sfu.requests.length, 1);

  const nack = new Uint8Array(16);
  const number = rig.outlet.sent.at(-1)!.sequenceNumber;
  const length = writeNack(nack, 0, 1, outgoingMedia().rtxSsrc!, Uint16Array.of(number), 1);
  rig.clear();
  rig.rtcp(nack.subarray(0, length));
  assert.equal(rig.outlet.sent.length, 0);
  writeNack(nack, 0, 1, slot.media.ssrc, Uint16Array.of(number), 1);
  rig.rtcp(nack);
  assert.equal(rig.outlet.sent.length, 1);
});
