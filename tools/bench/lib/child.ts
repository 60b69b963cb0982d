import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, processTree } from './system.ts';

const BENCH = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT_LINES = 2_000;

/**
 * The command prefix that pins a program to a core at raised priority, so that other work cannot take the core from
 * under a measurement (harmless where not permitted). BENCH_RT=1 takes the real-time round-robin class instead, for a
 * machine that cannot be kept quiet.
 */
export function pinned(core: number): string[] {
  const priority = process.env['BENCH_RT'] === '1' ? ['chrt', '-r', '10'] : ['nice', '-n', '-15'];
  return [...priority, 'taskset', '-c', String(core)];
}

/** Compiles a C source of this folder into .build/ when the result is missing or older than the source. */
export function compile(source: string, flags: readonly string[], extension = ''): string {
  const from = join(BENCH, source);
  const to = join(BENCH, '.build', basename(source, '.c') + extension);
  if (existsSync(to) && statSync(to).mtimeMs > statSync(from).mtimeMs) return to;
  mkdirSync(dirname(to), { recursive: true });
  execFileSync('cc', ['-O2', '-o', to, from, ...flags], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return to;
}

/** A server under test: pinned to one core, its output kept for error messages (BENCH_LOG=1 shows it). */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  #exitCode: number | null = null;

  constructor(core: number, command: readonly string[], env: Record<string, string> = {}) {
    const [program = '', ...args] = [...pinned(core), ...command];
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
    this.#child.on('exit', (code) => {
      this.#exitCode = code ?? -1;
      this.#take(`exited with ${this.#exitCode}`);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The last lines that the server wrote. */
  tail(count = 15): string {
    return this.#lines.slice(-count).join('\n');
  }

  /** Waits for a line of output; rejects when the server ends or says nothing like it in time. */
  async line(pattern: RegExp, timeoutMs = 15_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (action: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        action();
      };
      const look = (line: string) => {
        const match = pattern.exec(line);
        if (match) finish(() => resolve(match));
        else if (this.#exitCode !== null)
          finish(() => reject(new Error(`server ended:\n${this.tail()}`)));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`server did not say ${pattern}:\n${this.tail()}`))),
        timeoutMs,
      );
      this.#listeners.add(look);
      for (const line of [...this.#lines]) look(line);
    });
  }

  /** Polls until the attempt does not throw. Rejects when the server ends or time runs out. */
  async until<T>(attempt: () => Promise<T>, timeoutMs = 20_000): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (this.#exitCode !== null) throw new Error(`server ended:\n${this.tail()}`);
        if (performance.now() > end) throw error;
      }
      await sleep(50);
    }
  }

  /** Asks the whole tree to end and makes sure after 3 s. */
  async stop(): Promise<void> {
    const pids = processTree([this.pid]);
    this.#child.kill('SIGTERM');
    for (let i = 0; i < 30 && pids.some(isAlive); i++) await sleep(100);
    for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
  }

  #take(line: string): void {
    if (process.env['BENCH_LOG']) process.stderr.write(`[server] ${line}\n`);
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    for (const listener of [...this.#listeners]) listener(line);
  }
}
