import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compile } from '../lib/child.ts';
import type { BenchOptions } from '../options.ts';

/** What the machine can do from C: sealing and sending the benchmark's traffic (the floor for any server here). */
export async function floor(options: BenchOptions): Promise<void> {
  run(options, [compile('limits/udp-limits.c', ['-lcrypto', '-lpthread']), 'mix']);
}

/** What it can do packet by packet: ciphers and system calls from C, then the same from TypeScript by FFI. */
export async function native(options: BenchOptions): Promise<void> {
  run(options, [compile('limits/udp-limits.c', ['-lcrypto', '-lpthread'])]);
  run(options, [
    process.execPath,
    fileURLToPath(new URL('../limits/ffi-limits.ts', import.meta.url)),
  ]);
}

/** Our packet path without the kernel: nanoseconds, heap growth and garbage collections of a million packets. */
export async function path(options: BenchOptions): Promise<void> {
  const script = fileURLToPath(new URL('../packet-path.ts', import.meta.url));
  run(options, [process.execPath, '--expose-gc', '--max-semi-space-size=1', script]);
}

function run(options: BenchOptions, command: readonly string[]): void {
  // Both cores: the C program pins its sender and its reader by itself.
  const cores = `${options.serverCore},${options.clientCore}`;
  execFileSync('taskset', ['-c', cores, ...command], { stdio: 'inherit' });
}
