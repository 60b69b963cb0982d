import { Command } from 'commander';
import { stringify } from 'yaml';
import { type Config, configJsonSchema } from '../config/index.ts';
import { type SettingOptions, settingsOrExit, withSettings } from './settings.ts';

/** `sy config check|print|schema`. */
export function configCommand(): Command {
  const command = new Command('config').description('check, print or describe the configuration');
  withSettings(command.command('check'))
    .description('tell whether the configuration is right, and what is wrong with it')
    .action(async (options: SettingOptions) => {
      const { file } = await settingsOrExit(options);
      process.stdout.write(`ok: ${file ?? 'no file, defaults and environment'}\n`);
    });
  withSettings(command.command('print'))
    .description('print what counts: file, environment and options together; secrets hidden')
    .action(async (options: SettingOptions) => {
      const { config } = await settingsOrExit(options);
      process.stdout.write(stringify(withoutSecrets(config)));
    });
  command
    .command('schema')
    .description('print the JSON Schema of the file, for editors')
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  return command;
}

/** As decoded: durations in milliseconds, sizes in bytes. */
const withoutSecrets = (config: Config): object => ({
  ...config,
  keys: Object.fromEntries(Object.keys(config.keys).map((name) => [name, '(hidden)'])),
  rtc: { ...config.rtc, iceServers: config.rtc.iceServers.map(hideCredentials) },
});

const hideCredentials = (server: object): object =>
  Object.fromEntries(
    Object.entries(server).map(([name, value]) =>
      name === 'credential' || name === 'secret' ? [name, '(hidden)'] : [name, value],
    ),
  );
