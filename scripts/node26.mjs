#!/usr/bin/env node
// Runs a script on the Node 26 that comes as a dependency, whatever the machine's own Node is.
// Plain JavaScript: an older Node has to be able to run this file.
import { spawn } from 'node:child_process';
import { node26 } from './lib/toolchain.mjs';

const child = spawn(node26(), process.argv.slice(2), { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
