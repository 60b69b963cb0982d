import { signToken } from '@switchyard/control/auth';
import { err, ok, type Result } from '@switchyard/core/base';
import type { Command } from 'commander';
import type { Config } from '../config/index.ts';
import { developmentKey } from '../secrets/api-keys.ts';
import { DataFolder } from '../secrets/data-folder.ts';
import { ExitCode, type SettingOptions, settingsOrExit, withSettings } from './settings.ts';

/** Options of every command that asks a running server. */
export interface RemoteOptions extends SettingOptions {
  readonly url?: string;
  readonly json?: boolean;
}

const TOKEN_SECONDS = 60;
const TIMEOUT_MS = 10_000;

export const withRemote = (command: Command): Command =>
  withSettings(command)
    .option('--url <origin>', 'the server (default: this machine, at the configured port)')
    .option('--json', 'print what the server answered');

/** The REST interface of a server, with a token that the configured key signed. */
export class RestClient {
  readonly #origin: string;
  readonly #token: string;

  private constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  static async open(options: RemoteOptions): Promise<RestClient> {
    const { config } = await settingsOrExit(options);
    return new RestClient(options.url ?? localOrigin(config), adminToken(config));
  }

  /** Asks for JSON; null when there is no body. The error is a sentence for people. */
  async ask(method: string, path: string, body?: object): Promise<Result<unknown, string>> {
    try {
      const response = await fetch(new URL(`/api/v1${path}`, this.#origin), {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer: unknown = response.status === 204 ? null : await response.json();
      return response.ok ? ok(answer) : err(sentenceOf(answer, response.status));
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      return err(`No answer from ${this.#origin}: ${reason}. Is the server running?`);
    }
  }
}

/** What a program prints and exits with: the text of a success, or the reason of a failure. */
export function finish(outcome: Result<string, string>): void {
  if (outcome.ok) {
    process.stdout.write(outcome.value === '' ? '' : `${outcome.value}\n`);
    return;
  }
  process.stderr.write(`${outcome.error}\n`);
  process.exitCode = ExitCode.failed;
}

/** A token with all rights, of the first configured key or that of development mode. */
export function adminToken({ keys, data }: Config, ttlSeconds: number = TOKEN_SECONDS): string {
  const [first] = Object.entries(keys);
  const key =
    first === undefined
      ? developmentKey(new DataFolder(data.folder))
      : { id: first[0], secret: first[1] };
  return signToken(
    { id: key.id, secret: Buffer.from(key.secret) },
    { video: { roomAdmin: true, roomCreate: true, roomList: true }, ttlSeconds },
    Date.now() / 1000,
  );
}

/** Plain HTTP on loopback, which needs no certificate; an address that is not loopback is taken as it is. */
function localOrigin({ server, tls }: Config): string {
  const { host, port } = server.listen;
  const isAny = host === null || host === '0.0.0.0' || host === '::';
  if (isAny || host === '127.0.0.1' || host === '::1')
    return `http://${host === '::1' ? '[::1]' : '127.0.0.1'}:${port}`;
  const scheme = tls.mode === 'off' ? 'http' : 'https';
  return server.publicUrl ?? `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function sentenceOf(problem: unknown, status: number): string {
  if (typeof problem !== 'object' || problem === null) return `The server answered ${status}.`;
  const { detail, fix } = problem as { readonly detail?: unknown; readonly fix?: unknown };
  return [detail, fix].filter((text) => typeof text === 'string' && text !== '').join(' ');
}
