import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex, type Millis, millis, NEVER } from '@switchyard/core/base';
import {
  type DtlsEvent,
  DtlsRecordGate,
  type DtlsSession,
  GateVerdict,
} from '@switchyard/core/dtls';
import { createCertificate, now, OpensslDtlsContext } from '@switchyard/runtime/native';
import fc from 'fast-check';
import { SharedDtlsState } from '../src/native/dtls-context.ts';
import { OpensslDtlsSession } from '../src/native/dtls-session.ts';

const ours = new OpensslDtlsContext();
const theirs = new OpensslDtlsContext();
const scratch = Buffer.alloc(2048);

function sessions(serverTrusts = [theirs.fingerprint]): {
  server: DtlsSession;
  client: DtlsSession;
} {
  return {
    server: ours.create({ role: 'server', remoteFingerprints: serverTrusts }),
    client: theirs.create({ role: 'client', remoteFingerprints: [ours.fingerprint] }),
  };
}

function drain(session: DtlsSession): Buffer[] {
  const datagrams: Buffer[] = [];
  for (;;) {
    const length = session.pollTransmit(scratch, 0);
    if (length === 0) return datagrams;
    assert.ok(length <= 1200);
    datagrams.push(Buffer.from(scratch.subarray(0, length)));
  }
}

const feed = (session: DtlsSession, datagram: Uint8Array): boolean =>
  session.handleDatagram(now(), datagram, 0, datagram.length);

/** Carries datagrams until both are silent; `passes` may hold some back. */
function exchange(
  { server, client }: { server: DtlsSession; client: DtlsSession },
  passes: () => boolean = () => true,
): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const)
      for (const datagram of drain(from)) {
        moved = true;
        if (passes()) feed(to, datagram);
      }
  }
}

function events(session: DtlsSession): DtlsEvent[] {
  const all: DtlsEvent[] = [];
  for (;;) {
    const event = session.pollEvent();
    if (event === undefined) return all;
    all.push(event);
  }
}

function connect(): { server: DtlsSession; client: DtlsSession } {
  const both = sessions();
  both.client.handleTimeout(now());
  exchange(both);
  const kinds = [...events(both.server), ...events(both.client)].map(({ kind }) => kind);
  assert.deepEqual(kinds, ['connected', 'connected']);
  return both;
}

function sendText(from: DtlsSession, to: DtlsSession, text: string): DtlsEvent[] {
  const bytes = Buffer.from(text);
  assert.ok(from.send(bytes, 0, bytes.length));
  for (const datagram of drain(from)) feed(to, datagram);
  return events(to);
}

function closeAll(...all: readonly DtlsSession[]): void {
  for (const session of all) session.close();
}

test('RFC 5764 §4.2: both ends export the same keys and know their side', () => {
  const both = sessions();
  both.client.handleTimeout(now());
  exchange(both);
  const [atServer] = events(both.server);
  const [atClient] = events(both.client);
  assert.ok(atServer?.kind === 'connected' && atClient?.kind === 'connected');
  assert.equal(atServer.profile, 'AEAD_AES_128_GCM');
  assert.equal(atServer.keyingMaterial.length, 56);
  assert.deepEqual(atServer.keyingMaterial, atClient.keyingMaterial);
  assert.ok(atServer.isServer && !atClient.isServer);
  assert.equal(both.server.nextTimeout(), NEVER);
  closeAll(both.server, both.client);
});

test('our certificate is a valid P-256 one of 30 days, with the fingerprint we announce', () => {
  const start = Date.UTC(2026, 10, 22);
  const { certificate, fingerprint } = createCertificate(start);
  const parsed = new X509Certificate(certificate);
  assert.equal(parsed.fingerprint256, fingerprint.value);
  assert.ok(parsed.verify(parsed.publicKey));
  assert.equal(parsed.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(parsed.validToDate.getTime(), start + 30 * 86_400_000);
  assert.equal(parsed.subject, 'CN=switchyard');
});

test('RFC 8122 §5: sha-256, sha-384 and sha-512 are accepted, in any case, any one of several', () => {
  const certificate = createCertificate(Date.now());
  const peer = new OpensslDtlsContext(certificate);
  const { fingerprint256, fingerprint512 } = new X509Certificate(certificate.certificate);
  const wrong = { algorithm: 'sha-256', value: ours.fingerprint.value };
  for (const remoteFingerprints of [
    [{ algorithm: 'sha-256', value: fingerprint256.toLowerCase() }],
    [wrong, { algorithm: 'SHA-512', value: fingerprint512 }],
  ]) {
    const server = ours.create({ role: 'server', remoteFingerprints });
    const client = peer.create({ role: 'client', remoteFingerprints: [ours.fingerprint] });
    client.handleTimeout(now());
    exchange({ server, client });
    assert.equal(server.pollEvent()?.kind, 'connected');
    closeAll(server, client);
  }
  peer.close();
});

test('RFC 8122 §5: another certificate, no fingerprint and weak hashes end the association, both roles', () => {
  const refused = [
    [],
    [{ algorithm: 'sha-256', value: ours.fingerprint.value }],
    [{ algorithm: 'sha-1', value: theirs.fingerprint.value }],
    [{ algorithm: 'md5', value: '00' }],
    [{ algorithm: 'constructor', value: '' }],
    [{ algorithm: 'sha-256', value: theirs.fingerprint.value.slice(0, -3) }],
    [{ algorithm: 'sha-256', value: 'nonsense' }],
  ];
  for (const remoteFingerprints of refused)
    for (const role of ['server', 'client'] as const) {
      const strict = ours.create({ role, remoteFingerprints });
      const other = theirs.create({
        role: role === 'server' ? 'client' : 'server',
        remoteFingerprints: [ours.fingerprint],
      });
      const both =
        role === 'server' ? { server: strict, client: other } : { server: other, client: strict };
      both.client.handleTimeout(now());
      exchange(both);
      const [event, ...more] = events(strict);
      assert.ok(event?.kind === 'failed' && event.reason === 'fingerprintMismatch');
      assert.deepEqual(more, []);
      assert.equal(strict.send(scratch, 0, 10), false);
      closeAll(strict, other);
    }
});

test('application data travels both ways, in records', () => {
  const { server, client } = connect();
  for (const text of ['first', 'second', 'x'.repeat(1100)]) {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const)
      assert.deepEqual(sendText(from, to, text), [
        { kind: 'applicationData', bytes: Uint8Array.from(Buffer.from(text)) },
      ]);
  }
  closeAll(server, client);
});

