#!/usr/bin/env node
// Runs a script on the Node 26 that comes as a dependency, whatever the machine's own Node is.
// Plain JavaScript: an older Node has to be able to run this file.
import { become } from './lib/child.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { node26 } from './lib/toolchain.mjs';

ensureInstalled();
become(node26(), process.argv.slice(2));
