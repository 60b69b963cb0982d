import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

export interface ServerOptions {
  /** Settings over those of the test, as `SY_SECTION__KEY`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Media workers; each takes the next UDP port. Default 1. */
  readonly workers?: number;
  /** Data folder to use and to keep; without it a temporary one is made and removed. */
  readonly dataFolder?: string;
}

/** A running Switchyard server of our own. `await using` stops it. */
export class TestServer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #temporary: string | null;
  readonly port: number;
  readonly udpPort: number;
  readonly dataFolder: string;

  private constructor(options: ServerOptions, port: number, udpPort: number) {
    this.port = port;
    this.udpPort = udpPort;
    this.#temporary = options.dataFolder ? null : mkdtempSync(join(tmpdir(), 'switchyard-e2e-'));
    this.dataFolder = options.dataFolder ?? this.#temporary ?? '';
    this.#child = spawn(
      process.execPath,
      [join(ROOT, 'apps', 'server', 'src', 'main.ts'), '--json', ...(options.args ?? [])],
      {
        cwd: this.dataFolder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...withoutOwnSettings(process.env),
          SY_SERVER__LISTEN: `127.0.0.1:${port}`,
          SY_RTC__UDP_PORT: String(udpPort),
          SY_RTC__WORKERS: String(options.workers ?? 1),
          SY_RTC__ADVERTISE: '127.0.0.1',
          SY_DATA__FOLDER: this.dataFolder,
          ...options.env,
        },
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lines.push(...text.split('\n').filter((line) => line !== ''));
        if (this.#lines.length > 5_000) this.#lines.splice(0, 1_000);
      });
    }
  }

  /** Starts a server on free ports and waits until `/readyz` says so. Rejects with its log when it does not start. */
  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options, await freeTcpPort(), await freeUdpPort());
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** On `localhost`, so that pages count as secure. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get websocketUrl(): string {
    return `ws://localhost:${this.port}/rtc`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything that the server wrote lately. */
  log(): string {
    return this.#lines.join('\n');
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, init);
  }

  /** Ends the server with SIGTERM; resolves with its exit code, -1 when it had to be killed. */
  async stop(): Promise<number> {
    let code = this.#child.exitCode;
    if (this.running) {
      const ended = new Promise<number>((resolve) =>
        this.#child.on('exit', (exitCode) => resolve(exitCode ?? -1)),
      );
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      this.#child.kill('SIGTERM');
      code = await ended;
      clearTimeout(timer);
    }
    if (this.#temporary) rmSync(this.#temporary, { recursive: true, force: true });
    return code ?? -1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #ready(): Promise<void> {
    const end = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      if (!this.running) throw new Error(`the server ended:\n${this.log()}`);
      try {
        const response = await this.fetch('/readyz');
        if (response.ok) return;
      } catch {
        // not listening yet
      }
      if (performance.now() > end) throw new Error(`the server is not ready:\n${this.log()}`);
      await sleep(50);
    }
  }
}

/** A developer's own `SY_…` settings must not change what is tested. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^SY_/.test(name) || name.startsWith('SY_TEST_')),
  );
}

export function freeTcpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject).listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

export function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createSocket('udp4');
    probe.on('error', reject).bind(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
