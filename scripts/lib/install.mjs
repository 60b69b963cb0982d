// Keeps node_modules in step with package-lock.json. Plain JavaScript: an older Node has to be able to run this file.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './toolchain.mjs';

const MODULES = join(ROOT, 'node_modules');
const LOCK = join(ROOT, 'package-lock.json');
const STAMP = join(MODULES, '.switchyard-lock');
/** Written by npm itself: what it put into node_modules, in the format of package-lock.json. */
const INSTALLED = join(MODULES, '.package-lock.json');

/** Installs the dependencies when they are missing or not those of the lock file; says so in one line. */
export function ensureInstalled() {
  const hash = existsSync(LOCK) ? sha256(readFileSync(LOCK)) : '';
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  if (!installedAsLocked()) {
    console.error('Installing dependencies (npm install, once) …');
    // Not `npm ci`: that refuses a lock file that lacks another platform's optional packages, and starts from nothing.
    const [npm, ...script] = npmCommand();
    const { status, stdout, stderr } = spawnSync(
      npm,
      [...script, 'install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error'],
      { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' },
    );
    if (status !== 0) {
      console.error(
        `${stdout ?? ''}${stderr ?? ''}\nThe installation failed; nothing was started.`,
      );
      process.exit(1);
    }
  }
  writeFileSync(STAMP, existsSync(LOCK) ? sha256(readFileSync(LOCK)) : '');
}

/** Whether someone ran npm by hand: every locked package is there in the locked version (optional ones may lack). */
function installedAsLocked() {
  try {
    const wanted = JSON.parse(readFileSync(LOCK, 'utf8')).packages;
    const present = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (!path.startsWith('node_modules/') || (entry.optional && !present[path])) return true;
      return present[path]?.version === entry.version;
    });
  } catch {
    return false;
  }
}

/** The npm that runs us, as `npm start` tells it; else the one on the path. */
function npmCommand() {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
