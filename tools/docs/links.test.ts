/** Documents lead somewhere: every relative link and image of every Markdown file names a file that exists. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findTargets, headingAnchors } from './links.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LEFT_OUT = new Set(['node_modules', 'dist', '.build', '.git', 'data', 'test-results']);

const documents = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (path) => LEFT_OUT.has(path.slice(path.lastIndexOf('/') + 1)),
});

test('every relative link and image of the documents exists', () => {
  const broken = documents.flatMap((path) => brokenTargets(path).map((to) => `${path} -> ${to}`));
  assert.deepEqual(broken, []);
  assert.ok(documents.length > 10, 'the documents were not found');
});

test('targets are found in links, images and definitions, and nowhere in code', () => {
  const text = [
    'See [a](a.md), ![b](img/b.png "title") and [c](<c d.md>) or [e][f].',
    '[f]: f.md#top',
    '<img src="docs/g.png" width="3">',
    '`[no](no.md)`',
    '```',
    '[no](no.md)',
    '```',
    '[out](https://example.org/x) [mail](mailto:a@example.org) [here](#here)',
  ].join('\n');
  assert.deepEqual(findTargets(text), [
    'a.md',
    'img/b.png',
    'c d.md',
    '#here',
    'f.md#top',
    'docs/g.png',
  ]);
});

test('headings become anchors as on GitHub, repeated ones are numbered', () => {
  const anchors = headingAnchors('# One two\n## `code` & more!\n## One two\n```\n# no\n```');
  assert.deepEqual([...anchors], ['one-two', 'code--more', 'one-two-1']);
});

function brokenTargets(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return findTargets(text).filter((target) => {
    const [file = '', anchor] = target.split('#');
    const to = file === '' ? path : join(dirname(path), decodeURIComponent(file));
    if (to.startsWith('..') || !existsSync(join(ROOT, to))) return true;
    if (anchor === undefined || !to.endsWith('.md')) return false;
    return !headingAnchors(readFileSync(join(ROOT, to), 'utf8')).has(anchor);
  });
}
