/** `npm start`: from a clone with its dependencies to a server that answers, and back to nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freeTcpPort, TestServer } from '../support/index.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

test('npm start serves, says where, and ends with code 0 on SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-start-'));
  const port = await freeTcpPort();
  const child = spawn(process.execPath, [START, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      SY_SERVER__LISTEN: `127.0.0.1:${port}`,
      SY_RTC__UDP_PORT: '0',
      SY_RTC__WORKERS: '1',
      SY_DATA__FOLDER: folder,
      SY_LOG__LEVEL: 'warn',
    },
  });
  try {
    const line = await firstLine(child.stdout);
    const said: { localUrl: string } = JSON.parse(line);
    assert.equal(new URL(said.localUrl).port, String(port));
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
  } finally {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    }
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a second server on the same port ends at once, says so and how to go on', async () => {
  await using first = await TestServer.start();
  await assert.rejects(
    TestServer.start({ env: { SY_SERVER__LISTEN: `127.0.0.1:${first.port}` } }),
    /ended[\s\S]*port/,
  );
});

/** Throws when the stream ends without one: the program said nothing. */
async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  assert.fail('npm start ended without a word');
}
