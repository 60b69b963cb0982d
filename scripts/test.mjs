#!/usr/bin/env node
// `npm test [-- --unit | --e2e] [part of a file name …]`: all tests, from a fresh clone. Plain JavaScript: an older
// Node has to be able to run this file. The last line is "N passed, N failed, N skipped".
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureDebianPackages } from './lib/debian.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runFamily } from './lib/processes.mjs';
import { node26, ROOT } from './lib/toolchain.mjs';
import { ensureWebBuilt } from './lib/web.mjs';

const PACKAGES = ['core', 'engine', 'runtime', 'control', 'gateways', 'clients', 'apps', 'tools'];
/** The whole run ends within 25 minutes, whatever hangs. */
const UNIT_LIMIT_MS = 8 * 60_000;
const E2E_LIMIT_MS = 14 * 60_000;

const options = process.argv.slice(2);
const unknown = options.filter((o) => o.startsWith('-') && o !== '--unit' && o !== '--e2e');
if (unknown.length > 0) {
  console.error(
    `unknown option ${unknown[0]}; usage: npm test -- [--unit] [--e2e] [part of a file name …]`,
  );
  process.exit(2);
}
const filters = options.filter((o) => !o.startsWith('-'));
const all = !options.includes('--unit') && !options.includes('--e2e');
const total = { passed: 0, failed: 0, skipped: 0 };

ensureInstalled();
if (all || options.includes('--unit')) {
  const files = PACKAGES.flatMap((folder) => testFiles(join(ROOT, folder)));
  await run('unit', files, {
    concurrency: availableParallelism(),
    testMs: 120_000,
    limitMs: UNIT_LIMIT_MS,
  });
}
if (all || options.includes('--e2e')) {
  const files = testFiles(join(ROOT, 'test'));
  if (selected(files).length > 0) {
    const leftOut = ensureDebianPackages();
    if (leftOut) console.log(leftOut);
    if (!ensureWebBuilt()) total.failed++;
    // Browsers need the whole machine: one file at a time.
    await run('end-to-end', files, { concurrency: 1, testMs: 180_000, limitMs: E2E_LIMIT_MS });
  }
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

async function run(title, files, { concurrency, testMs, limitMs }) {
  const chosen = selected(files);
  if (chosen.length === 0) return;
  console.log(`${title} tests: ${chosen.length} files`);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-test-'));
  const counts = join(folder, 'counts.json');
  const code = await runFamily(
    node26(),
    [
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${testMs}`,
      `--test-reporter=${new URL('./lib/reporter.mjs', import.meta.url).href}`,
      '--test-reporter-destination=stdout',
      ...chosen,
    ],
    { cwd: ROOT, env: { SWITCHYARD_COUNTS: counts }, timeoutMs: limitMs },
  );
  try {
    const result = JSON.parse(readFileSync(counts, 'utf8'));
    for (const key of Object.keys(total)) total[key] += result[key];
    if (code !== 0 && result.failed === 0) total.failed++;
  } catch {
    total.failed++; // the runner did not reach its end
  }
  rmSync(folder, { recursive: true, force: true });
}

function selected(files) {
  if (filters.length === 0) return files;
  return files.filter((file) => filters.some((part) => relative(ROOT, file).includes(part)));
}

function testFiles(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(
      (entry) =>
        entry.name !== 'node_modules' && entry.name !== 'dist' && !entry.name.startsWith('.'),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return testFiles(path);
      return entry.name.endsWith('.test.ts') ? [path] : [];
    });
}