test('close says close_notify, once, and the peer learns of it', () => {
  const { server, client } = connect();
  server.close();
  server.close();
  const goodbye = drain(server);
  assert.equal(goodbye.length, 1);
  feed(client, goodbye[0]!);
  assert.deepEqual(events(client), [{ kind: 'closed' }]);
  feed(client, goodbye[0]!);
  assert.deepEqual(events(client), []);
  assert.equal(client.nextTimeout(), NEVER);
  closeAll(server, client);
});

test('an association that nobody answers is given up after 30 s', () => {
  const client = theirs.create({ role: 'client', remoteFingerprints: [ours.fingerprint] });
  assert.ok(client.nextTimeout() <= now());
  const start = now();
  client.handleTimeout(start);
  assert.equal(drain(client).length, 1);
  assert.ok(client.nextTimeout() > start && client.nextTimeout() <= start + 102);
  client.handleTimeout(millis(start + 30_000));
  const [event] = events(client);
  assert.ok(event?.kind === 'failed' && event.reason === 'timeout');
  client.close();
});

test('a server that nobody calls waits', () => {
  const { server, client } = sessions();
  assert.equal(server.nextTimeout(), NEVER);
  server.handleTimeout(millis(1e9));
  assert.deepEqual(events(server), []);
  closeAll(server, client);
});

test('SEC-DTLS-03: whichever datagram is lost, the handshake completes, through the gate', async () => {
  for (let lost = 0; lost < 5; lost++) {
    const both = sessions();
    let index = 0;
    const kinds: string[] = [];
    both.client.handleTimeout(now());
    for (let round = 0; round < 8 && kinds.length < 2; round++) {
      exchange(both, () => index++ !== lost);
      for (const session of [both.server, both.client])
        kinds.push(...events(session).map(({ kind }) => kind));
      if (kinds.length === 2) break;
      const deadline: Millis = millis(
        Math.min(both.server.nextTimeout(), both.client.nextTimeout()),
      );
      await sleep(Math.max(0, deadline - now()) + 1);
      both.server.handleTimeout(now());
      both.client.handleTimeout(now());
    }
    assert.deepEqual(kinds, ['connected', 'connected'], `datagram ${lost} lost`);
    assert.equal(sendText(both.client, both.server, 'alive').length, 1);
    closeAll(both.server, both.client);
  }
});

const PROBE = fromHex('17 fefd 0001 00000000003c 0005 4141414141');

test('SEC-DTLS-01: short, foreign and plaintext records end nothing and are answered by nothing', () => {
  const { server, client } = connect();
  const good = (): Buffer => {
    assert.ok(client.send(Buffer.from('good'), 0, 4));
    return drain(client)[0]!;
  };
  for (let epoch = 0; epoch <= 3; epoch++)
    for (const type of [20, 21, 22, 23, 24])
      for (let length = 0; length <= 64; length++) {
        const record = Buffer.alloc(13 + length, 0x41);
        record.writeUInt8(type, 0);
        record.writeUInt16BE(0xfefd, 1);
        record.writeUInt16BE(epoch, 3);
        record.writeUIntBE(0x1000 + length, 5, 6);
        record.writeUInt16BE(length, 11);
        feed(server, record);
        if (length % 16 === 5) {
          feed(server, Buffer.concat([record, good()]));
          feed(server, Buffer.concat([good(), record]));
        }
      }
  feed(server, PROBE);
  assert.deepEqual(drain(server), []);
  assert.ok(events(server).every(({ kind }) => kind === 'applicationData'));
  assert.equal(sendText(client, server, 'alive').length, 1);
  closeAll(server, client);
});

