import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printBanner } from '../src/banner.ts';
import type { ServerInfo } from '../src/composition/server-info.ts';

const INFO: ServerInfo = {
  version: '1.0.0',
  pid: 1,
  url: 'https://192.168.1.20:7880',
  localUrl: 'http://localhost:7880',
  meet: 'https://192.168.1.20:7880/',
  ports: { tcp: 7880, udp: [7882, 7883], mediaOverTcp: true },
  addresses: ['192.168.1.20', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', '127.0.0.1', '::1'],
  tls: 'selfSigned',
  devKey: { id: 'devkey', secret: 'x'.repeat(43) },
  dataFolder: '/srv/data',
};

const PLAIN = { colours: false, qrCode: false, startedInMs: 1_349 };

test('the greeting fits into 80 columns of plain text', () => {
  const text = printBanner(INFO, PLAIN);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(text, /^[\x20-\x7e\n]*$/);
  assert.match(text, /Switchyard 1\.0\.0 {3}ready in 1\.3 s/);
  assert.match(text, /Meet {6}https:\/\/192\.168\.1\.20:7880\//);
  assert.match(text, /DEVELOPMENT MODE/);
  assert.match(text, /udp\/7882-7883, tcp\/7880 {3}2 workers/);
});

test('without development mode no key is shown, without Meet the way to get it', () => {
  const text = printBanner({ ...INFO, devKey: null, meet: null, tls: 'files' }, PLAIN);
  assert.doesNotMatch(text, /key|DEVELOPMENT|self-signed/i);
  assert.match(text, /npm run build/);
});

test('a terminal gets colours and a QR code', () => {
  const text = printBanner(INFO, { ...PLAIN, colours: true, qrCode: true });
  assert.ok(text.includes('\x1b[1m'));
  assert.match(text, /[▀▄█]/);
});
