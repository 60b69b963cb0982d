/** What people do with their devices and their pages arrives at the others as picture and sound. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutChromium } from '../support/index.ts';
import { assertMoving, recordPictures } from '../support/pictures.ts';
import { type Guest, Venue } from '../support/room-page.ts';

const skip = skipWithoutChromium;
const ADA = { source: 11, toneHz: 440 };
const BOB = { source: 22, toneHz: 1000 };
const SCREEN = ADA.source + 128;

let venue: Venue;
let ada: Guest;
let bob: Guest;

before(async () => {
  if (skip) return;
  venue = await Venue.open();
  ada = await venue.enter({ name: 'Ada', devices: ADA });
  bob = await venue.enter({ name: 'Bob', devices: BOB });
  await bob.page.waitForSources([ADA.source]);
  await bob.page.waitForTone(ADA.toneHz);
});
after(() => venue?.[Symbol.asyncDispose]());

test('a muted microphone is not heard, an unmuted one is heard again', { skip }, async () => {
  await ada.do('me.setMicrophoneEnabled(false)');
  await bob.waitForEvent('trackMuted', 'Ada microphone');
  await bob.waitForSilence(ADA.toneHz);
  await ada.do('me.setMicrophoneEnabled(true)');
  await bob.page.waitForTone(ADA.toneHz);
});

test('a camera that is off shows nothing new, one that is on again moves', { skip }, async () => {
  await ada.do('me.setCameraEnabled(false)');
  await bob.waitForEvent('trackMuted', 'Ada camera');
  await sleep(500); // what was on its way
  const [dark] = await recordPictures([[bob, bob.pictureOf('Ada')]], () => sleep(1_500));
  assert.equal(dark.frames.length, 0);
  await ada.do('me.setCameraEnabled(true)');
  await bob.waitForEvent('trackUnmuted', 'Ada camera');
  await bob.page.waitForSources([ADA.source]);
  const [moving] = await recordPictures([[bob, bob.pictureOf('Ada')]]);
  assertMoving(moving, ADA.source);
});

test('a shared screen is a second picture beside the camera, until it ends', { skip }, async () => {
  await ada.do('me.setScreenShareEnabled(true).then(() => {})');
  await bob.page.waitForSources([ADA.source, SCREEN]);
  const [camera, screen] = await recordPictures([
    [bob, bob.pictureOf('Ada')],
    [bob, bob.pictureOf('Ada', 'screenShare')],
  ]);
  assertMoving(camera, ADA.source);
  assertMoving(screen, SCREEN);
  await ada.do('me.setScreenShareEnabled(false)');
  await bob.waitForEvent('trackUnpublished', 'Ada screenShare');
  assert.deepEqual(
    (await bob.page.videos()).map(({ label }) => label),
    ['Ada/camera'],
  );
  const [still] = await recordPictures([[bob, bob.pictureOf('Ada')]], () => sleep(1_500));
  assertMoving(still, ADA.source);
});

test('a page that nobody looks at receives no picture but sound, and the picture when it is shown', {
  skip,
}, async () => {
  await setHidden(bob, true);
  await bob.page.waitFor('end of the video', 10_000, async () => {
    const before = await countVideoPackets(bob);
    await sleep(1_000);
    return (await countVideoPackets(bob)) === before ? true : null;
  });
  await bob.page.waitForTone(ADA.toneHz);
  await setHidden(bob, false);
  await bob.page.waitForSources([ADA.source], 5_000);
  const [moving] = await recordPictures([[bob, bob.pictureOf('Ada')]]);
  assertMoving(moving, ADA.source);
});

test('who leaves is gone at once, who comes back is seen and heard again', { skip }, async () => {
  await ada.do('room.disconnect()');
  await bob.waitForEvent('participantLeft', 'Ada');
  assert.deepEqual(await bob.page.videos(), []);
  await bob.waitForSilence(ADA.toneHz);
  await ada.join();
  await meetAgain();
});

test('a page that is loaded anew takes its own place again', { skip }, async () => {
  await ada.page.goto(venue.site.url);
  await ada.join();
  await meetAgain();
});

/** Both see and hear each other, and nobody is there twice. */
async function meetAgain(): Promise<void> {
  await bob.page.waitForSources([ADA.source]);
  await ada.page.waitForSources([BOB.source]);
  await bob.page.waitForTone(ADA.toneHz);
  await ada.page.waitForTone(BOB.toneHz);
  assert.deepEqual(await bob.others(), ['Ada']);
  assert.deepEqual(await ada.others(), ['Bob']);
  assert.equal((await bob.page.videos()).length, 1);
}

/** As if the page's tab went behind another one. */
function setHidden({ page }: Guest, isHidden: boolean): Promise<void> {
  return page.evaluate(`(() => {
    const visibilityState = '${isHidden ? 'hidden' : 'visible'}';
    Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  })()`);
}

async function countVideoPackets({ page }: Guest): Promise<number> {
  const streams = (await page.stats('inbound-rtp')).filter((one) => one['kind'] === 'video');
  return streams.reduce((sum, one) => sum + Number(one['packetsReceived'] ?? 0), 0);
}
