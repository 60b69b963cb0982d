import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateFiles } from './files.ts';

test('generated documents are up to date: node tools/docs/main.ts', () => {
  for (const { path, text } of generateFiles())
    assert.equal(readFileSync(path, 'utf8'), text, path.pathname);
});
