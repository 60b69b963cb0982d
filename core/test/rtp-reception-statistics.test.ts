import assert from 'node:assert/strict';
import { test } from 'node:test';
import { i24, millis, toHex, u32 } from '@switchyard/core/base';
import { AudioLevelMeter, REPORT_BLOCK_LENGTH, ReceptionStatistics } from '@switchyard/core/rtp';
import { bytesPerCall } from './bytes-per-call.ts';

function block(statistics: ReceptionStatistics, now: number) {
  const buf = new Uint8Array(REPORT_BLOCK_LENGTH);
  assert.equal(statistics.writeReportBlock(buf, 0, millis(now)), 24);
  return {
    fraction: buf[4]!,
    lost: i24(buf, 5),
    highest: u32(buf, 8),
    jitter: u32(buf, 12),
    lastReport: u32(buf, 16),
    delay: u32(buf, 20),
  };
}

test('RFC 3550 A.1, A.3: losses are counted in all and since the last report', () => {
  const statistics = new ReceptionStatistics(0xfedcba98, 90_000);
  for (const sequence of [65534, 65535, 0, 2, 3]) statistics.handlePacket(millis(0), sequence, 0);
  assert.deepEqual(block(statistics, 0), {
    fraction: Math.floor(256 / 6),
    lost: 1,
    highest: 0x10003,
    jitter: 0,
    lastReport: 0,
    delay: 0,
  });
  statistics.handlePacket(millis(0), 4, 0);
  assert.equal(block(statistics, 0).fraction, 0);
  statistics.handlePacket(millis(0), 1, 0);
  statistics.handlePacket(millis(0), 1, 0);
  const last = block(statistics, 0);
  assert.equal(last.lost, -1, 'a duplicate makes up for more than the loss');
  assert.equal(last.fraction, 0);
});

test('RFC 3550 §6.4.1: LSR and DLSR come from the last sender report', () => {
  const statistics = new ReceptionStatistics(1, 90_000);
  statistics.handleSenderReport(millis(1000), 0xb44db705, 0x20001234);
  const { lastReport, delay } = block(statistics, 6250);
  assert.equal(lastReport, 0xb7052000);
  assert.equal(delay, 0x54000);
  const buf = new Uint8Array(24);
  statistics.writeReportBlock(buf, 0, millis(6250));
  assert.equal(
    toHex(buf),
    '00000001' + '00000000' + '00000000' + '00000000' + 'b7052000' + '00054000',
  );
});

test('RFC 3550 A.8: jitter moves by a sixteenth of each difference', () => {
  const statistics = new ReceptionStatistics(1, 8000);
  statistics.handlePacket(millis(0), 1, 0xffffff60);
  statistics.handlePacket(millis(20), 2, 0);
  assert.equal(statistics.jitter, 0);
  statistics.handlePacket(millis(60), 3, 160);
  assert.equal(statistics.jitter, 10, '20 ms late: 160 / 16');
  statistics.handlePacket(millis(65), 4, 160);
  assert.equal(statistics.jitter, 10, 'packets of one frame are spread on purpose');
});

test('RFC 3550 A.1: two packets in a row far away restart the count, one alone does not', () => {
  const statistics = new ReceptionStatistics(1, 8000);
  statistics.handlePacket(millis(0), 1, 0);
  statistics.handlePacket(millis(0), 20_000, 0);
  assert.equal(statistics.extendedHighest, 1);
  statistics.handlePacket(millis(0), 20_001, 0);
  assert.equal(statistics.extendedHighest, 20_001);
  assert.equal(statistics.cumulativeLost, 0);
});

test('counting allocates nothing', () => {
  const statistics = new ReceptionStatistics(0xfedcba98, 90_000);
  let sequence = 0;
  let now = 0;
  const cost = bytesPerCall(() => {
    now += 1;
    sequence = (sequence + 1) & 0xffff;
    statistics.handlePacket(millis(now), sequence, now * 90);
  });
  assert.ok(cost < 8, `${cost} bytes per packet`);
});

test('RFC 6464: loudness follows speech within 200 ms and fades in silence', () => {
  const meter = new AudioLevelMeter();
  assert.equal(meter.loudnessAt(millis(0)), 0);
  let now = 0;
  for (; now < 200; now += 20) meter.handleLevel(millis(now), 30);
  const speaking = meter.loudnessAt(millis(now));
  assert.ok(speaking > 85 && speaking <= 97, `${speaking}`);
  meter.handleLevel(millis(now), 127);
  assert.ok(meter.loudnessAt(millis(now)) > speaking * 0.9, 'a gap between syllables');
  for (; now < 2000; now += 20) meter.handleLevel(millis(now), 127);
  assert.ok(meter.loudnessAt(millis(now)) < 2);
});

test('loudness fades when packets stop, as with DTX', () => {
  const meter = new AudioLevelMeter();
  for (let now = 0; now < 400; now += 20) meter.handleLevel(millis(now), 20);
  assert.ok(meter.loudnessAt(millis(500)) > 100);
  assert.equal(meter.loudnessAt(millis(1000)), 0);
});
