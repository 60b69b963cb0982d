/** `npm run bench`: measures WebRTC servers side by side on one machine. docs/benchmarks.md has the method. */
import { forward, latency, memory } from './commands/compare.ts';
import { join } from './commands/join.ts';
import { floor, native, path } from './commands/machine.ts';
import { recover } from './commands/recover.ts';
import { saturate } from './commands/saturate.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';

const COMMANDS: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  forward,
  saturate,
  memory,
  join,
  latency,
  recover,
  native,
  floor,
  path,
};

try {
  const { command, options } = parseOptions(process.argv.slice(2));
  const run = COMMANDS[command ?? 'forward'];
  if (!run) throw new Error(`no command ${command}`);
  await run(options);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exitCode = 2;
}
