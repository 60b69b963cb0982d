import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import {
  ControlFrameReader,
  encodeControlBatch,
  encodeControlFrame,
  type MediaCommand,
  type MediaNotice,
  type WorkerSettings,
} from '@switchyard/core/media-api';
import { Pulse } from './pulse.ts';

export type ReadyNotice = Extract<MediaNotice, { kind: 'ready' }>;

/** How long a worker may take, ms. */
export interface WorkerTiming {
  /** From its start to its `ready`. Default 5 s. */
  readonly readyMs: number;
  /** Without a sign of life (every 100 ms) for so long, it is looked at what the process does. Default 200 ms. */
  readonly quietMs: number;
  /** Without a sign of life for so long it is ended whatever it does. Default 10 s. */
  readonly silenceMs: number;
  /** From the end of the control stream to its exit. Default 3 s. */
  readonly closeMs: number;
}

export const DEFAULT_TIMING: WorkerTiming = {
  readyMs: 5_000,
  quietMs: 200,
  silenceMs: 10_000,
  closeMs: 3_000,
};

/** Unsent commands beyond this mean that the worker no longer reads, bytes. */
const MAX_BACKLOG = 32 * 1024 * 1024;

/** The packet path makes no garbage: a young generation that stays in the second-level cache is enough. */
const NODE_OPTIONS = ['--max-semi-space-size=1'];

/** What a worker gets of our environment: secrets have no business where hostile packets are parsed. */
const ENVIRONMENT = ['PATH', 'TMPDIR', 'TEMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'NODE_OPTIONS'];

const CONTROL_FD = 3;
const RELAY_FD = 4;

export interface WorkerProcessEvents {
  onReady(notice: ReadyNotice): void;
  onNotice(notice: MediaNotice): void;
  /** The process is gone, or never came to be; the last call. */
  onExit(reason: string): void;
}

/** One life of a media worker process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #events: WorkerProcessEvents;
  readonly #timing: WorkerTiming;
  readonly #reader = new ControlFrameReader<MediaNotice[]>();
  readonly #pending: MediaCommand[] = [];
  #phase: 'starting' | 'ready' | 'closing' | 'gone' = 'starting';
  /** Why we ended it; null: it went by itself. */
  #killedFor: string | null = null;
  /** Of the start and of the end; `#pulse` is for the time between. */
  #watchdog: NodeJS.Timeout;
  #pulse: Pulse | null = null;

  constructor(
    entry: string,
    settings: WorkerSettings,
    events: WorkerProcessEvents,
    timing: WorkerTiming,
  ) {
    this.#events = events;
    this.#timing = timing;
    this.#child = spawn(process.execPath, [...NODE_OPTIONS, entry], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'],
      env: pick(process.env, ENVIRONMENT),
    });
    this.#watchdog = this.#killAfter(timing.readyMs, 'did not get ready in time');
    this.#child.once('error', (error) => this.#gone(error.message));
    this.#child.once('exit', (code, signal) =>
      this.#gone(this.#killedFor ?? (signal === null ? `exit code ${code}` : `signal ${signal}`)),
    );
    // A stream that breaks is followed by the exit, which is what counts.
    this.#relay?.on('error', () => {});
    this.#control?.on('error', () => {});
    this.#control?.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#control?.write(encodeControlFrame(settings));
  }

  /** Stream of relay frames (media over TCP); null when the process could not be started. */
  get relay(): Duplex | null {
    return this.#relay;
  }

  /** Applied by the worker in order; all commands of one turn of our event loop travel together. */
  send(command: MediaCommand): void {
    if (this.#phase !== 'ready') return;
    if (this.#pending.push(command) === 1) queueMicrotask(() => this.#flush());
  }

  /** Lets the worker end by itself, and ends it when it does not. `onExit` tells when it is gone. */
  close(): void {
    if (this.#phase === 'closing' || this.#phase === 'gone') return;
    this.#flush();
    this.#phase = 'closing';
    this.#pulse?.stop();
    clearTimeout(this.#watchdog);
    this.#watchdog = this.#killAfter(this.#timing.closeMs, 'did not close in time');
    this.#control?.end();
  }

  get #control(): Duplex | null {
    return this.#stream(CONTROL_FD);
  }

  get #relay(): Duplex | null {
    return this.#stream(RELAY_FD);
  }

  /** Without any file descriptor left, `spawn` returns a child that has no streams at all. */
  #stream(fd: number): Duplex | null {
    const streams = this.#child.stdio as readonly unknown[] | undefined;
    return (streams?.[fd] as Duplex | null | undefined) ?? null;
  }

  #flush(): void {
    if (this.#phase !== 'ready' || this.#pending.length === 0) return;
    const control = this.#control;
    if (control === null) return;
    for (const frame of encodeControlBatch(this.#pending)) control.write(frame);
    this.#pending.length = 0;
    if (control.writableLength > MAX_BACKLOG) this.#kill('does not read its commands');
  }

  #read(chunk: Uint8Array): void {
    if (this.#phase === 'gone') return;
    const batches = this.#reader.read(chunk);
    if (!batches.ok) {
      this.#kill(`control stream: ${batches.error.code}`);
      return;
    }
    this.#pulse?.beat();
    for (const notice of batches.value.flat()) this.#handle(notice);
  }

  #handle(notice: MediaNotice): void {
    if (notice.kind !== 'ready') {
      if (this.#phase === 'ready') this.#events.onNotice(notice);
      return;
    }
    if (this.#phase !== 'starting') return;
    this.#phase = 'ready';
    clearTimeout(this.#watchdog);
    this.#pulse = new Pulse({
      pid: notice.pid,
      quietMs: this.#timing.quietMs,
      silenceMs: this.#timing.silenceMs,
      onDead: (reason) => this.#kill(reason),
    });
    this.#events.onReady(notice);
  }

  #killAfter(ms: number, reason: string): NodeJS.Timeout {
    return setTimeout(() => this.#kill(reason), ms);
  }

  /** SIGKILL: a worker that hangs in a foreign call hears nothing else. */
  #kill(reason: string): void {
    this.#killedFor ??= reason;
    this.#child.kill('SIGKILL');
  }

  #gone(reason: string): void {
    if (this.#phase === 'gone') return;
    this.#phase = 'gone';
    this.#pulse?.stop();
    clearTimeout(this.#watchdog);
    this.#control?.destroy();
    this.#relay?.destroy();
    this.#events.onExit(reason);
  }
}

const pick = (
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
): Record<string, string | undefined> =>
  Object.fromEntries(names.map((name) => [name, environment[name]]));
