import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createSelfSignedCertificate } from '../src/net/index.ts';

const NOW = Date.UTC(2031, 4, 6, 7, 8, 9);
const made = createSelfSignedCertificate({
  commonName: 'Switchyard',
  altNames: ['localhost', '192.168.1.20', '2001:db8::1'],
  days: 90,
  now: NOW,
});
const parsed = new X509Certificate(made.cert);

test('RFC 5280: the certificate is signed by its own key and names its subject', () => {
  assert.ok(parsed.verify(parsed.publicKey));
  assert.ok(parsed.checkPrivateKey(createPrivateKey(made.key)));
  assert.equal(parsed.subject, 'CN=Switchyard');
  assert.equal(parsed.issuer, parsed.subject);
  assert.equal(parsed.ca, false);
  assert.deepEqual(new Uint8Array(parsed.raw), new Uint8Array(made.certDer));
  assert.equal(parsed.fingerprint256, made.fingerprint);
});

test('RFC 5280 §4.2.1.6: host names and addresses of both families are alternative names', () => {
  assert.ok(parsed.checkHost('localhost'));
  assert.ok(parsed.checkIP('192.168.1.20'));
  assert.ok(parsed.checkIP('2001:db8::1'));
  assert.equal(parsed.checkIP('192.168.1.21'), undefined);
});

test('it is valid from a day before its issue for the days asked', () => {
  assert.equal(parsed.validFromDate.getTime(), NOW - 86_400_000);
  assert.equal(parsed.validToDate.getTime(), NOW + 90 * 86_400_000);
});

test('RFC 5280 §4.1.2.5: dates from 2050 on are read back', () => {
  const late = createSelfSignedCertificate({
    commonName: 'late',
    altNames: [],
    days: 1,
    now: Date.UTC(2055, 0, 2),
  });
  assert.equal(new X509Certificate(late.cert).validToDate.getTime(), Date.UTC(2055, 0, 3));
});

test('many names make a certificate whose lengths need two octets', () => {
  const altNames = Array.from({ length: 60 }, (_, n) => `host-${n}.example`);
  const big = createSelfSignedCertificate({ commonName: 'big', altNames, days: 1 });
  assert.ok(new X509Certificate(big.cert).checkHost('host-59.example'));
});
