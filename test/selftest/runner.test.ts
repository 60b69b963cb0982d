/** The reporter behind `npm test`: what it counts is what the last line of a test run says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { runFamily } from '../../scripts/lib/processes.mjs';

const REPORTER = new URL('../../scripts/lib/reporter.mjs', import.meta.url).href;
const HEAD = "import { test, describe } from 'node:test';\n";

async function runTests(body: string) {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-runner-'));
  try {
    const [file, counts] = [join(folder, 'a.test.mjs'), join(folder, 'counts.json')];
    writeFileSync(file, HEAD + body);
    const args = ['--test', `--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout'];
    const child = spawn(process.execPath, [...args, file], {
      // A test runner inside a test runner reports to its parent unless it does not know of it.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, SWITCHYARD_COUNTS: counts },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = await text(child.stdout);
    return { output, counts: JSON.parse(readFileSync(counts, 'utf8')) as unknown };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('tests are counted, suites are not', async () => {
  const { counts, output } = await runTests(`
    test('one', () => {});
    describe('suite', () => { test('two', () => {}); });
    test('three', { skip: 'no peer here' }, () => {});
    test('four', () => { throw new Error('broken on purpose'); });
  `);
  assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1 });
  assert.match(output, /FAILED four .*\n.*broken on purpose/);
  assert.match(output, /1 skipped \(no peer here\)/);
});

test('a file that does not load, or ends its process, is a failure', async () => {
  assert.deepEqual((await runTests("import './nowhere.mjs';")).counts, {
    passed: 0,
    failed: 1,
    skipped: 0,
  });
  const { counts } = await runTests("test('ends', () => process.exit(3));");
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
});

test('what a run leaves behind is ended, also in process groups of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-family-'));
  const file = join(folder, 'pid');
  const script = `
    const child = require('node:child_process').spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid));
    child.unref();
  `;
  const code = await runFamily(process.execPath, ['-e', script], {
    cwd: folder,
    timeoutMs: 10_000,
  });
  const pid = Number(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  assert.equal(code, 0);
  const end = performance.now() + 2_000;
  while (isRunning(pid) && performance.now() < end) await new Promise(setImmediate);
  assert.ok(!isRunning(pid));
});

/** A killed process may stay in the table as a zombie until its parent looks. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
