#!/usr/bin/env node
// `npm start`: from a fresh clone to a running server. Installs and builds only what changed, then runs the server
// on Node 26 with the remaining arguments. Plain JavaScript: an older Node has to be able to run this file.
import { join } from 'node:path';
import { become } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { node26, ROOT } from './lib/toolchain.mjs';
import { ensureWebBuilt } from './lib/web.mjs';

ensureInstalled();
if (!ensureWebBuilt()) process.exit(1);
become(node26(), [join(ROOT, 'apps', 'server', 'src', 'main.ts'), ...process.argv.slice(2)]);
