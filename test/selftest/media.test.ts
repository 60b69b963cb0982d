/** The eyes and ears of the end-to-end tests, tried on a page that calls itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  launchChromium,
  launchFirefox,
  serveHtml,
  skipWithoutChromium,
  skipWithoutFirefox,
  writeMarkedY4m,
  writeTone,
} from '../support/index.ts';

/** Sends camera and microphone from one RTCPeerConnection to another in the same page. */
const LOOP = `<!doctype html><title>loop</title>
<div aria-label="Ada"><video id="remote" autoplay playsinline muted></video></div><audio id="sound" autoplay></audio>
<script type="module">
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  from.onicecandidate = (e) => e.candidate && to.addIceCandidate(e.candidate);
  to.onicecandidate = (e) => e.candidate && from.addIceCandidate(e.candidate);
  const received = new MediaStream();
  to.ontrack = (e) => { received.addTrack(e.track); for (const id of ['#remote', '#sound']) document.querySelector(id).srcObject = received; };
  const media = await navigator.mediaDevices.getUserMedia({
    video: true,
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  for (const track of media.getTracks()) from.addTrack(track, media);
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription);
</script>`;

test('Chromium: marks of the page camera decode and its tone is heard', {
  skip: skipWithoutChromium,
}, async () => {
  await using site = await serveHtml(LOOP);
  await using browser = await launchChromium();
  const page = await browser.newPage({ devices: { source: 7, toneHz: 440 } });
  await page.goto(site.url);
  const [video] = await page.waitForSources([7]);
  assert.equal(video?.label, 'Ada');

  await page.startRecording('call', '#remote');
  await sleep(2_000);
  const recording = await page.endRecording('call');
  assert.deepEqual(recording.sources, [7]);
  assert.ok(recording.frames.length >= 15, `${recording.frames.length} frames in 2 s`);
  assert.ok(recording.damaged <= 2, `${recording.damaged} damaged`);
  assert.ok(recording.longestGapMs < 1_000, `gap of ${recording.longestGapMs} ms`);

  assert.ok((await page.waitForTone(440)) > 0.1);
  const [tone = 0, other = 1] = await page.tones([440, 1_000]);
  assert.ok(other < tone / 10, `440 Hz: ${tone}, 1000 Hz: ${other}`);
  assert.ok((await page.audioEnergy()).some((level) => level > 0.1));
  const inbound = await page.stats('inbound-rtp');
  assert.deepEqual(new Set(inbound.map((entry) => entry['kind'])), new Set(['audio', 'video']));
  assert.deepEqual(page.errors, []);
});

test('Chromium: marks and tone of capture files are seen and heard', {
  skip: skipWithoutChromium,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-media-'));
  try {
    const [videoFile, audioFile] = [join(folder, 'camera.y4m'), join(folder, 'tone.wav')];
    writeMarkedY4m(videoFile, { width: 320, height: 180, fps: 15, seconds: 4, source: 9 });
    writeTone(audioFile, 1_000, 10);
    await using site = await serveHtml(LOOP);
    await using browser = await launchChromium({ videoFile, audioFile });
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForSources([9]);
    assert.ok((await page.waitForTone(1_000)) > 0.1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('Firefox: marks of the page camera decode and its tone arrives', {
  skip: skipWithoutFirefox,
}, async () => {
  await using site = await serveHtml(LOOP);
  await using browser = await launchFirefox();
  const page = await browser.newPage({ devices: { source: 11 } });
  await page.goto(site.url);
  await page.waitForSources([11]);
  const levels = await page.audioEnergy(2_000);
  assert.ok(
    levels.some((level) => level > 0.05),
    `levels ${levels.join(', ')}`,
  );
});
