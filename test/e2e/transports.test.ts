/** Media arrives whichever way the network allows, and from encoders as from people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutChromium } from '../support/index.ts';
import { assertMoving, recordPictures } from '../support/pictures.ts';
import { fetchToken, type Guest, Venue } from '../support/room-page.ts';

const skip = skipWithoutChromium;
const ADA = { source: 11, toneHz: 440 };
const BOB = { source: 22, toneHz: 1000 };

/** As a firewall that lets no UDP through: only the server's TCP candidates are left. */
const WITHOUT_UDP = `{
  const native = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return native.call(this, { type, sdp: sdp.replace(/a=candidate:\\S+ \\d+ udp .*\\r\\n/gi, '') });
  };
}`;

test('where UDP is blocked, media flows over the TCP port', { skip }, async () => {
  await using venue = await Venue.open();
  const ada = await venue.enter({ name: 'Ada', devices: ADA, initScript: WITHOUT_UDP });
  const bob = await venue.enter({ name: 'Bob', devices: BOB });
  await seeAndHear(ada, bob);
  const { remote } = await readPath(ada);
  assert.equal(remote['protocol'], 'tcp');
  assert.equal(remote['port'], venue.server.port);
  assert.equal((await readPath(bob)).remote['protocol'], 'udp');
});

test('media flows over IPv6', { skip }, async () => {
  await using venue = await Venue.open({ env: { SY_RTC__ADVERTISE: '::1' } });
  const ada = await venue.enter({ name: 'Ada', devices: ADA });
  const bob = await venue.enter({ name: 'Bob', devices: BOB });
  await seeAndHear(ada, bob);
  const { remote } = await readPath(ada);
  assert.equal(remote['address'], '::1');
  assert.equal(remote['protocol'], 'udp');
});

test('a page that publishes by WHIP is a participant until it ends, one that plays by WHEP sees the room', {
  skip,
}, async () => {
  await using venue = await Venue.open();
  const { server, browser, site } = venue;
  const bob = await venue.enter({ name: 'Bob', devices: BOB });
  const encoder = await browser.newPage({ devices: ADA });
  await encoder.goto(site.url);
  const bearer = await fetchToken(server, 'e2e', 'Ada');
  await encoder.evaluate(`(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    globalThis.session = await conference.publish(stream, '${server.url}/whip/e2e', { bearer: '${bearer}' });
  })()`);
  await bob.page.waitForSources([ADA.source]);
  await bob.page.waitForTone(ADA.toneHz);
  assert.equal(await bob.do('[...room.remoteParticipants.values()][0].kind'), 'whip');
  const [recording] = await recordPictures([[bob, bob.pictureOf('Ada')]]);
  assertMoving(recording, ADA.source);

  const viewer = await browser.newPage();
  await viewer.goto(site.url);
  const ticket = await fetchToken(server, 'e2e', 'Eve');
  const { identity } = await bob.do<{ identity: string }>('me.info');
  await viewer.evaluate(`(async () => {
    const video = document.body.appendChild(document.createElement('video'));
    Object.assign(video, { autoplay: true, muted: true });
    const url = '${server.url}/whep/e2e/${identity}';
    globalThis.session = await conference.play(url, video, { bearer: '${ticket}' });
  })()`);
  await viewer.waitForSources([BOB.source]);
  await viewer.waitForTone(BOB.toneHz);

  await encoder.evaluate('session.close()');
  await bob.waitForEvent('participantLeft', 'Ada');
  await viewer.evaluate('session.close()');
});

async function seeAndHear(ada: Guest, bob: Guest): Promise<void> {
  await ada.page.waitForSources([BOB.source]);
  await bob.page.waitForSources([ADA.source]);
  await ada.page.waitForTone(BOB.toneHz);
  await bob.page.waitForTone(ADA.toneHz);
  const [seenByAda, seenByBob] = await recordPictures([
    [ada, ada.pictureOf('Bob')],
    [bob, bob.pictureOf('Ada')],
  ]);
  assertMoving(seenByAda, BOB.source);
  assertMoving(seenByBob, ADA.source);
}

/** Both ends of the path that media takes. */
async function readPath({ page }: Guest) {
  const stats = await page.stats();
  const find = (id: unknown) => {
    const entry = stats.find((one) => one['id'] === id);
    assert.ok(entry, `no statistics ${id}`);
    return entry;
  };
  const transport = stats.find(({ type }) => type === 'transport');
  const pair = find(transport?.['selectedCandidatePairId']);
  return { local: find(pair['localCandidateId']), remote: find(pair['remoteCandidateId']) };
}
