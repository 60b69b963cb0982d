/** GStreamer publishes by WHIP and plays by WHEP: the player decodes the colour and the tone that the encoder sent. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  launchFirefox,
  skipWithoutChromium,
  skipWithoutFirefox,
  TestServer,
} from '../support/index.ts';
import { PeerProcess } from '../support/peer-process.ts';
import { Guest, serveRoomPage, Venue } from '../support/room-page.ts';
import { until } from '../support/until.ts';

const PYTHON = '/usr/bin/python3';
const PEER = [PYTHON, fileURLToPath(new URL('gstreamer-peer.py', import.meta.url))] as const;
const ELEMENTS = ['webrtcbin', 'nicesrc', 'x264enc', 'avdec_h264', 'vp8enc', 'opusenc'];
const skip = whyNot();

/** Names of the lines that a player prints. */
interface Seen {
  readonly video: {
    codec: string;
    width: number;
    height: number;
    colour: [number, number, number];
  };
  readonly audio: { codec: string; tone440: number; tone1000: number };
}

const WHOLE = [
  ['VP8', 'OPUS', 'actpass'],
  ['H264', 'OPUS', 'passive'],
  ['H264', 'PCMU', 'active'],
] as const;

for (const [video, audio, role] of WHOLE) {
  test(`${video} and ${audio} arrive decoded, the encoder being ${role}`, { skip }, async () => {
    await using server = await TestServer.start({ env: { SY_LOG__LEVEL: 'debug' } });
    await using encoder = await PeerProcess.start(server, PEER, 'publish', video, audio, role);
    await until('the encoder to connect', () => encoder.isConnected);
    await using player = await PeerProcess.start(server, PEER, 'play', video, audio);
    await until('the player to decode', () => player.seen !== undefined, 40_000);
    const seen = player.seen as Seen; // as gstreamer-peer.py prints it

    assert.equal(seen.video.codec, video);
    assert.deepEqual([seen.video.width, seen.video.height], [320, 180]);
    const [red, green, blue] = seen.video.colour;
    assert.ok(red > 200 && green < 50 && blue < 50, `the picture is ${seen.video.colour}`);
    assert.equal(seen.audio.codec, audio);
    assert.ok(seen.audio.tone440 > 0.2, `the tone is heard at ${seen.audio.tone440}`);
    assert.ok(seen.audio.tone1000 < 0.02, `another tone is heard at ${seen.audio.tone1000}`);
    assert.match(server.log(), /"state":"connected","detail":"AES_CM_128_HMAC_SHA1_80"/);
  });
}

test('a browser sees H.264 and hears PCMU, in slots that carried VP8 and Opus before', {
  skip: skip || skipWithoutChromium,
}, async () => {
  await using venue = await Venue.open();
  const ada = await venue.enter({
    name: 'Ada',
    room: 'interop',
    devices: { source: 11, toneHz: 1_000 },
  });
  const bob = await venue.enter({ name: 'Bob', room: 'interop', camera: false, microphone: false });
  await bob.page.waitForSources([11]);
  await bob.page.waitForTone(1_000);
  await ada.do('room.disconnect()');
  await bob.waitForSilence(1_000);

  await using _encoder = await PeerProcess.start(
    venue.server,
    PEER,
    'publish',
    'H264',
    'PCMU',
    'actpass',
  );
  await bob.page.waitForTone(440);
  const [red = 0, green = 255, blue = 255] = await bob.page.waitFor('red', 20_000, () =>
    bob.page.evaluate<number[] | null>(`(() => {
      const video = document.querySelector('video');
      if (!video?.videoWidth) return null;
      const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, 0, 8, 8);
      const colour = [...context.getImageData(4, 4, 1, 1).data];
      return colour[0] > 100 ? colour : null;
    })()`),
  );
  assert.ok(red > 200 && green < 50 && blue < 50, `the picture is ${[red, green, blue]}`);
  const codecs = (await bob.page.stats('codec')).map((one) => one['mimeType']);
  assert.ok(codecs.includes('audio/PCMU') && codecs.includes('video/H264'), `${codecs}`);
});

test('Firefox, which has no H.264, is told so, and hears the encoder', {
  skip: skip || skipWithoutFirefox,
}, async () => {
  await using server = await TestServer.start({ env: { SY_RTC__ADVERTISE: 'auto' } });
  await using site = await serveRoomPage();
  await using firefox = await launchFirefox();
  const eve = await Guest.enter(firefox, server, site, {
    name: 'Eve',
    room: 'interop',
    camera: false,
    microphone: false,
  });
  await using _encoder = await PeerProcess.start(
    server,
    PEER,
    'publish',
    'H264',
    'OPUS',
    'actpass',
  );
  await eve.page.waitFor('the reason', 20_000, () =>
    eve.do(`[...room.remoteParticipants.values()]
      .flatMap((one) => [...one.trackPublications.values()])
      .find((one) => one.kind === 'video')?.unavailableReason === 'codec' || null`),
  );
  await eve.page.waitFor('sound', 20_000, async () => {
    const levels = await eve.page.audioEnergy();
    return levels.some((level) => level > 0.1) || null;
  });
});

function whyNot(): string | false {
  const gi = spawnSync(PYTHON, ['-c', "import gi; gi.require_version('GstWebRTC', '1.0')"]);
  if (gi.status !== 0) return 'python3-gi and the typelibs of GStreamer are not installed';
  const missing = ELEMENTS.find((name) => spawnSync('gst-inspect-1.0', [name]).status !== 0);
  return missing ? `GStreamer has no ${missing}` : false;
}
