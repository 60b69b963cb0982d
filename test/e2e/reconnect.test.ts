/** Media does not depend on the signalling socket, and survives a change of the network. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutChromium } from '../support/index.ts';
import { assertMoving, recordPictures } from '../support/pictures.ts';
import { type Guest, Venue } from '../support/room-page.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const skip = skipWithoutChromium;
const ADA = { source: 11, toneHz: 440 };
const BOB = { source: 22, toneHz: 1000 };

let venue: Venue;
let path: TcpProxy;
let ada: Guest;
let bob: Guest;

before(async () => {
  if (skip) return;
  venue = await Venue.open();
  path = await startTcpProxy(venue.server.port);
  ada = await venue.enter({ name: 'Ada', devices: ADA });
  bob = await venue.enter({ name: 'Bob', devices: BOB, url: `http://localhost:${path.port}` });
  await bob.page.waitForSources([ADA.source]);
  await ada.page.waitForSources([BOB.source]);
});
after(async () => {
  await path?.[Symbol.asyncDispose]();
  await venue?.[Symbol.asyncDispose]();
});

test('a signalling socket that is away for 5 s costs no frame, and nothing said meanwhile is missed', {
  skip,
}, async () => {
  const [seenByAda, seenByBob] = await recordPictures(
    [
      [ada, ada.pictureOf('Bob')],
      [bob, bob.pictureOf('Ada')],
    ],
    async () => {
      path.cut();
      await bob.waitForEvent('reconnecting');
      await ada.do("room.chat.send('while you were away').then(() => {})");
      await ada.do('me.setMicrophoneEnabled(false).then(() => {})');
      await sleep(5_000);
      assert.equal(await bob.do('room.state'), 'reconnecting');
      path.mend();
      await bob.waitForEvent('reconnected');
    },
  );
  assertMoving(seenByAda, BOB.source);
  assertMoving(seenByBob, ADA.source);
  await bob.waitForEvent('chatMessage', 'while you were away');
  await bob.waitForEvent('trackMuted', 'Ada microphone');
  assert.equal(await countConnections(bob), 1, 'the peer connection is the same');
  await ada.do('me.setMicrophoneEnabled(true).then(() => {})');
  await bob.page.waitForTone(ADA.toneHz);
});

test('a change of the network restarts ICE on the same connection, and media goes on', {
  skip,
}, async () => {
  const before = await readUfrags(bob);
  const [seenByAda, seenByBob] = await recordPictures(
    [
      [ada, ada.pictureOf('Bob')],
      [bob, bob.pictureOf('Ada')],
    ],
    async () => {
      await bob.page.evaluate("dispatchEvent(new Event('online'))");
      await bob.page.waitFor('new ICE credentials', 10_000, async () => {
        const now = await readUfrags(bob);
        return now.local !== before.local && now.remote !== before.remote ? now : null;
      });
      await sleep(3_000);
    },
  );
  assertMoving(seenByAda, BOB.source);
  assertMoving(seenByBob, ADA.source);
  assert.equal(await countConnections(bob), 1);
  assert.equal(await bob.do('room.mediaState'), 'connected');
  await ada.page.waitForTone(BOB.toneHz);
});

function countConnections({ page }: Guest): Promise<number> {
  return page.evaluate('switchyardTest.peers.length');
}

function readUfrags({ page }: Guest): Promise<{ local: string; remote: string }> {
  return page.evaluate(`(([pc]) => {
    const read = (description) => /a=ice-ufrag:(.*)/.exec(description.sdp)[1].trim();
    return { local: read(pc.localDescription), remote: read(pc.remoteDescription) };
  })(switchyardTest.peers)`);
}
