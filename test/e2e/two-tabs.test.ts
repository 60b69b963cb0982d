/** Two people in a room see each other's moving pictures and hear each other's tones, and not themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  launchChromium,
  launchFirefox,
  skipWithoutChromium,
  skipWithoutFirefox,
  type TestBrowser,
  TestServer,
} from '../support/index.ts';
import { assertMoving, recordPictures } from '../support/pictures.ts';
import { Guest, serveRoomPage } from '../support/room-page.ts';

const ADA = { source: 11, toneHz: 440 };
const BOB = { source: 22, toneHz: 1000 };
/** Firefox's microphone is a sine of 0.1, Chromium's one of 0.5. */
const HEARD = 0.06;

test('Chromium and Chromium see and hear each other, not themselves', {
  skip: skipWithoutChromium,
}, async () => {
  await using browser = await launchChromium();
  await meet(browser, browser);
});

test('Chromium and Firefox see and hear each other', {
  skip: skipWithoutChromium || skipWithoutFirefox,
}, async () => {
  await using chromium = await launchChromium();
  await using firefox = await launchFirefox({ toneHz: BOB.toneHz });
  await meet(chromium, firefox);
});

test('Firefox and Firefox see and hear each other', { skip: skipWithoutFirefox }, async () => {
  await using firefox = await launchFirefox();
  await meet(firefox, firefox);
});

async function meet(first: TestBrowser, second: TestBrowser): Promise<void> {
  // Firefox does not use loopback where there is another interface: it reaches us by this machine's own address.
  await using server = await TestServer.start({ env: { SY_RTC__ADVERTISE: 'auto' } });
  await using site = await serveRoomPage();
  const ada = await Guest.enter(first, server, site, { name: 'Ada', devices: ADA });
  const bob = await Guest.enter(second, server, site, { name: 'Bob', devices: BOB });
  await ada.page.waitForSources([BOB.source]);
  await bob.page.waitForSources([ADA.source]);
  await hears(ada, BOB.toneHz, ADA.toneHz);
  await hears(bob, ADA.toneHz, BOB.toneHz);

  const [seenByAda, seenByBob] = await recordPictures([
    [ada, ada.pictureOf('Bob')],
    [bob, bob.pictureOf('Ada')],
  ]);
  assertMoving(seenByAda, BOB.source);
  assertMoving(seenByBob, ADA.source);
  assert.deepEqual([...ada.page.errors, ...bob.page.errors], []);
}

/** Chromium tells which tone it hears. Firefox has no AudioContext without a sound server: it tells how loud. */
async function hears(guest: Guest, otherHz: number, ownHz: number): Promise<void> {
  const { page } = guest;
  if (page.chromium) {
    await page.waitForTone(otherHz, HEARD);
    const [other = 0, own = 1] = await page.tones([otherHz, ownHz]);
    assert.ok(
      other > HEARD && own < 0.02,
      `${guest.name} hears the other at ${other}, himself at ${own}`,
    );
  } else {
    await page.waitFor('sound', 20_000, async () => {
      const levels = await page.audioEnergy();
      return levels.filter((level) => level > HEARD).length === 1 ? levels : null;
    });
  }
}
