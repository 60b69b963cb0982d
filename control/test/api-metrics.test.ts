import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DropReason } from '@switchyard/core/media-api';
import { Metrics } from '../src/api/metrics.ts';
import type { WorkerSummary } from '../src/rooms/index.ts';

const dropped = (srtpReplayed: number): Record<DropReason, number> => ({
  unknownSource: 1,
  unknownKind: 2,
  malformed: 3,
  unbound: 4,
  unpublished: 5,
  overload: 6,
  srtpUnauthenticated: 7,
  srtcpUnauthenticated: 8,
  srtpReplayed,
  srtcpReplayed: 10,
  tooManyStreams: 11,
  dtlsDropped: 12,
  handshakesRefused: 13,
});

const summary = (worker: number, more: Partial<WorkerSummary> = {}): WorkerSummary => ({
  worker: worker as never,
  cpu: 0,
  packetsInPerSecond: 0,
  packetsOutPerSecond: 0,
  transports: 0,
  tracks: 0,
  slots: 0,
  ...more,
});

test('what workers drop is told by reason, as they count it, and the help text explains each', async () => {
  const metrics = new Metrics();
  await metrics.text([summary(0, { dropped: dropped(9) })]);
  const text = await metrics.text([summary(0, { dropped: dropped(20) }), summary(1)]);
  const name = 'switchyard_worker_datagrams_dropped_total';
  const of = (reason: string) => `${name}{worker="0",reason="${reason}"}`;
  assert.ok(text.includes(`${of('srtpReplayed')} 20\n`), 'not added up');
  assert.ok(text.includes(`${of('dtlsDropped')} 12\n`));
  assert.ok(!text.includes(`${name}{worker="1"`), 'it has not reported yet');
  const help = text.split('\n').find((line) => line.startsWith(`# HELP ${name}`)) ?? '';
  for (const reason of Object.keys(dropped(0))) assert.ok(help.includes(reason), reason);
});
