import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { probeBatchSockets } from '../src/host/index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const skip = process.platform !== 'linux' && 'batched system calls are of Linux';

test('batched system calls work on this machine', { skip }, async () => {
  assert.equal(await probeBatchSockets(), null);
});

test('a probe that the system ends, or that cannot load a library, says so', { skip }, async () => {
  assert.match((await probeBatchSockets(fixture('refused-probe.ts'))) ?? '', /ended by SIGSYS/);
  assert.equal(
    await probeBatchSockets(fixture('failing-probe.ts')),
    'Error: libc.so.6: cannot open shared object file',
  );
});
