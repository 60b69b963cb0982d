#!/usr/bin/env node
// `npm run check`: everything a machine can say about the code without running it. Each step runs, whatever the
// ones before it said. Plain JavaScript: an older Node has to be able to run this file.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { node26, ROOT } from './lib/toolchain.mjs';

ensureInstalled();
const module = (...path) => join(ROOT, 'node_modules', ...path);
const steps = [
  ['types', module('.bin', 'tsc'), ['-p', 'tsconfig.json']],
  ['types (browser)', module('.bin', 'tsc'), ['-p', 'tsconfig.web.json']],
  ['format and lint', module('.bin', 'biome'), ['ci', '--error-on-warnings', '.']],
  ['unused code', node26(), [module('knip', 'bin', 'knip.js'), '--no-progress']],
  ['layers', node26(), ['--test', '--test-reporter=dot', 'tools/lint/layers.test.ts']],
];
const results = steps.map(([title, command, args]) => {
  console.log(`\n== ${title}`);
  const start = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) console.error(error.message);
  return { title, passed: status === 0, seconds: (Date.now() - start) / 1000 };
});
console.log();
for (const { title, passed, seconds } of results) {
  console.log(`${passed ? ' ok ' : 'FAIL'} ${title}  ${seconds.toFixed(1)} s`);
}
process.exit(results.every((result) => result.passed) ? 0 : 1);
