#!/usr/bin/env node
// `npm start`: from a fresh clone to a running server. Installs and builds only what changed, then runs the server
// on Node 26 with the remaining arguments. Plain JavaScript: an older Node has to be able to run this file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { become } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { node26, ROOT } from './lib/toolchain.mjs';
import { ensureWebBuilt } from './lib/web.mjs';

ensureInstalled();
if (!ensureWebBuilt()) process.exit(1);
const server = join(ROOT, 'apps', 'server');
// A small young generation: a server's memory is its people, not its garbage.
const nodeOptions = JSON.parse(readFileSync(join(server, 'node-options.json'), 'utf8'));
become(node26(), [...nodeOptions, join(server, 'src', 'main.ts'), ...process.argv.slice(2)]);
