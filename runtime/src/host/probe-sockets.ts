import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROBE = fileURLToPath(new URL('../native/probe-main.ts', import.meta.url));
const TIMEOUT_MS = 10_000;

/**
 * Whether media workers can use batched system calls on this machine: null when they can, else why not.
 * Tried in a child process, because a seccomp profile may end whoever makes a forbidden call.
 *
 * @param program the program that tries; its own by default.
 */
export function probeBatchSockets(program: string = PROBE): Promise<string | null> {
  if (process.platform !== 'linux') return Promise.resolve('only Linux has these system calls');
  return new Promise((resolve) => {
    execFile(process.execPath, [program], { timeout: TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve(null);
      else if (error.signal) resolve(`the attempt was ended by ${error.signal}`);
      else resolve(reasonIn(stderr) ?? `exit code ${error.code}`);
    });
  });
}

/** The line that says what is wrong, of a message of ours or an uncaught error. */
function reasonIn(text: string): string | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0])?.slice(0, 200) ?? null;
}
