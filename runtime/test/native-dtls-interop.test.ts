import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DtlsEvent } from '@switchyard/core/dtls';
import {
  AddressTable,
  now,
  OpensslDtlsContext,
  openUdpSocket,
  PacketSlab,
  SLOT_SIZE,
} from '@switchyard/runtime/native';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A certificate of the command line tool: P-256, so that its suites meet ours. */
function makeCertificate(folder: string): { file: string; value: string } {
  const file = join(folder, 'client.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...key, '-subj', '/CN=x', '-keyout', file, '-out', `${file}.crt`],
    { stdio: 'ignore' },
  );
  const certificate = readFileSync(`${file}.crt`);
  return { file, value: new X509Certificate(certificate).fingerprint256 };
}

/** What our server says to `openssl s_client` with these arguments, until it has said enough. */
async function serve(
  extraArguments: readonly string[],
  isEnough: (events: readonly DtlsEvent[]) => boolean,
): Promise<{ events: DtlsEvent[]; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
  const { file, value } = makeCertificate(folder);
  const slab = new PacketSlab(5);
  const opened = await openUdpSocket({
    address: '127.0.0.1',
    port: 0,
    slab,
    receiveAt: 0,
    receiveSlots: 4,
    addresses: new AddressTable(4),
  });
  assert.ok(opened.ok);
  const socket = opened.value;
  const context = new OpensslDtlsContext();
  const session = context.create({
    role: 'server',
    remoteFingerprints: [{ algorithm: 'sha-256', value }],
  });
  const client = spawn('openssl', [
    ...['s_client', '-connect', `127.0.0.1:${socket.port}`, '-cert', `${file}.crt`, '-key', file],
    ...['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '56', ...extraArguments],
  ]);
  let output = '';
  client.stdout.on('data', (text) => {
    output += text;
    if (output.includes('Keying material:') && !client.stdin.writableEnded)
      client.stdin.write('from the other side\n');
  });
  client.stderr.resume();
  client.stdin.on('error', () => {});
  const events: DtlsEvent[] = [];
  const outAt = 4 * SLOT_SIZE;
  for (const deadline = now() + 10_000; now() < deadline && !isEnough(events); ) {
    const count = socket.receive();
    for (let i = 0; i < count; i++) {
      session.handleDatagram(now(), slab.bytes, socket.positionOf(i), socket.lengthOf(i));
      for (let event = session.pollEvent(); event !== undefined; event = session.pollEvent())
        events.push(event);
      for (let n = session.pollTransmit(slab.bytes, outAt); n > 0; ) {
        socket.reply(i, outAt, n);
        socket.flush();
        n = session.pollTransmit(slab.bytes, outAt);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  client.kill();
  session.close();
  context.close();
  socket.close();
  rmSync(folder, { recursive: true });
  return { events, output };
}

test('openssl s_client connects, agrees on the keys and sends data', {
  skip: !hasOpenssl,
}, async () => {
  const { events, output } = await serve(
    ['-dtls1_2', '-use_srtp', 'SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM'],
    (seen) => seen.some(({ kind }) => kind === 'applicationData'),
  );
  const [connected, data] = events;
  assert.ok(connected?.kind === 'connected');
  assert.equal(connected.profile, 'AEAD_AES_128_GCM');
  const exported = /Keying material: ([0-9A-F]+)/.exec(output)?.[1];
  assert.equal(Buffer.from(connected.keyingMaterial).toString('hex').toUpperCase(), exported);
  assert.ok(data?.kind === 'applicationData');
  assert.equal(Buffer.from(data.bytes).toString(), 'from the other side\n');
});

for (const { title, extra } of [
  {
    title: 'DTLS 1.0',
    extra: ['-dtls1', '-cipher', 'ALL@SECLEVEL=0', '-use_srtp', 'SRTP_AEAD_AES_128_GCM'],
  },
  {
    title: 'a CBC suite',
    extra: ['-dtls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA', '-use_srtp', 'SRTP_AEAD_AES_128_GCM'],
  },
  { title: 'no SRTP profile', extra: ['-dtls1_2'] },
  {
    title: 'only the profile with 32-bit tags',
    extra: ['-dtls1_2', '-use_srtp', 'SRTP_AES128_CM_SHA1_32'],
  },
])
  test(`SEC-DTLS-09: ${title} is refused`, { skip: !hasOpenssl }, async () => {
    const { events } = await serve(extra, (seen) => seen.length > 0);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['failed'],
    );
  });
