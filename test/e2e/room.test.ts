/** A room of several people: everybody sees and hears everybody, late ones at once, each in a fitting size. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { skipWithoutChromium } from '../support/index.ts';
import { assertMoving, recordPictures } from '../support/pictures.ts';
import { type Guest, Venue } from '../support/room-page.ts';

const skip = skipWithoutChromium;
const PEOPLE = [
  { name: 'Ada', devices: { source: 11, toneHz: 440 } },
  { name: 'Bob', devices: { source: 22, toneHz: 1000 } },
  { name: 'Cyd', devices: { source: 33, toneHz: 1700 } },
  { name: 'Dan', devices: { source: 44, toneHz: 2500 } },
] as const;
const ALL_TONES = PEOPLE.map(({ devices }) => devices.toneHz);

let venue: Venue;
before(async () => {
  if (!skip) venue = await Venue.open();
});
after(() => venue?.[Symbol.asyncDispose]());

test('four people see and hear each other; the last to come does so within 2 s of joining', {
  skip,
}, async () => {
  const early: Guest[] = [];
  for (const person of PEOPLE.slice(0, 3)) early.push(await venue.enter(person));
  for (const { page } of early) {
    const others = early.filter((guest) => guest.page !== page);
    await page.waitForSources(others.map(sourceOf));
  }
  const requestsBefore = await Promise.all(early.map(countKeyframeRequests));
  const late = await venue.enter(PEOPLE[3]);
  const guests = [...early, late];
  await Promise.all(
    guests.map((guest) =>
      guest.page.waitForSources(guests.filter((other) => other !== guest).map(sourceOf)),
    ),
  );

  const joined = await late.waitForEvent('connected');
  for (const { name } of early) {
    const { at } = await late.waitForEvent('firstFrame', `${name}/camera`);
    assert.ok(at - joined.at < 2_000, `${name} was seen after ${Math.round(at - joined.at)} ms`);
  }
  const requests = await Promise.all(early.map(countKeyframeRequests));
  for (const [at, { name }] of early.entries()) {
    const more = (requests[at] ?? 0) - (requestsBefore[at] ?? 0);
    assert.ok(more <= 2, `${name} was asked for ${more} keyframes by one more viewer`);
  }

  for (const guest of guests) {
    const own = toneOf(guest);
    for (const tone of ALL_TONES) if (tone !== own) await guest.page.waitForTone(tone);
    const [level = 1] = await guest.page.tones([own]);
    assert.ok(level < 0.02, `${guest.name} hears himself at ${level}`);
  }
  const pictures = early.map(({ name }) => [late, late.pictureOf(name)] as const);
  const recordings = await recordPictures(pictures);
  for (const [at, guest] of early.entries()) {
    const recording = recordings[at];
    assert.ok(recording);
    assertMoving(recording, sourceOf(guest));
  }

  await speakersAreThoseWhoAreHeard(guests);
  for (const guest of guests) await guest.close();
});

/** Then silence one after the other: nobody who is silent counts as speaking. */
async function speakersAreThoseWhoAreHeard(guests: readonly Guest[]): Promise<void> {
  const [ada, bob] = guests;
  assert.ok(ada && bob);
  for (const guest of guests.slice(1))
    await guest.do('me.setMicrophoneEnabled(false).then(() => {})');
  await bob.page.waitFor('Ada as the only speaker', 10_000, async () => {
    const names = await bob.do<string[]>('room.activeSpeakers.map((one) => one.name)');
    return names.length === 1 && names[0] === 'Ada' ? names : null;
  });
  await ada.do('me.setMicrophoneEnabled(false).then(() => {})');
  await bob.do('me.setMicrophoneEnabled(true).then(() => {})');
  await ada.page.waitFor('Bob as the only speaker', 10_000, async () => {
    const names = await ada.do<string[]>('room.activeSpeakers.map((one) => one.name)');
    return names.length === 1 && names[0] === 'Bob' ? names : null;
  });
}

test('a small element gets a low simulcast layer, a large one the highest', { skip }, async () => {
  const ada = await venue.enter({
    name: 'Ada',
    room: 'sizes',
    microphone: false,
    devices: { source: 11, width: 960, height: 540, fps: 15 },
  });
  const bob = await venue.enter({
    name: 'Bob',
    room: 'sizes',
    microphone: false,
    camera: false,
    shown: { width: 160, height: 90 },
  });
  await bob.page.waitForSources([11]);
  await waitForHeight(bob, 135);
  await resize(bob, 960, 540);
  await waitForHeight(bob, 540);
  await resize(bob, 480, 270);
  await waitForHeight(bob, 270);
  const [recording] = await recordPictures([[bob, bob.pictureOf('Ada')]]);
  assertMoving(recording, 11);
  await ada.close();
  await bob.close();
});

function resize({ page }: Guest, width: number, height: number): Promise<void> {
  return page.evaluate(
    `void (document.querySelector('video').style.cssText = 'width:${width}px;height:${height}px')`,
  );
}

/** Waits until this is the height of the decoded frames. The sender's estimator needs its time to send all layers. */
function waitForHeight({ page }: Guest, height: number): Promise<number> {
  return page.waitFor(`frames of height ${height}`, 30_000, async () => {
    const [video] = await page.videos();
    return video?.height === height ? video.height : null;
  });
}

async function countKeyframeRequests({ page }: Guest): Promise<number> {
  const streams = await page.stats('outbound-rtp');
  return streams.reduce((sum, { pliCount, firCount }) => {
    return sum + Number(pliCount ?? 0) + Number(firCount ?? 0);
  }, 0);
}

function sourceOf({ name }: Guest): number {
  return PEOPLE.find((person) => person.name === name)?.devices.source ?? -1;
}

function toneOf({ name }: Guest): number {
  return PEOPLE.find((person) => person.name === name)?.devices.toneHz ?? -1;
}
