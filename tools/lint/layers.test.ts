import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findImports, findViolations, readWorkspace, type SourceFile } from './layers.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const WORKSPACES = [
  '',
  ...globSync('{core,engine,runtime,control,gateways,tools}', { cwd: ROOT }),
  ...globSync('{clients,apps}/*', { cwd: ROOT }),
].flatMap((folder) => readWorkspace(ROOT, folder) ?? []);

/** All our code, except this file, whose planted violations look like imports. */
const SOURCES = '{core,engine,runtime,control,gateways,clients,apps,tools,test}/**/*.{ts,tsx}';

test('every import follows the arrows of the architecture', () => {
  const files = globSync(SOURCES, {
    cwd: ROOT,
    exclude: (path) =>
      /(?:^|\/)(?:node_modules|dist|fixtures|\.build|layers\.test\.ts)$/.test(path),
  }).map((path) => file(path, readFileSync(`${ROOT}/${path}`, 'utf8')));
  assert.ok(files.length > 10, 'the sources were found');
  assert.deepEqual(
    findViolations(files, WORKSPACES).map((violation) => violation.text),
    [],
  );
});

const PLANTED: readonly [rule: string, path: string, text: string][] = [
  ['coreOrder', 'core/src/stun/a.ts', "import { b } from '../ice/index.ts';"],
  ['coreOrder', 'core/src/base/a.ts', "import { b } from '@switchyard/core/rtp';"],
  ['coreOrder', 'core/src/rtp/a.ts', "import { b } from '@switchyard/core/sdp';"],
  ['coreOrder', 'core/src/no-such-core/a.ts', "import { b } from '../base/index.ts';"],
  ['layer', 'control/src/rooms/a.ts', "import { b } from '../../../tools/testkit/index.ts';"],
  ['layer', 'runtime/src/media/a.ts', "export { b } from '@switchyard/tools/testkit';"],
  ['layer', 'engine/src/sfu/a.ts', "import { b } from '@switchyard/tools/lab';"],
  ['undeclared', 'control/src/rooms/a.ts', "import { b } from '@switchyard/runtime/media';"],
  ['undeclared', 'runtime/src/media/a.ts', "import { b } from '@switchyard/control/rooms';"],
  ['undeclared', 'core/src/base/a.ts', "import koffi from 'koffi';"],
  ['undeclared', 'gateways/src/whip/a.ts', "const b = await import('@switchyard/runtime/net');"],
  ['packageName', 'engine/src/peer/a.ts', "import { b } from '../../../core/src/ice/index.ts';"],
  ['packageName', 'core/src/base/a.ts', "export * from '../../../engine/src/peer/index.ts';"],
  ['typeOnly', 'clients/sdk/src/a.ts', "import { b } from '@switchyard/core/signal';"],
];

for (const [rule, path, text] of PLANTED) {
  test(`a planted violation is seen (${rule}): ${path}: ${text}`, () => {
    const rules = findViolations([file(path, text)], WORKSPACES).map((violation) => violation.rule);
    assert.ok(rules.length > 0);
    // control -> tools is refused for two reasons; each of them is enough.
    assert.ok(rules.includes(rule as never) || (rule === 'layer' && rules.includes('packageName')));
  });
}

test('files that import each other are a cycle, unless one side is erased', () => {
  const a = file('core/src/base/a.ts', "import { b } from './b.ts';");
  const ring = [a, file('core/src/base/b.ts', "import { c } from './c.ts';")];
  const value = file('core/src/base/c.ts', "export { a } from './a.ts';");
  const erased = file('core/src/base/c.ts', "import type { A } from './a.ts';");
  assert.deepEqual(
    findViolations([...ring, value], WORKSPACES).map(({ rule, text }) => [
      rule,
      text.split(' -> ').length,
    ]),
    [['cycle', 4]],
  );
  assert.deepEqual(findViolations([...ring, erased], WORKSPACES), []);
});

test('what the layers allow is not refused', () => {
  const allowed: readonly [string, string][] = [
    ['core/src/ice/a.ts', "import { b } from '@switchyard/core/stun';"],
    ['engine/src/peer/a.ts', "import { b } from '@switchyard/core/ice';"],
    ['core/test/a.test.ts', "import { b } from '@switchyard/tools/testkit';"],
    ['clients/sdk/src/a.ts', "import type { B } from '@switchyard/core/signal';"],
    ['apps/server/src/a.ts', "import { b } from '@switchyard/runtime/media';"],
    ['test/e2e/a.test.ts', "import { b } from '@switchyard/tools/lab';"],
    ['runtime/src/media/a.ts', "import { readFileSync } from 'node:fs';"],
  ];
  const files = allowed.map(([path, text]) => file(path, text));
  assert.deepEqual(findViolations(files, WORKSPACES), []);
});

test('imports are found in every form they take, and only in code', () => {
  const text = `
import { a } from 'one';
import type { B } from 'two';
import type from 'three';
import {
  c,
  type D,
} from 'four';
export * from 'five';
import 'six';
const e = await import('seven');
/** An example:
 * import { f } from 'no';
 */
// const g = await import('no');
`;
  assert.deepEqual(
    findImports(text).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' (type)' : ''}`),
    ['one', 'two (type)', 'three', 'four', 'five', 'six', 'seven'],
  );
});

function file(path: string, text: string): SourceFile {
  return { path, imports: findImports(text) };
}
