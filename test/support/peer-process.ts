import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fetchToken } from './room-page.ts';
import type { TestServer } from './server.ts';

/** A WebRTC peer in a process of its own that prints lines of JSON; native code that crashes at its end harms nobody. */
export class PeerProcess implements AsyncDisposable {
  readonly lines: unknown[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = once(this.#child, 'exit');
    if (this.#child.stdout)
      createInterface(this.#child.stdout).on('line', (line) => this.lines.push(JSON.parse(line)));
  }

  /** Runs `program … publish|play URL TOKEN …` against a room. */
  static async start(
    server: TestServer,
    program: readonly [string, string],
    way: 'publish' | 'play',
    ...rest: readonly string[]
  ): Promise<PeerProcess> {
    const token = await fetchToken(server, 'interop', way);
    const url = `http://127.0.0.1:${server.port}/${way === 'publish' ? 'whip' : 'whep'}/interop`;
    return new PeerProcess(program[0], [program[1], way, url, token, ...rest]);
  }

  get isConnected(): boolean {
    return this.lines.some((line) => read(line, 'state') === 'connected');
  }

  /** What a player has decoded; undefined before. */
  get seen(): unknown {
    return this.lines.find((line) => read(line, 'done') === true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

const read = (line: unknown, field: string): unknown =>
  typeof line === 'object' && line !== null ? Reflect.get(line, field) : undefined;
