import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseStats } from '../src/stats-normaliser.ts';

type Publications = Parameters<typeof normaliseStats>[2];

function report(...entries: Record<string, unknown>[]): Map<string, Record<string, unknown>> {
  return new Map(entries.map((entry) => [String(entry['id']), entry]));
}

/** Only what the normaliser reads of a publication. */
const publications = [
  { sid: 'TR_out', source: 'camera', isMuted: false, mid: '1' },
  { sid: 'TR_in', source: 'camera', isMuted: false, mid: '4' },
] as unknown as Publications;

function at(seconds: number) {
  const timestamp = seconds * 1_000;
  return report(
    { id: 'T', type: 'transport', timestamp, bytesSent: seconds * 1_000, bytesReceived: 0 },
    {
      id: 'q',
      type: 'outbound-rtp',
      timestamp,
      mid: '1',
      rid: 'q',
      bytesSent: seconds * 500,
      frameWidth: 320,
      remoteId: 'rq',
    },
    {
      id: 'f',
      type: 'outbound-rtp',
      timestamp,
      mid: '1',
      rid: 'f',
      bytesSent: 9,
      frameWidth: 1280,
    },
    { id: 'rq', type: 'remote-inbound-rtp', fractionLost: 0.25, jitter: 0.01 },
    {
      id: 'in',
      type: 'inbound-rtp',
      timestamp,
      mid: '4',
      bytesReceived: seconds * 2_000,
      packetsReceived: seconds * 9,
      packetsLost: seconds,
      jitter: 0.02,
      codecId: 'c',
      framesPerSecond: 30,
    },
    { id: 'c', type: 'codec', mimeType: 'video/VP8' },
  );
}

test('incoming rates, loss and jitter are those since the report before', () => {
  const sample = normaliseStats(at(12), at(10), publications);
  const incoming = sample.tracks.find(({ trackSid }) => trackSid === 'TR_in');
  assert.equal(incoming?.bitrateBps, 16_000);
  assert.equal(incoming?.packetLossRatio, 0.1);
  assert.equal(incoming?.jitterMs, 20);
  assert.equal(incoming?.codec, 'video/VP8');
});

test('simulcast layers are one track: rates add up, only layers that send are named', () => {
  const sample = normaliseStats(at(12), at(10), publications);
  const outgoing = sample.tracks.find(({ trackSid }) => trackSid === 'TR_out');
  assert.equal(outgoing?.bitrateBps, 4_000);
  assert.deepEqual(outgoing?.layers, ['q']);
  assert.equal(outgoing?.width, 1280);
  assert.equal(outgoing?.packetLossRatio, 0.25);
});

test('a report without a path or a predecessor has zeros, never NaN', () => {
  const sample = normaliseStats(at(10), report(), publications);
  assert.equal(sample.connection.roundTripMs, 0);
  for (const track of sample.tracks) {
    for (const value of Object.values(track)) {
      assert.ok(typeof value !== 'number' || Number.isFinite(value));
    }
  }
});
