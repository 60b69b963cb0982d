import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { WorkerId } from '@switchyard/core/media-api';
import { decodeConfig } from '../src/config/index.ts';
import { mediaAddresses } from '../src/network/addresses.ts';
import { Advertiser } from '../src/network/advertiser.ts';
import { workerSettings } from '../src/network/media-plan.ts';
import { findPortProblem } from '../src/network/udp-ports.ts';

const INTERFACES = [
  { name: 'lo', address: '127.0.0.1', internal: true },
  { name: 'lo', address: '::1', internal: true },
  { name: 'eth0', address: '2001:db8::2', internal: false },
  { name: 'eth0', address: '192.168.1.20', internal: false },
  { name: 'eth0', address: 'fe80::1', internal: false },
  { name: 'eth1', address: '169.254.7.7', internal: false },
  { name: 'docker0', address: '172.17.0.1', internal: false },
];
const AUTO = [{ kind: 'auto' }] as const;
const external = (...args: Parameters<typeof mediaAddresses>) =>
  mediaAddresses(...args).map((address) => address.external);

test('auto is every address that others can reach, IPv4 first; loopback in development mode', () => {
  assert.deepEqual(external(AUTO, INTERFACES, false), ['192.168.1.20', '2001:db8::2']);
  assert.deepEqual(external(AUTO, INTERFACES, true), [
    '192.168.1.20',
    '2001:db8::2',
    '127.0.0.1',
    '::1',
  ]);
  assert.deepEqual(external(AUTO, INTERFACES.slice(0, 2), false), ['127.0.0.1', '::1']);
});

test('a fixed address may stand for another one; no address is opened twice', () => {
  const fixed = { kind: 'fixed', external: '203.0.113.7', internal: '192.168.1.20' } as const;
  assert.deepEqual(mediaAddresses([fixed, ...AUTO], INTERFACES, false), [
    { external: '203.0.113.7', internal: '192.168.1.20' },
    { external: '2001:db8::2', internal: '2001:db8::2' },
  ]);
});

test('worker n has a socket on every address, at the first port and n', () => {
  const decoded = decodeConfig({ rtc: { workers: 2, udpPort: 9000 } }, '/');
  assert.ok(decoded.ok);
  const addresses = mediaAddresses(AUTO, INTERFACES, false);
  const [, second] = workerSettings(decoded.value, addresses, null, 'batch');
  assert.deepEqual(second?.udp, [
    { address: '192.168.1.20', port: 9001 },
    { address: '2001:db8::2', port: 9001 },
  ]);
});

test('clients are told the outer addresses with the ports that were opened, UDP before TCP', () => {
  const advertiser = new Advertiser([
    { external: '203.0.113.7', internal: '10.0.0.5' },
    { external: '::1', internal: '::1' },
  ]);
  const worker = 0 as WorkerId;
  assert.deepEqual(advertiser.addressesOf(worker), []);
  advertiser.setUdp(worker, [
    { address: '10.0.0.5', port: 5000 },
    { address: '::1', port: 5001 },
  ]);
  advertiser.setTcp('10.0.0.5', 7880);
  assert.deepEqual(advertiser.addressesOf(worker), [
    { protocol: 'udp', address: '203.0.113.7', port: 5000 },
    { protocol: 'udp', address: '::1', port: 5001 },
    { protocol: 'tcp', address: '203.0.113.7', port: 7880 },
  ]);
  assert.deepEqual(advertiser.udpPorts, [5000]);
});

test('a media port that is taken, or no address of ours, is found before the workers start', async () => {
  const taken = createSocket('udp4').bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address();
  const place = { address: '127.0.0.1', port };
  assert.deepEqual(await findPortProblem([place]), { ...place, code: 'EADDRINUSE' });
  taken.close();
  await once(taken, 'close');
  assert.equal(await findPortProblem([place, { address: '::1', port: 0 }]), null);
  const foreign = await findPortProblem([{ address: '203.0.113.9', port: 0 }]);
  assert.equal(foreign?.code, 'EADDRNOTAVAIL');
});
