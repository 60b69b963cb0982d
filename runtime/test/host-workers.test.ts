import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Log, millis } from '@switchyard/core/base';
import type { MediaNotice, TrackId, WorkerId, WorkerSettings } from '@switchyard/core/media-api';
import { MediaWorkerHost, type ReadyNotice, type WorkerTiming } from '../src/host/index.ts';
import { RestartDelay } from '../src/host/restart-delay.ts';
import { Order } from './fixtures/fake-worker.ts';

const ENTRY = fileURLToPath(new URL('./fixtures/fake-worker.ts', import.meta.url));
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

const worker = (n: number): WorkerId => n as WorkerId;
const order = (n: number) => ({ kind: 'requestKeyframe', track: n as TrackId }) as const;

const settings = (n: number, transports = 100): WorkerSettings => ({
  worker: worker(n),
  udp: [{ address: '127.0.0.1', port: 0 }],
  pipeFolder: null,
  limits: {
    transports,
    tracksPerTransport: 1,
    slotsPerTransport: 1,
    pendingHandshakes: 1,
    unauthenticatedChecksPerSecond: 1,
  },
  gsoPadding: false,
  sockets: 'portable',
});

/** A host whose happenings can be awaited in order. */
class Stage {
  readonly host: MediaWorkerHost;
  readonly happened: string[] = [];
  readonly ready: ReadyNotice[] = [];
  readonly notices: MediaNotice[] = [];
  #wake: () => void = () => {};

  constructor(workers: readonly WorkerSettings[], timing: Partial<WorkerTiming> = {}) {
    const note = (what: string) => {
      this.happened.push(what);
      this.#wake();
    };
    this.host = new MediaWorkerHost({
      workers,
      log: SILENT,
      entry: ENTRY,
      timing,
      onReady: (id, notice) => {
        this.ready.push(notice);
        note(`ready ${id}`);
      },
      onNotice: (_, notice) => {
        this.notices.push(notice);
        note(notice.kind);
      },
      onLost: (id) => note(`lost ${id}`),
    });
    after(() => this.host.close());
  }

  async until(count: number): Promise<readonly string[]> {
    while (this.happened.length < count)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.happened;
  }
}

test('start waits until every worker is ready', async () => {
  const stage = new Stage([settings(0), settings(1)]);
  await stage.host.start();
  assert.deepEqual(stage.happened.toSorted(), ['ready 0', 'ready 1']);
  assert.equal(stage.host.readyCount, 2);
  await stage.host.close();
  assert.equal(stage.host.readyCount, 0);
});

test('commands of one turn travel in one frame and in order', async () => {
  const stage = new Stage([settings(0)]);
  await stage.host.start();
  for (const id of [1, 2, 3]) stage.host.send(worker(0), { kind: 'getStatistics', id });
  await stage.until(4);
  assert.deepEqual(
    stage.notices,
    [1, 2, 3].map((id) => ({ kind: 'audioLevels', levels: [1, id] })),
  );
});

test('a worker that crashes is told as lost and restarted at once on its ports; the other one stays', async () => {
  const stage = new Stage([settings(0), settings(1)]);
  await stage.host.start();
  stage.host.send(worker(1), order(Order.crash));
  assert.deepEqual((await stage.until(4)).slice(2), ['lost 1', 'ready 1']);
  const [first, second] = stage.ready.filter((notice) => notice.worker === 1);
  assert.notEqual(first!.pid, second!.pid);
  assert.deepEqual(second!.udp, first!.udp);
  assert.deepEqual(JSON.parse(second!.fingerprint.value), first!.udp);
});

test('a worker that falls silent, or breaks the control stream, is killed and restarted', async () => {
  for (const fault of [Order.hang, Order.talkNonsense]) {
    const timing = fault === Order.hang ? { silenceMs: 300, quietMs: 300 } : {};
    const stage = new Stage([settings(0)], timing);
    await stage.host.start();
    stage.host.send(worker(0), order(fault));
    assert.deepEqual((await stage.until(3)).slice(1), ['lost 0', 'ready 0']);
    await stage.host.close();
  }
});

test('a worker in an endless loop, or in a call that does not return, is noticed by its signs of life', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  for (const fault of [Order.hang, Order.block]) {
    const stage = new Stage([settings(0)]);
    await stage.host.start();
    const startedAt = performance.now();
    stage.host.send(worker(0), order(fault));
    await stage.until(2);
    // 500 ms are the aim; a loaded machine needs more, but never the 10 s of a silence that nobody can explain.
    assert.ok(performance.now() - startedAt < 3_000);
    assert.equal(stage.happened[1], 'lost 0');
    await stage.host.close();
  }
});

test('start rejects when a worker ends before it is ready, or does not get ready in time', async () => {
  const dying = new Stage([settings(0), settings(1, 0)]);
  await assert.rejects(dying.host.start(), /Media worker 1 ended at its start: exit code 7/);
  await dying.host.close();

  const slow = new Stage([settings(0, 1)], { readyMs: 300 });
  await assert.rejects(slow.host.start(), /did not get ready in time/);
  assert.deepEqual(slow.happened, []);
});

test('a program that cannot be run rejects the start instead of throwing', async () => {
  const host = new MediaWorkerHost({
    workers: [settings(0)],
    log: SILENT,
    entry: '/does/not/exist.ts',
    onReady() {},
    onNotice() {},
    onLost() {},
  });
  await assert.rejects(host.start(), /exit code 1/);
  await host.close();
});

test('close ends a worker that ignores the end of its control stream', async () => {
  const stage = new Stage([settings(0)], { closeMs: 200 });
  await stage.host.start();
  stage.host.send(worker(0), order(Order.ignoreClose));
  await stage.host.close();
  assert.equal(stage.host.readyCount, 0);
  assert.deepEqual(stage.happened, ['ready 0'], 'not lost: it was closed');
});

test('the relay stream reaches the worker and comes back', async () => {
  const stage = new Stage([settings(0)]);
  assert.equal(stage.host.relayStream(worker(0)), null);
  await stage.host.start();
  const relay = stage.host.relayStream(worker(0))!;
  relay.write('over there');
  const [chunk] = await once(relay, 'data');
  assert.equal(String(chunk), 'over there');
});

test('restarts are immediate until the fourth short life in a row, then wait longer and longer', () => {
  const delay = new RestartDelay();
  const waits = Array.from({ length: 12 }, () => delay.next(millis(0), millis(100)));
  assert.deepEqual(waits.slice(0, 6), [0, 0, 0, 500, 1000, 2000]);
  assert.equal(waits.at(-1), 30_000);
  assert.equal(delay.next(millis(0), millis(10_000)), 0);
});
