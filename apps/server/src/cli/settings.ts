import type { Command } from 'commander';
import { type LoadedConfig, loadConfig, printProblem } from '../config/index.ts';

/** Options by which every command that reads the configuration takes parts of it. */
export interface SettingOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly listen?: string;
  readonly publicUrl?: string;
  readonly udpPort?: string;
  readonly workers?: string;
  readonly data?: string;
  readonly logLevel?: string;
}

/** Short names for the settings that are given most often. */
const SHORTCUTS: readonly (readonly [option: keyof SettingOptions, key: string])[] = [
  ['listen', 'server.listen'],
  ['publicUrl', 'server.publicUrl'],
  ['udpPort', 'rtc.udpPort'],
  ['workers', 'rtc.workers'],
  ['data', 'data.folder'],
  ['logLevel', 'log.level'],
];

/** Exit codes that scripts rely on. */
export const ExitCode = { failed: 1, usage: 2, checkFailed: 5 } as const;

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

export function withSettings(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (default: ./switchyard.yaml)')
    .option('--set <key=value>', 'any setting, as rtc.workers=2; may be repeated', collect, [])
    .option('--listen <address>', 'server.listen, as :7880')
    .option('--public-url <origin>', 'server.publicUrl')
    .option('--udp-port <port>', 'rtc.udpPort: the first media port')
    .option('--workers <n>', 'rtc.workers')
    .option('--data <folder>', 'data.folder')
    .option('--log-level <level>', 'log.level');
}

/** The configuration from all sources; ends the program, with every problem told, when it is not right. */
export async function settingsOrExit(options: SettingOptions): Promise<LoadedConfig> {
  const shortcuts = SHORTCUTS.flatMap(([option, key]) => {
    const value = options[option];
    return value === undefined ? [] : [`${key}=${String(value)}`];
  });
  const loaded = await loadConfig({
    folder: process.cwd(),
    file: options.config,
    environment: process.env,
    assignments: [...options.set, ...shortcuts],
  });
  if (loaded.ok) return loaded.value;
  process.stderr.write('The configuration is not right:\n');
  for (const problem of loaded.error) process.stderr.write(`  ${printProblem(problem)}\n`);
  process.exit(ExitCode.checkFailed);
}
