import { signToken } from '@switchyard/control/auth';
import { Command } from 'commander';
import { createApiKey, developmentKey } from '../secrets/api-keys.ts';
import { DataFolder } from '../secrets/data-folder.ts';
import { adminToken } from './rest-client.ts';
import { ExitCode, type SettingOptions, settingsOrExit, withSettings } from './settings.ts';

/** `sy keys create`. */
export function keysCommand(): Command {
  const command = new Command('keys').description('API keys');
  command
    .command('create')
    .description('make an API key and print what to put into switchyard.yaml')
    .option('--json', 'print {"id", "secret"}')
    .action(({ json }: { readonly json?: boolean }) => {
      const key = createApiKey();
      const text = json === true ? JSON.stringify(key) : `keys:\n  ${key.id}: ${key.secret}`;
      process.stdout.write(`${text}\n`);
    });
  return command;
}

interface TokenOptions extends SettingOptions {
  readonly room?: string;
  readonly identity?: string;
  readonly name?: string;
  readonly key?: string;
  readonly ttl: string;
  readonly listenOnly?: boolean;
  readonly moderator?: boolean;
  readonly admin?: boolean;
}

/** `sy token create`. */
export function tokenCommand(): Command {
  const command = new Command('token').description('access tokens');
  withSettings(command.command('create'))
    .description('sign an access token with a configured key')
    .option('--room <room>', 'the room it is for; without it: calls and messages only')
    .option('--identity <identity>', 'unique name of the participant')
    .option('--name <name>', 'name that others see')
    .option('--key <id>', 'the key to sign with (default: the first one)')
    .option('--ttl <hours>', 'valid so many hours, at most 24', '6')
    .option('--listen-only', 'may not publish')
    .option('--moderator', 'may mute and remove others')
    .option('--admin', 'for the REST interface instead: all rights over rooms')
    .action(createToken);
  return command;
}

async function createToken(options: TokenOptions): Promise<void> {
  const { config } = await settingsOrExit(options);
  const [first] = Object.keys(config.keys);
  const id = options.key ?? first;
  const key =
    id === undefined
      ? developmentKey(new DataFolder(config.data.folder))
      : { id, secret: config.keys[id] };
  const hours = Number(options.ttl);
  if (key.secret === undefined) return fail(`no key ${key.id} is configured`);
  if (!(hours > 0 && hours <= 24)) return fail('--ttl: expected hours from 0 to 24');
  if (options.admin === true) {
    process.stdout.write(`${adminToken(config, hours * 3600)}\n`);
    return;
  }
  if (options.identity === undefined) return fail('--identity or --admin is needed');
  const canPublish = options.listenOnly !== true;
  const token = signToken(
    { id: key.id, secret: Buffer.from(key.secret) },
    {
      identity: options.identity,
      name: options.name ?? options.identity,
      video:
        options.room === undefined
          ? {}
          : {
              room: options.room,
              roomJoin: true,
              canPublish,
              canModerate: options.moderator === true,
            },
      ttlSeconds: hours * 3600,
    },
    Date.now() / 1000,
  );
  process.stdout.write(`${token}\n`);
}

function fail(message: string): void {
  process.stderr.write(`sy token create: ${message}\n`);
  process.exitCode = ExitCode.usage;
}
