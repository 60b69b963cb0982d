import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { Log } from '@switchyard/core/base';
import { chooseSockets } from '../src/composition/media.ts';
import { decodeConfig } from '../src/config/index.ts';
import { iceServersFor } from '../src/network/ice-servers.ts';

function configOf(rtc: object) {
  const config = decodeConfig({ rtc }, '/');
  assert.ok(config.ok, JSON.stringify(config));
  return config.value;
}

test('rtc.sockets "auto" takes batched system calls where they work; elsewhere it warns and takes portable ones', async () => {
  const warnings: unknown[] = [];
  const log: Log = { debug() {}, info() {}, warn: (fields) => warnings.push(fields), error() {} };
  const choose = (sockets: string, reason: string | null) =>
    chooseSockets(configOf({ sockets }), log, async () => reason);
  assert.equal(await choose('auto', null), 'batch');
  assert.deepEqual(warnings, []);
  assert.equal(await choose('auto', 'EPERM'), 'portable');
  assert.deepEqual(warnings, [{ reason: 'EPERM' }]);
  assert.equal(await choose('batch', 'EPERM'), 'batch', 'what is configured counts');
  assert.equal(warnings.length, 1);
});

test('ICE servers are told as configured; from a shared secret come credentials of 12 h for one identity', () => {
  const { iceServers } = configOf({
    iceServers: [
      { urls: ['stun:192.0.2.1'] },
      { urls: ['turn:192.0.2.2'], username: 'u', credential: 'c' },
      { urls: ['turn:192.0.2.3'], secret: 'shared' },
    ],
  }).rtc;
  const username = '1043200:ada';
  assert.deepEqual(iceServersFor(iceServers, 'ada', 1_000_000_500), [
    { urls: ['stun:192.0.2.1'] },
    { urls: ['turn:192.0.2.2'], username: 'u', credential: 'c' },
    {
      urls: ['turn:192.0.2.3'],
      username,
      credential: createHmac('sha1', 'shared').update(username).digest('base64'),
    },
  ]);
});

test('an ICE server has an address, and a credential or a secret', () => {
  const isRight = (server: object) => decodeConfig({ rtc: { iceServers: [server] } }, '/').ok;
  assert.equal(isRight({ urls: ['https://example.org'] }), false);
  assert.equal(isRight({ urls: ['turn:a b'] }), false);
  assert.equal(isRight({ urls: [] }), false);
  assert.equal(isRight({ urls: ['turn:a'], credential: 'c', secret: 's' }), false);
});
