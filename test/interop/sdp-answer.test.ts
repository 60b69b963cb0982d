import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import {
  compareOffers,
  type LocalSession,
  negotiate,
  parseOffer,
  type SessionOffer,
} from '@switchyard/core/sdp';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

/*
 * Both browsers take our answer to an offer with four senders, one of them simulcast, and receive slots,
 * and again after an ICE restart; the slots' tracks carry the names we gave them.
 */

interface PageReport {
  readonly signalingState: string;
  readonly directions: readonly string[];
  readonly encodings: readonly number[];
  /** Of those tracks that came with this answer. */
  readonly streams: readonly string[];
}

/** What Playwright's and Puppeteer's pages have in common; expressions call functions of sdp-page.html. */
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
}

const html = readFileSync(new URL('sdp-page.html', import.meta.url));
const server = createServer((_, response) => {
  response.setHeader('content-type', 'text/html').end(html);
});
let url = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}/`;
});
after(() => server.close());

test('Chromium accepts the answer to a room offer, and the one after an ICE restart', async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ['--disable-gpu', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  });
  try {
    await checkAnswers(await browser.newPage());
  } finally {
    await browser.close();
  }
});

test('Firefox accepts the answer to a room offer, and the one after an ICE restart', async () => {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.gmp-manager.updateEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
    },
  });
  try {
    await checkAnswers(await browser.newPage());
  } finally {
    await browser.close();
  }
});

async function checkAnswers(page: Page): Promise<void> {
  const takeAnswer = async (sdp: string): Promise<PageReport> =>
    (await page.evaluate(`takeAnswer(${JSON.stringify(sdp)})`)) as PageReport;
  await page.goto(url);
  const first = offer(String(await page.evaluate('makeOffer()')));
  assert.deepEqual(first.media[1]?.rids, ['q', 'f']);
  const report = await takeAnswer(answer(first, 1));
  assert.equal(report.signalingState, 'stable');
  assert.deepEqual(report.directions, [
    ...Array<string>(4).fill('sendonly'),
    ...Array<string>(5).fill('recvonly'),
  ]);
  assert.deepEqual(report.streams, ['stream4', 'stream5', 'stream6', 'stream7', 'stream8']);
  assert.equal(report.encodings[1], 2, 'simulcast was accepted');

  const second = offer(String(await page.evaluate('restart()')));
  const change = compareOffers(first, second, []);
  assert.deepEqual(change, { ok: true, value: { iceRestart: true } });
  assert.equal((await takeAnswer(answer(second, 2))).signalingState, 'stable');
}

function offer(sdp: string): SessionOffer {
  const parsed = parseOffer(sdp);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function answer(offered: SessionOffer, sessionVersion: number): string {
  const local: LocalSession = {
    ice: { ufrag: `uf${sessionVersion}x`, pwd: `${sessionVersion}`.repeat(24) },
    fingerprint: { algorithm: 'sha-256', value: Array(32).fill('A1').join(':') },
    candidates: [
      { address: '127.0.0.1', port: 9, protocol: 'udp' },
      { address: '::1', port: 9, protocol: 'udp' },
      { address: '127.0.0.1', port: 9, protocol: 'tcp' },
    ],
    audioCodecs: ['opus', 'pcmu', 'pcma', 'telephone-event'],
    videoCodecs: ['vp8', 'h264', 'vp9', 'av1', 'h265'],
    sessionId: '4611732458',
    sessionVersion,
    outgoing: (mid) => ({
      ssrc: 1000 + Number(mid),
      rtxSsrc: 2000 + Number(mid),
      cname: 'slots',
      streamId: `stream${mid}`,
      trackId: `track${mid}`,
    }),
  };
  const negotiated = negotiate(offered, local);
  assert.ok(negotiated.ok, JSON.stringify(negotiated));
  return negotiated.value.sdp;
}
