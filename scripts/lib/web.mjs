// Builds the browser application when its sources changed. Plain JavaScript for older Nodes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { node26, ROOT } from './toolchain.mjs';

const MEET = join(ROOT, 'apps', 'meet');
const DIST = join(MEET, 'dist');
const STAMP = join(DIST, '.sources');
/** Everything that ends up in the bundle; the lock file stands for the third-party part. */
const SOURCES = ['apps/meet', 'clients', 'core/src/base', 'core/src/signal', 'package-lock.json'];
const NOT_SOURCES = new Set(['node_modules', 'dist', 'test']);

/** Bundles Meet when there is no bundle or it is older than its sources. Returns false when the build failed. */
export function ensureWebBuilt() {
  if (!existsSync(join(MEET, 'index.html'))) return true;
  const hash = hashSources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return true;
  console.error('Building Meet (once per change) …');
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const { status, stdout, stderr } = spawnSync(node26(), [vite, 'build', '--logLevel', 'warn'], {
    cwd: MEET,
    encoding: 'utf8',
  });
  if (status !== 0) {
    console.error(`${stdout ?? ''}${stderr ?? ''}\nThe build of Meet failed.`);
    return false;
  }
  writeFileSync(STAMP, hash);
  return true;
}

/** One hash over the names and contents of all sources: time stamps say nothing after a git checkout. */
function hashSources() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesIn(join(ROOT, source))) {
      hash.update(`${relative(ROOT, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [path]; // a file, not a folder
  }
  return entries
    .filter((entry) => !NOT_SOURCES.has(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)],
    );
}
