import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** What a cold phone has to load before the lobby can be used, and behind it for the call. gzip -9. */
const LOBBY_LIMIT_BYTES = 130 * 1024;
const CALL_LIMIT_BYTES = 180 * 1024;

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const isBuilt = existsSync(join(DIST, 'index.html'));
const skip = isBuilt ? false : 'there is no build: npm run build';
const page = isBuilt ? readFileSync(join(DIST, 'index.html'), 'utf8') : '';
const files = isBuilt ? readdirSync(join(DIST, 'assets')) : [];
const isEntry = (name: string) => page.includes(name);

test('the lobby is at most 130 KB of script', { skip }, (t) => {
  const bytes = gzipLength(files.filter((name) => name.endsWith('.js') && isEntry(name)));
  t.diagnostic(`${bytes} bytes gzip`);
  assert.ok(bytes > 0 && bytes <= LOBBY_LIMIT_BYTES, `${bytes} bytes`);
});

test('the call is at most 180 KB of script more', { skip }, (t) => {
  const bytes = gzipLength(files.filter((name) => name.endsWith('.js') && !isEntry(name)));
  t.diagnostic(`${bytes} bytes gzip`);
  assert.ok(bytes > 0 && bytes <= CALL_LIMIT_BYTES, `${bytes} bytes`);
});

test('the page runs under its own content policy: nothing inline, nothing from elsewhere', {
  skip,
}, () => {
  assert.doesNotMatch(page, /<script(?![^>]* src=)/);
  assert.doesNotMatch(page, /(src|href)="https?:/);
  for (const name of files.filter((one) => one.endsWith('.css'))) {
    const css = readFileSync(join(DIST, 'assets', name), 'utf8');
    assert.doesNotMatch(css, /url\((["']?)(https?:|\/\/|data:font)/, name);
  }
});

function gzipLength(names: readonly string[]): number {
  return names.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(DIST, 'assets', name)), { level: 9 }).length,
    0,
  );
}
