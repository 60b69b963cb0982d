/**
 * @roamhq/wrtc (a libwebrtc of another age: DTLS 1.2, AES_CM_128_HMAC_SHA1_80) publishes by WHIP and plays by WHEP:
 * the player decodes the picture and hears the tone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestServer } from '../support/index.ts';
import { PeerProcess } from '../support/peer-process.ts';
import { until } from '../support/until.ts';

const PEER = [process.execPath, fileURLToPath(new URL('wrtc-peer.ts', import.meta.url))] as const;

interface Seen {
  readonly width: number;
  readonly height: number;
  /** Luminance of the two halves. */
  readonly left: number;
  readonly right: number;
  readonly tone440: number;
  readonly tone1000: number;
}

test('VP8 and Opus arrive decoded, under AES_CM_128_HMAC_SHA1_80', async () => {
  await using server = await TestServer.start({ env: { SY_LOG__LEVEL: 'debug' } });
  await using encoder = await PeerProcess.start(server, PEER, 'publish');
  await until('the encoder to connect', () => encoder.isConnected);
  await using player = await PeerProcess.start(server, PEER, 'play');
  await until('the player to decode', () => player.seen !== undefined);

  const seen = player.seen as Seen; // as wrtc-peer.ts prints it
  assert.deepEqual([seen.width, seen.height], [320, 180]);
  assert.ok(Math.abs(seen.left - 60) < 12, `left half at ${seen.left}`);
  assert.ok(Math.abs(seen.right - 190) < 12, `right half at ${seen.right}`);
  assert.ok(seen.tone440 > 0.2, `the tone is heard at ${seen.tone440}`);
  assert.ok(seen.tone1000 < 0.02, `another tone is heard at ${seen.tone1000}`);
  assert.match(server.log(), /"state":"connected","detail":"AES_CM_128_HMAC_SHA1_80"/);
});
