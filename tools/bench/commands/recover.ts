import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchOptions } from '../options.ts';

/** Two people with the SDK in a browser; the end-to-end tests have everything for it. */
const PROGRAM = fileURLToPath(new URL('../../../test/bench/recover.ts', import.meta.url));

/**
 * How long they do not see each other after their media worker was killed: with another worker that takes
 * them over, and with only one, which has to start again first.
 */
export async function recover({ rounds }: BenchOptions): Promise<void> {
  for (const workers of [2, 1])
    execFileSync(process.execPath, [PROGRAM, String(rounds), String(workers)], {
      stdio: 'inherit',
    });
}
