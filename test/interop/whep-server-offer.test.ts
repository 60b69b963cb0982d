/** A real browser as the answerer of WHEP's counter-offer (draft-ietf-wish-whep-03 §4.2), and one voice among several. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  launchChromium,
  serveHtml,
  skipWithoutChromium,
  type TestPage,
  TestServer,
} from '../support/index.ts';

/** Identity, mark of the camera, tone of the microphone in Hz. */
const PEOPLE = [
  ['ada', 7, 440],
  ['bob', 9, 1_000],
] as const;

const PAGE = `<!doctype html><title>WHEP</title>
<video id="player" autoplay playsinline muted></video><audio id="sound" autoplay></audio>
<script>
  const type = { 'content-type': 'application/sdp' };
  const gathered = (pc) => new Promise((resolve) => {
    if (pc.iceGatheringState === 'complete') resolve();
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
  });

  /** Posts camera and microphone. */
  async function publish(url, token) {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const media = await navigator.mediaDevices.getUserMedia({
      video: true,
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    for (const track of media.getTracks())
      pc.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    await pc.setLocalDescription();
    const headers = { ...type, authorization: 'Bearer ' + token };
    const response = await fetch(url, { method: 'POST', headers, body: pc.localDescription.sdp });
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    globalThis.sending = pc;
    return response.status;
  }

  /** Asks for an offer and answers it; passive: the server has to be the DTLS client. */
  async function play(url, passive) {
    const response = await fetch(url, { method: 'POST' });
    const pc = new RTCPeerConnection();
    const received = new MediaStream();
    pc.ontrack = ({ track }) => {
      received.addTrack(track);
      for (const id of ['player', 'sound']) document.getElementById(id).srcObject = received;
    };
    await pc.setRemoteDescription({ type: 'offer', sdp: await response.text() });
    const answer = await pc.createAnswer();
    const sdp = passive ? answer.sdp.replaceAll('a=setup:active', 'a=setup:passive') : answer.sdp;
    await pc.setLocalDescription({ type: 'answer', sdp });
    await gathered(pc);
    const session = new URL(response.headers.get('location'), url);
    const taken = await fetch(session, {
      method: 'PATCH',
      headers: { ...type, 'if-match': response.headers.get('etag') },
      body: pc.localDescription.sdp,
    });
    globalThis.receiving = pc;
    return [response.status, taken.status, await taken.text()];
  }
</script>`;

/** Posts a marked camera and a tone as `identity`. */
async function publish(server: TestServer, page: TestPage, identity: string): Promise<void> {
  const body = JSON.stringify({ room: 'studio', identity });
  const response = await server.fetch('/api/v1/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { token } = (await response.json()) as { readonly token: string };
  const url = `${server.url}/whip/studio`;
  const call = `publish(${JSON.stringify(url)}, ${JSON.stringify(token)})`;
  assert.equal(await page.evaluate(call), 201);
}

for (const passive of [false, true])
  test(`Chromium answers our offer with setup:${passive ? 'passive' : 'active'} and plays one person alone`, {
    skip: skipWithoutChromium,
  }, async () => {
    await using site = await serveHtml(PAGE);
    await using server = await TestServer.start();
    await using browser = await launchChromium();
    for (const [identity, source, toneHz] of PEOPLE) {
      const page = await browser.newPage({ devices: { source, toneHz } });
      await page.goto(site.url);
      await publish(server, page, identity);
    }
    const page = await browser.newPage();
    await page.goto(site.url);
    const url = JSON.stringify(`${server.url}/whep/studio/ada`);
    assert.deepEqual(await page.evaluate(`play(${url}, ${passive})`), [406, 204, '']);
    await page.waitForSources([7]);
    assert.ok((await page.waitForTone(440)) > 0.1);
    const [own = 0, other = 1] = await page.tones([440, 1_000]);
    assert.ok(other < own / 10, `the other voice is heard as well: ${own} and ${other}`);
  });
