import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, millis, putU16, putU24 } from '@switchyard/core/base';
import { DtlsRecordGate, GateVerdict } from '@switchyard/core/dtls';
import fc from 'fast-check';

interface RecordFields {
  readonly type?: number;
  readonly version?: number;
  readonly epoch?: number;
  readonly body?: Uint8Array;
  /** Overrides the length that the header announces. */
  readonly length?: number;
}

function record(fields: RecordFields = {}): Uint8Array {
  const { type = 23, version = 0xfefd, epoch = 1, body = new Uint8Array(40) } = fields;
  const bytes = new Uint8Array(13 + body.length);
  bytes[0] = type;
  putU16(bytes, 1, version);
  putU16(bytes, 3, epoch);
  putU16(bytes, 11, fields.length ?? body.length);
  bytes.set(body, 13);
  return bytes;
}

interface FragmentFields {
  readonly total?: number;
  readonly sequence?: number;
  readonly offset?: number;
  readonly length?: number;
}

function fragment(fields: FragmentFields = {}): Uint8Array {
  const { total = 100, sequence = 0, offset = 0, length = 100 } = fields;
  const bytes = new Uint8Array(12 + length);
  bytes[0] = 1;
  putU24(bytes, 1, total);
  putU16(bytes, 4, sequence);
  putU24(bytes, 6, offset);
  putU24(bytes, 9, length);
  return bytes;
}

const handshake = (...fragments: readonly Uint8Array[]): Uint8Array =>
  record({ type: 22, epoch: 0, body: join(...fragments) });

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

const completed = (suite: 'aesGcm' | 'chacha20Poly1305' = 'aesGcm'): DtlsRecordGate => {
  const gate = new DtlsRecordGate();
  gate.handshakeCompleted(suite);
  return gate;
};

const check = (gate: DtlsRecordGate, bytes: Uint8Array, now = 0): number =>
  gate.check(millis(now), bytes, 0, bytes.length);

test('SEC-DTLS-01: the record that kills OpenSSL below 3.5.9 is stopped, alone and in company', () => {
  const probe = fromHex('17 fefd 0001 00000000003c 0005 4141414141');
  for (const gate of [new DtlsRecordGate(), completed()]) {
    assert.equal(check(gate, probe), GateVerdict.badProtectedLength);
    assert.equal(check(gate, join(record(), probe)), GateVerdict.badProtectedLength);
    assert.equal(check(gate, join(probe, record())), GateVerdict.badProtectedLength);
    assert.equal(gate.counts[GateVerdict.badProtectedLength], 3);
  }
});

test('RFC 5288 §3, RFC 7905 §2: encrypted records hold nonce and tag, and 18,432 bytes at most', () => {
  const ofLength = (length: number): Uint8Array => record({ body: new Uint8Array(length) });
  for (const [gate, least] of [
    [completed(), 24],
    [completed('chacha20Poly1305'), 17],
  ] as const) {
    assert.equal(check(gate, ofLength(least - 1)), GateVerdict.badProtectedLength);
    assert.equal(check(gate, ofLength(least)), GateVerdict.pass);
    assert.equal(check(gate, ofLength(18_432)), GateVerdict.pass);
    assert.equal(check(gate, ofLength(18_433)), GateVerdict.badProtectedLength);
  }
});

test('RFC 6347 §4.1: cut headers and lengths past the end are stopped', () => {
  const gate = new DtlsRecordGate();
  const good = record();
  for (let length = 0; length < good.length; length++)
    assert.equal(check(gate, good.subarray(0, length)), GateVerdict.truncated);
  assert.equal(check(gate, good), GateVerdict.pass);
  assert.equal(check(gate, join(good, good.subarray(0, 5))), GateVerdict.truncated);
});

test('types other than 20..23, versions other than 1.0 and 1.2, epochs above 1 are foreign', () => {
  const gate = new DtlsRecordGate();
  for (const type of [0, 19, 24, 25, 32, 63])
    assert.equal(check(gate, record({ type })), GateVerdict.foreign);
  for (const version of [0x0303, 0xfefc, 0xfefe, 0x0000])
    assert.equal(check(gate, record({ version })), GateVerdict.foreign);
  for (const epoch of [2, 3, 0xffff])
    assert.equal(check(gate, record({ epoch })), GateVerdict.foreign);
  assert.equal(check(gate, record({ version: 0xfeff })), GateVerdict.pass);
});

test('after completion handshake and ChangeCipherSpec still pass, alerts and data in the clear do not', () => {
  const alert = record({ type: 21, epoch: 0, body: Uint8Array.of(2, 40) });
  const spec = record({ type: 20, epoch: 0, body: Uint8Array.of(1) });
  const data = record({ type: 23, epoch: 0 });
  const before = new DtlsRecordGate();
  assert.equal(check(before, alert), GateVerdict.pass);
  assert.equal(check(before, spec), GateVerdict.pass);
  assert.equal(check(before, data), GateVerdict.unexpectedPlaintext); // CVE-2019-20786
  const after = completed();
  assert.equal(check(after, alert), GateVerdict.unexpectedPlaintext);
  assert.equal(check(after, data), GateVerdict.unexpectedPlaintext);
  assert.equal(check(after, spec), GateVerdict.pass);
  assert.equal(check(after, join(handshake(fragment()), spec, record())), GateVerdict.pass);
});