test('SEC-DTLS-01: the same probe without the gate, to know when the OpenSSL of node is mended', (t) => {
  const certificate = createCertificate(Date.now());
  const shared = new SharedDtlsState(certificate);
  const open = new DtlsRecordGate();
  open.check = () => GateVerdict.pass;
  const options = { role: 'server', remoteFingerprints: [theirs.fingerprint] } as const;
  const server = new OpensslDtlsSession(shared, options, open);
  const client = theirs.create({
    role: 'client',
    remoteFingerprints: [certificate.fingerprint],
  });
  client.handleTimeout(now());
  exchange({ server, client });
  assert.equal(server.pollEvent()?.kind, 'connected');
  feed(server, PROBE);
  const dies = events(server).some(({ kind }) => kind === 'failed');
  t.diagnostic(
    `OpenSSL ${process.versions.openssl}: one short record ${dies ? 'ends' : 'does not end'} an association without the gate`,
  );
  closeAll(server, client);
  shared.release();
});

test('DTLS hello race (CVE-2023-49786): a second hello in mid-handshake changes nothing', () => {
  const both = sessions();
  const intruder = theirs.create({ role: 'client', remoteFingerprints: [ours.fingerprint] });
  both.client.handleTimeout(now());
  intruder.handleTimeout(now());
  const [hello] = drain(both.client);
  const [otherHello] = drain(intruder);
  feed(both.server, hello!);
  feed(both.server, otherHello!);
  exchange(both);
  assert.equal(both.server.pollEvent()?.kind, 'connected');
  closeAll(both.server, both.client, intruder);
});

test('no bytes make a session throw, and none but the last flight reach OpenSSL after completion', () => {
  const { server, client } = connect();
  const record = fc
    .tuple(fc.constantFrom(20, 21, 22, 23, 25), fc.nat(3), fc.uint8Array({ maxLength: 80 }))
    .map(([type, epoch, body]) => {
      const header = fromHex('00 fefd 0000 000000001000 0000');
      header[0] = type;
      header[4] = epoch;
      header[12] = body.length;
      return Buffer.concat([header, body]);
    });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(record, { maxLength: 4 }).map((records) => Buffer.concat(records)),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      feed(server, bytes);
      const fresh = ours.create({ role: 'server', remoteFingerprints: [theirs.fingerprint] });
      feed(fresh, bytes);
      assert.ok(events(fresh).every(({ kind }) => kind === 'failed'));
      fresh.close();
    }),
    { numRuns: 500 },
  );
  assert.deepEqual(events(server), []);
  assert.equal(sendText(client, server, 'alive').length, 1);
  closeAll(server, client);
});

test('SEC-DTLS-01, 02: associations give back what they took', () => {
  const total = Number(process.env['SWITCHYARD_LEAK_SESSIONS'] ?? 600);
  const cycle = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const { server, client } = connect();
      closeAll(server, client);
      const halfOpen = sessions();
      halfOpen.client.handleTimeout(now());
      feed(halfOpen.server, drain(halfOpen.client)[0]!);
      closeAll(halfOpen.server, halfOpen.client);
    }
  };
  cycle(150); // until the heaps have found their size
  const before = process.memoryUsage().rss;
  cycle(total / 2);
  const growth = process.memoryUsage().rss - before;
  assert.ok(growth < 12_000_000, `${growth} bytes after ${total} associations`);
});

test('SEC-DTLS-02: hostile fragments make no half-open association hold more than 100 KiB', (t) => {
  const count = 300;
  const { client } = sessions();
  client.handleTimeout(now());
  const hello = drain(client)[0]!;
  const halfOpen = Array.from({ length: count }, () =>
    ours.create({ role: 'server', remoteFingerprints: [theirs.fingerprint] }),
  );
  const before = process.memoryUsage().rss;
  for (const session of halfOpen) {
    feed(session, hello);
    for (let i = 0; i < 100; i++) {
      const body = fromHex('0b 004000 0001 000000 000001 00');
      body.set([(i % 10) + 1], 5); // message_seq
      body.set([i], 8); // fragment_offset
      const header = fromHex('16 fefd 0000 000000000000 000d');
      header[10] = i + 1; // a fresh record number, or OpenSSL takes it for a repetition
      feed(session, Buffer.concat([header, body]));
    }
    drain(session);
  }
  const each = (process.memoryUsage().rss - before) / count;
  t.diagnostic(`${(each / 1024).toFixed(0)} KiB each`);
  assert.ok(each < 100 * 1024, `${each} bytes each`);
  closeAll(client, ...halfOpen);
});

test('a context that is closed lets its associations finish', () => {
  const context = new OpensslDtlsContext();
  const server = context.create({ role: 'server', remoteFingerprints: [theirs.fingerprint] });
  const client = theirs.create({ role: 'client', remoteFingerprints: [context.fingerprint] });
  context.close();
  context.close();
  client.handleTimeout(now());
  exchange({ server, client });
  assert.equal(server.pollEvent()?.kind, 'connected');
  closeAll(server, client);
  assert.throws(() => context.create({ role: 'server', remoteFingerprints: [] }), /closed/);
});
