import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis } from '@switchyard/core/base';
import {
  compactNtp,
  NtpClock,
  PublisherClock,
  SenderReportMapper,
  unixMs,
} from '@switchyard/core/rtcp';
import fc from 'fast-check';

const NTP_UNIX_SECONDS = 2_208_988_800;

test('RFC 5905 §6: NTP counts from 1900, and its fraction in 2^-32 s', () => {
  assert.equal(unixMs(NTP_UNIX_SECONDS, 0), 0);
  assert.equal(unixMs(NTP_UNIX_SECONDS + 1, 0x80000000), 1500);
  assert.equal(compactNtp(0xb44db705, 0x20000000), 0xb7052000);
});

test('our clock’s NTP time is its wall-clock time', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e10, noNaN: true }),
      fc.nat(1_999_999_999_999),
      (now, offset) => {
        const clock = new NtpClock(offset);
        const at = millis(now);
        assert.ok(clock.fraction(at) < 2 ** 32);
        assert.ok(Math.abs(unixMs(clock.seconds(at), clock.fraction(at)) - now - offset) < 0.01);
        assert.equal(clock.compact(at), compactNtp(clock.seconds(at), clock.fraction(at)));
      },
    ),
  );
});

test('two streams of a publisher stay in step, whatever the delay of their reports', () => {
  const clock = new PublisherClock();
  const audio = new SenderReportMapper(clock, 48_000);
  const video = new SenderReportMapper(clock, 90_000);
  assert.equal(audio.isReady, false);
  // The publisher's clock is 5000 s past 1970 at our 1000 ms; reports take 20 ms and 90 ms.
  audio.handleReport(millis(1020), NTP_UNIX_SECONDS + 5000, 0, 0xffffff00);
  video.handleReport(millis(1590), NTP_UNIX_SECONDS + 5000, 0x80000000, 45_000);
  const instant = audio.instantOf((0xffffff00 + 48_000) >>> 0);
  const difference = instant - video.instantOf(90_000);
  assert.ok(Math.abs(difference) < 1e-6, 'both are one second after 5000 s');
  assert.ok(Math.abs(instant - 2020) < 1, 'the least delayed report counts');
  assert.equal(audio.timestampAt(instant), (0xffffff00 + 48_000) >>> 0);
});

test('a report without wall clock is ignored; a step of the clock is followed at once', () => {
  const clock = new PublisherClock();
  const stream = new SenderReportMapper(clock, 90_000);
  stream.handleReport(millis(1), 0, 0, 7);
  assert.equal(stream.isReady, false);
  stream.handleReport(millis(1000), NTP_UNIX_SECONDS + 10, 0, 1000);
  stream.handleReport(millis(2000), NTP_UNIX_SECONDS + 100, 0, 91_000);
  assert.equal(stream.timestampAt(millis(2000)), 91_000);
});