test('repetitions of the handshake after completion are limited to 20 datagrams a second', () => {
  const gate = completed();
  const hello = handshake(fragment());
  for (let i = 0; i < 20; i++) assert.equal(check(gate, hello, 5000 + i), GateVerdict.pass);
  assert.equal(check(gate, hello, 5999), GateVerdict.rateLimited);
  assert.equal(check(gate, record(), 5999), GateVerdict.pass);
  assert.equal(check(gate, hello, 6000), GateVerdict.pass);
});

test('before completion nothing limits the rate', () => {
  const gate = new DtlsRecordGate();
  for (let i = 0; i < 100; i++) assert.equal(check(gate, handshake(fragment())), GateVerdict.pass);
});

test('SEC-DTLS-02: fragments whose lengths contradict each other are stopped', () => {
  const bad: readonly FragmentFields[] = [
    { total: 16_385, length: 10 },
    { total: 100, offset: 1, length: 100 },
    { total: 100, offset: 101, length: 0 },
    { total: 100, offset: 0, length: 0 },
    { total: 0xffffff, offset: 0, length: 10 },
  ];
  for (const fields of bad) {
    const gate = new DtlsRecordGate();
    assert.equal(check(gate, handshake(fragment(fields))), GateVerdict.badFragment);
    assert.equal(check(gate, handshake(fragment(), fragment(fields))), GateVerdict.badFragment);
  }
  const gate = new DtlsRecordGate();
  assert.equal(
    check(gate, record({ type: 22, epoch: 0, body: new Uint8Array(0) })),
    GateVerdict.badFragment,
  );
  assert.equal(check(gate, handshake(fragment().subarray(0, 111))), GateVerdict.truncated);
  assert.equal(check(gate, handshake(fragment().subarray(0, 11))), GateVerdict.truncated);
  assert.equal(check(gate, handshake(fragment({ total: 0, length: 0 }))), GateVerdict.pass);
  assert.equal(check(gate, handshake(fragment({ total: 16_384, length: 100 }))), GateVerdict.pass);
});

test('SEC-DTLS-02: messages more than 8 ahead are stopped, and stray ones do not move the limit', () => {
  const gate = new DtlsRecordGate();
  assert.equal(check(gate, handshake(fragment({ sequence: 8 }))), GateVerdict.pass);
  assert.equal(check(gate, handshake(fragment({ sequence: 9 }))), GateVerdict.tooFarAhead);
  assert.equal(check(gate, handshake(fragment({ sequence: 0, length: 50 }))), GateVerdict.pass);
  assert.equal(check(gate, handshake(fragment({ sequence: 9 }))), GateVerdict.tooFarAhead);
  const tail = fragment({ sequence: 0, offset: 50, length: 50 });
  assert.equal(check(gate, handshake(tail)), GateVerdict.pass);
  assert.equal(check(gate, handshake(fragment({ sequence: 9 }))), GateVerdict.pass);
});

test('SEC-DTLS-02: messages in pieces announce 32 KiB at most, in sum', () => {
  const gate = new DtlsRecordGate();
  const piece = (sequence: number, total: number): Uint8Array =>
    handshake(fragment({ sequence, total, length: 10 }));
  assert.equal(check(gate, piece(2, 16_384)), GateVerdict.pass);
  assert.equal(check(gate, piece(2, 16_384)), GateVerdict.pass);
  assert.equal(check(gate, piece(0, 16_000)), GateVerdict.pass);
  assert.equal(check(gate, piece(1, 500)), GateVerdict.tooMuchAnnounced);
  assert.equal(check(gate, piece(1, 384)), GateVerdict.pass);
  // The end of message 0 gives its share free.
  const end = fragment({ sequence: 0, total: 16_000, offset: 15_990, length: 10 });
  assert.equal(check(gate, handshake(end)), GateVerdict.pass);
  assert.equal(check(gate, piece(3, 16_000)), GateVerdict.pass);
  assert.equal(check(gate, piece(0, 16_384)), GateVerdict.pass); // past, and kept by nobody
});

test('a hello of a browser in two fragments passes in either order', () => {
  const first = handshake(fragment({ total: 1413, length: 1175 }));
  const second = handshake(fragment({ total: 1413, offset: 1175, length: 238 }));
  for (const datagrams of [
    [first, second],
    [second, first],
  ]) {
    const gate = new DtlsRecordGate();
    for (const datagram of datagrams) assert.equal(check(gate, datagram), GateVerdict.pass);
  }
});

test('no bytes make the gate throw or read beyond the datagram', () => {
  const gates = [new DtlsRecordGate(), completed()];
  const body = fc.uint8Array({ maxLength: 60 });
  const crafted = fc
    .tuple(fc.constantFrom(20, 21, 22, 23), fc.nat(1), body)
    .map(([type, epoch, bytes]) => record({ type, epoch, body: bytes }));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), crafted), fc.uint8Array(), (bytes, behind) => {
      for (const gate of gates) {
        const sum = gate.counts.reduce((a, b) => a + b);
        const alone = new DtlsRecordGate();
        const verdict = check(alone, bytes);
        assert.equal(
          new DtlsRecordGate().check(millis(0), join(bytes, behind), 0, bytes.length),
          verdict,
        );
        check(gate, bytes);
        assert.equal(
          gate.counts.reduce((a, b) => a + b),
          sum + 1,
        );
      }
    }),
  );
});
