/**
 * How long two people in browsers do not see each other when their media worker is killed: from the kill to
 * the first frame of the other, at both. `node test/bench/recover.ts [rounds] [workers]` prints a
 * JSON line; `npm run bench -- recover` runs it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Guest, Venue } from '../support/room-page.ts';
import type { TestServer } from '../support/server.ts';

/** A worker that lived shorter is not restarted at once after some kills in a row: rounds are further apart. */
const BEFORE_KILL_MS = 10_500;
/** Time to recover in; who needs longer counts as having needed this. */
const WINDOW_MS = 8_000;

const [rounds = 10, workers = 2] = process.argv.slice(2).map(Number);

await using venue = await Venue.open({ workers, env: { SY_LOG__LEVEL: 'debug' } });
const ada = await venue.enter({ name: 'Ada', devices: { source: 1 } });
const bob = await venue.enter({ name: 'Bob', devices: { source: 2 } });
await ada.page.waitForSources([2]);
await bob.page.waitForSources([1]);

const gapsMs: number[] = [];
for (let round = 0; round < rounds; round++) {
  await sleep(BEFORE_KILL_MS);
  const worker = await workerOf(ada, venue.server);
  const pid = pidOf(venue.server, worker);
  const guests = [ada, bob];
  const killedAt = await Promise.all(
    guests.map(({ page }) => page.evaluate<number>('performance.now()')),
  );
  process.kill(pid, 'SIGKILL');
  await sleep(WINDOW_MS);
  for (const [i, guest] of guests.entries()) {
    const start = killedAt[i] ?? 0;
    const events = await guest.events();
    const seen = events.find(({ kind, at }) => kind === 'firstFrame' && at > start);
    gapsMs.push(seen === undefined ? WINDOW_MS : seen.at - start);
  }
}
gapsMs.sort((a, b) => a - b);
const at = (part: number) => Math.round(gapsMs[Math.ceil(part * gapsMs.length) - 1] ?? 0);
console.log(
  JSON.stringify({
    measure: 'recover',
    workers,
    kills: rounds,
    clients: 2,
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    max_ms: at(1),
  }),
);

/** The worker whose port a client uses: they count up from the first one. */
async function workerOf({ page }: Guest, server: TestServer): Promise<number> {
  const pairs = await page.stats('candidate-pair');
  const used = pairs.findLast(
    ({ nominated, state }) => nominated === true && state === 'succeeded',
  );
  const remotes = await page.stats('remote-candidate');
  const remote = remotes.find(
    ({ id, peer }) => id === used?.['remoteCandidateId'] && peer === used?.peer,
  );
  return Number(remote?.['port']) - server.udpPort;
}

/** From the newest line of the log that tells it. */
function pidOf(server: TestServer, worker: number): number {
  const lines = server.log().split('\n');
  const ready = lines
    .filter((line) => line.includes('media worker ready'))
    .map((line) => JSON.parse(line) as { readonly worker: number; readonly pid: number })
    .findLast((line) => line.worker === worker);
  if (ready === undefined) throw new Error(`no process of worker ${worker} in the log`);
  return ready.pid;
}
