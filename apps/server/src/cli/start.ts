import { constants } from 'node:os';
import { Command } from 'commander';
import { printBanner } from '../banner.ts';
import { createLogger } from '../log/logger.ts';
import type { SwitchyardServer } from '../server.ts';
import { ExitCode, type SettingOptions, settingsOrExit, withSettings } from './settings.ts';

interface StartOptions extends SettingOptions {
  readonly json?: boolean;
}

/** `sy start`. */
export function startCommand(): Command {
  return withSettings(new Command('start'))
    .description('run the server')
    .option('--json', 'say where it runs as one JSON object on one line; the log goes to stderr')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const { config } = await settingsOrExit(options);
  const isJson = options.json === true;
  const stream = isJson ? process.stderr : process.stdout;
  const log = createLogger({ ...config.log, stream });
  // Loaded here, so that the other commands answer at once.
  const { SwitchyardServer } = await import('../server.ts');
  const started = await SwitchyardServer.start(config, log);
  if (!started.ok) {
    process.stderr.write(`${started.error.message}\n${started.error.fix}\n`);
    process.exit(ExitCode.failed);
  }
  const server = started.value;
  closeOnSignal(server);
  const isTerminal = stream.isTTY === true;
  process.stdout.write(
    isJson
      ? `${JSON.stringify(server.info)}\n`
      : printBanner(server.info, {
          colours: isTerminal && process.env['NO_COLOR'] === undefined,
          qrCode: isTerminal,
          startedInMs: performance.now(),
        }),
  );
}

/** The first signal lets everybody go in order, a second one ends the process at once. */
function closeOnSignal(server: SwitchyardServer): void {
  let isClosing = false;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    if (isClosing) process.exit(128 + constants.signals[signal]);
    isClosing = true;
    void server.close().then(
      () => process.exit(0),
      () => process.exit(ExitCode.failed),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
