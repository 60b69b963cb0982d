import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdapterOptions } from './adapter.ts';
import { WhipAdapter } from './whip.ts';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const HTTP_PORT = 47_400;
const UDP_PORT = 47_410;

/**
 * Our own server through WHIP and WHEP, with one media worker, everything on one core. Each publisher has a room of its
 * own, so that a WHEP session takes "the only publisher" of it.
 */
export class SwitchyardAdapter extends WhipAdapter {
  readonly #folder: string;

  constructor(options: AdapterOptions) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-switchyard-'));
    super(options, {
      name: switchyardName(),
      command: switchyardCommand(),
      env: switchyardEnv(folder),
      whip: `http://127.0.0.1:${HTTP_PORT}/whip/bench-{pub}`,
      whep: `http://127.0.0.1:${HTTP_PORT}/whep/bench-{pub}`,
      ready: `http://127.0.0.1:${HTTP_PORT}/readyz`,
    });
    this.#folder = folder;
  }

  override async stop(): Promise<void> {
    await super.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function switchyardCommand(): string[] {
  const server = join(ROOT, 'apps', 'server');
  // As `npm start` runs it.
  const nodeOptions: string[] = JSON.parse(readFileSync(join(server, 'node-options.json'), 'utf8'));
  return [process.execPath, ...nodeOptions, join(server, 'src', 'main.ts'), '--json'];
}

/** Settings of a server for measurements: one worker, its own ports, data in `folder`, nothing else of the host's. */
export function switchyardEnv(folder: string): Record<string, string> {
  return {
    SY_SERVER__LISTEN: `127.0.0.1:${HTTP_PORT}`,
    SY_RTC__UDP_PORT: String(UDP_PORT),
    SY_RTC__WORKERS: '1',
    SY_RTC__ADVERTISE: '127.0.0.1',
    SY_DATA__FOLDER: folder,
    SY_ROOMS__MAX_PARTICIPANTS: '5000',
    SY_LOG__LEVEL: 'warn',
  };
}

/** Name and version, for the results. */
export function switchyardName(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  return `Switchyard ${manifest.version}`;
}
