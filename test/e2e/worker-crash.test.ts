/** A media worker that dies costs its rooms a moment, and the others nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutChromium, type TestServer } from '../support/index.ts';
import { assertMoving, recordPictures } from '../support/pictures.ts';
import { type Guest, Venue } from '../support/room-page.ts';

const MAX_ROOMS = 4;

test('people on a killed worker see each other again by themselves; a room on the other worker loses nothing', {
  skip: skipWithoutChromium,
}, async () => {
  await using venue = await Venue.open({ workers: 2, env: { SY_LOG__LEVEL: 'debug' } });
  const struck = await openRoom(venue, 1);
  const { worker } = struck;
  let spared = await openRoom(venue, 2);
  for (let room = 3; spared.worker === worker && room <= MAX_ROOMS; room++) {
    await Promise.all(spared.guests.map((guest) => guest.close()));
    spared = await openRoom(venue, room);
  }
  assert.notEqual(spared.worker, worker, 'rooms are spread over the workers');

  const [ada, bob] = struck.guests;
  const [cyd, dan] = spared.guests;
  const [seenByCyd, seenByDan] = await recordPictures(
    [
      [cyd, cyd.pictureOf(dan.name)],
      [dan, dan.pictureOf(cyd.name)],
    ],
    async () => {
      process.kill(workerPid(venue.server, worker), 'SIGKILL');
      await Promise.all(
        struck.guests.map((guest) => guest.waitForEvent('mediaStateChanged', 'new')),
      );
      await seeEachOther(struck.guests);
      await sleep(500);
    },
  );
  assertMoving(seenByCyd, sourceOf(dan));
  assertMoving(seenByDan, sourceOf(cyd));

  await ada.page.waitForTone(toneOf(bob));
  await bob.page.waitForTone(toneOf(ada));
  const [seenByAda, seenByBob] = await recordPictures([
    [ada, ada.pictureOf(bob.name)],
    [bob, bob.pictureOf(ada.name)],
  ]);
  assertMoving(seenByAda, sourceOf(bob));
  assertMoving(seenByBob, sourceOf(ada));
  for (const guest of [cyd, dan])
    assert.equal(await guest.page.evaluate('switchyardTest.peers.length'), 1);
});

type Pair = readonly [Guest, Guest];

/** Two people in a room of their own, and the worker that carries them. */
async function openRoom(venue: Venue, number: number) {
  const room = `room-${number}`;
  const enter = (source: number) =>
    venue.enter({ name: `P${source}`, room, devices: { source, toneHz: 300 + 50 * source } });
  const guests: Pair = [await enter(number * 2), await enter(number * 2 + 1)];
  await seeEachOther(guests);
  const [pair] = await guests[0].page
    .stats('candidate-pair')
    .then((pairs) => pairs.filter((one) => one['nominated'] === true));
  const candidates = await guests[0].page.stats('remote-candidate');
  const remote = candidates.find((one) => one['id'] === pair?.['remoteCandidateId']);
  return { guests, worker: Number(remote?.['port']) - venue.server.udpPort };
}

async function seeEachOther([one, other]: Pair): Promise<void> {
  await one.page.waitForSources([sourceOf(other)]);
  await other.page.waitForSources([sourceOf(one)]);
}

const sourceOf = ({ name }: Guest): number => Number(name.slice(1));
const toneOf = (guest: Guest): number => 300 + 50 * sourceOf(guest);

/** From the newest line of the log that tells it. */
function workerPid(server: TestServer, worker: number): number {
  const pids = server
    .log()
    .split('\n')
    .filter((line) => line.includes('media worker ready'))
    .map((line) => JSON.parse(line) as { worker: number; pid: number })
    .filter((line) => line.worker === worker)
    .map((line) => line.pid);
  const pid = pids.at(-1);
  assert.ok(pid, `no pid of worker ${worker}`);
  return pid;
}
