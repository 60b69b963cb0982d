// Runs a program in our place: same terminal, same signals, same exit code. Plain JavaScript for older Nodes.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Hands this process over to `command`; exits as it exits. */
export function become(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the whole group, so the child has it already; a second SIGINT would mean "at once".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${command}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) =>
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)),
  );
}
