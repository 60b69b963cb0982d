import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeConfig } from '../src/config/index.ts';
import { checkAddresses, checkEcho } from '../src/doctor/addresses.ts';
import { checkCertificate } from '../src/doctor/certificate.ts';
import { examine, printFinding } from '../src/doctor/index.ts';
import { checkPorts } from '../src/doctor/ports.ts';
import { checkClock, checkNode, checkSockets } from '../src/doctor/system.ts';
import { selfSignedIdentity } from '../src/secrets/certificate.ts';
import { DataFolder } from '../src/secrets/data-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'sy-doctor-'));
after(() => rmSync(folder, { recursive: true }));
const LOOPBACK = [{ external: '127.0.0.1', internal: '127.0.0.1' }];

function configOf(input: object) {
  const config = decodeConfig(input, folder);
  assert.ok(config.ok, JSON.stringify(config));
  return config.value;
}

test('free ports are well; a taken one fails with what to do', async () => {
  const rtc = { udpPort: 0, workers: 1 };
  const free = configOf({ server: { listen: '127.0.0.1:0' }, rtc });
  assert.deepEqual(
    (await checkPorts(free, LOOPBACK)).map(({ status }) => status),
    ['ok', 'ok'],
  );
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.on('connection', (socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'));
  const taken = configOf({ server: { listen: `127.0.0.1:${port}` }, rtc });
  const [tcp] = await checkPorts(taken, LOOPBACK);
  assert.equal(tcp?.status, 'fail');
  assert.match(tcp?.detail ?? '', /taken by another program/);
  assert.match(tcp?.fix ?? '', /--listen/);
});

test('an address that is not ours fails, private ones alone are worth a word, and UDP comes back over ours', async () => {
  const foreign = await checkAddresses([{ external: '8.8.8.8', internal: '8.8.8.8' }]);
  assert.deepEqual(
    foreign.map(({ name, status }) => `${name} ${status}`),
    ['addresses fail'],
  );
  const local = await checkAddresses(LOOPBACK);
  assert.deepEqual(
    local.map(({ name, status }) => `${name} ${status}`),
    ['addresses warn', 'UDP echo ok'],
  );
  const behindNat = await checkAddresses([{ external: '8.8.8.8', internal: '127.0.0.1' }]);
  assert.equal(behindNat[0]?.status, 'ok');
  assert.equal((await checkEcho('192.0.2.77')).status, 'fail');
});

test('Node.js, sockets and clock', async () => {
  assert.equal(checkNode('26.10.0').status, 'ok');
  assert.equal(checkNode('24.1.0').status, 'fail');
  const sockets = (kind: string, reason: string | null) =>
    checkSockets(configOf({ rtc: { sockets: kind } }), async () => reason);
  assert.equal((await sockets('auto', null)).status, 'ok');
  assert.equal((await sockets('auto', 'EPERM')).status, 'warn');
  assert.equal((await sockets('batch', 'EPERM')).status, 'fail');
  assert.equal((await sockets('portable', 'EPERM')).status, 'ok');
  assert.equal(checkClock(0).status, 'fail');
  assert.match(checkClock(Date.UTC(2026, 10, 23), true).detail, /^2026-11-23.*set by the network$/);
});

test('the days that a certificate has left', () => {
  const now = Date.UTC(2026, 10, 23);
  const { cert } = selfSignedIdentity(new DataFolder(folder), ['localhost'], now);
  const pem = cert.toString();
  const after = (days: number) => checkCertificate(pem, 'files', now + days * 86_400_000);
  assert.deepEqual(after(1), { name: 'certificate', status: 'ok', detail: '396 days left' });
  assert.equal(after(390).status, 'warn');
  assert.equal(after(400).status, 'fail');
  assert.equal(checkCertificate(pem, 'selfSigned', now).status, 'warn');
  assert.equal(checkCertificate(null, 'off').status, 'warn');
  assert.equal(checkCertificate({ message: 'no file', fix: '' }, 'files').status, 'fail');
});

test('an examination names everything that a server needs, each with what to do when it is not well', async () => {
  const config = configOf({
    server: { listen: '127.0.0.1:0' },
    rtc: { udpPort: 0, workers: 1, advertise: ['127.0.0.1'], sockets: 'portable' },
  });
  const findings = await examine(config);
  assert.deepEqual(
    findings.map(({ name }) => name),
    [
      'Node.js',
      'clock',
      'sockets',
      'TCP port',
      'UDP ports',
      'addresses',
      'UDP echo',
      'certificate',
    ],
  );
  for (const finding of findings) {
    assert.equal(finding.fix === undefined, finding.status === 'ok', finding.name);
    assert.ok(printFinding(finding).startsWith(finding.status));
  }
});
