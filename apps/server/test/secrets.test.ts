import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { prettyLine } from '../src/log/pretty.ts';
import { Private } from '../src/log/private.ts';
import { createApiKey, developmentKey } from '../src/secrets/api-keys.ts';
import { selfSignedIdentity } from '../src/secrets/certificate.ts';
import { DataFolder } from '../src/secrets/data-folder.ts';

const path = mkdtempSync(join(tmpdir(), 'sy-secrets-'));
after(() => rmSync(path, { recursive: true }));
const folder = new DataFolder(join(path, 'data'));

const DAY = 86_400_000;
const NOW = Date.UTC(2031, 0, 1);

test('the certificate is kept until a name is missing in it or a week before its end', () => {
  const first = selfSignedIdentity(folder, ['localhost', '192.168.1.2'], NOW);
  assert.deepEqual(selfSignedIdentity(folder, ['localhost'], NOW + 300 * DAY), first);
  const renewed = selfSignedIdentity(folder, ['localhost'], NOW + 391 * DAY);
  assert.notEqual(renewed.cert, first.cert);
  const wider = selfSignedIdentity(folder, ['localhost', '::1'], NOW + 391 * DAY);
  assert.ok(new X509Certificate(wider.cert).checkIP('::1'));
});

test('a damaged file is replaced', () => {
  folder.write('self-signed.pem', '-----BEGIN CERTIFICATE-----\nx\n-----BEGIN PRIVATE KEY-----\ny');
  assert.ok(new X509Certificate(selfSignedIdentity(folder, ['a'], NOW).cert).checkHost('a'));
});

test('the development key stays the same, and only its owner may read it', () => {
  const key = developmentKey(folder);
  assert.deepEqual(developmentKey(folder), key);
  assert.ok(key.secret.length >= 32);
  assert.equal(statSync(join(folder.path, 'development-secret')).mode & 0o777, 0o600);
  assert.equal(statSync(folder.path).mode & 0o777, 0o700);
  assert.notEqual(createApiKey().secret, createApiKey().secret);
});

test('private values are marks in the log: equal for equal values, saying nothing else', () => {
  const written = JSON.stringify({ from: new Private('203.0.113.7') });
  assert.match(written, /^\{"from":"#[0-9a-f]{8}"\}$/);
  assert.equal(written, JSON.stringify({ from: new Private('203.0.113.7') }));
  assert.ok(!`${new Private('token')}`.includes('token'));
});

test('pretty lines hold one entry each; control characters are escaped', () => {
  const entry = { level: 30, time: NOW, msg: 'room\nstarted\u001b[2J', room: 'RM_1', name: 'a b' };
  const line = prettyLine(`${JSON.stringify(entry)}\n`, false);
  assert.equal(line, '00:00:00.000 info  room\\nstarted\\u001b[2J room=RM_1 name="a b"\n');
  assert.equal(prettyLine('not json\n', false), 'not json\n');
});
