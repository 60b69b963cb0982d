import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Log, millis } from '@switchyard/core/base';
import type {
  MediaCommand,
  MediaNotice,
  WorkerId,
  WorkerSettings,
} from '@switchyard/core/media-api';
import { RestartDelay } from './restart-delay.ts';
import {
  DEFAULT_TIMING,
  type ReadyNotice,
  WorkerProcess,
  type WorkerTiming,
} from './worker-process.ts';

const MEDIA_MAIN = fileURLToPath(new URL('../media/main.ts', import.meta.url));

export interface MediaWorkerHostOptions {
  /** One process for each. A worker with port 0 keeps, after a restart, the ports it got at first. */
  readonly workers: readonly WorkerSettings[];
  readonly log: Log;
  /** A worker told its sockets, at its start and after every restart; commands can be sent from now on. */
  readonly onReady: (worker: WorkerId, notice: ReadyNotice) => void;
  /** Every later notice. */
  readonly onNotice: (worker: WorkerId, notice: MediaNotice) => void;
  /** A worker that had been ready is gone with every transport in it; it will be restarted. Not told by `close`. */
  readonly onLost: (worker: WorkerId) => void;
  /** The program of a worker. Default: `runtime/src/media/main.ts`. */
  readonly entry?: string;
  readonly timing?: Partial<WorkerTiming>;
}

/** A worker of the host, through all its lives. */
interface Seat {
  readonly worker: WorkerId;
  /** With the ports of its first life from then on. */
  settings: WorkerSettings;
  readonly delay: RestartDelay;
  process: WorkerProcess | null;
  isReady: boolean;
  restartTimer: NodeJS.Timeout | null;
}

/**
 * Runs the media workers: one process each, restarted when it crashes, hangs or falls silent. What happens
 * in a worker costs its own transports and nothing else.
 */
export class MediaWorkerHost {
  readonly #options: MediaWorkerHostOptions;
  readonly #timing: WorkerTiming;
  readonly #seats: Map<WorkerId, Seat>;
  #start: PromiseWithResolvers<void> | null = null;
  #close: PromiseWithResolvers<void> | null = null;

  constructor(options: MediaWorkerHostOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#seats = new Map(options.workers.map((settings) => [settings.worker, newSeat(settings)]));
  }

  /**
   * Starts every worker and waits until all are ready. Rejects when one ends before that: what is wrong at
   * the start (a port taken, a library missing) does not mend by trying again.
   */
  start(): Promise<void> {
    this.#start = Promise.withResolvers();
    for (const seat of this.#seats.values()) this.#spawn(seat);
    return this.#start.promise;
  }

  /** Commands to a worker that is not ready are dropped: its transports are gone. */
  send(worker: WorkerId, command: MediaCommand): void {
    this.#seats.get(worker)?.process?.send(command);
  }

  /** The stream that carries media over TCP to and from a worker; null while it is not ready. */
  relayStream(worker: WorkerId): Duplex | null {
    const seat = this.#seats.get(worker);
    return seat?.isReady === true ? (seat.process?.relay ?? null) : null;
  }

  get readyCount(): number {
    return this.#seats
      .values()
      .filter((seat) => seat.isReady)
      .toArray().length;
  }

  /** Ends all workers; resolves when the last one is gone. */
  close(): Promise<void> {
    if (this.#close !== null) return this.#close.promise;
    this.#close = Promise.withResolvers();
    for (const seat of this.#seats.values()) {
      if (seat.restartTimer !== null) clearTimeout(seat.restartTimer);
      seat.process?.close();
    }
    this.#settle();
    return this.#close.promise;
  }

  #spawn(seat: Seat): void {
    const startedAt = millis(performance.now());
    seat.restartTimer = null;
    seat.process = new WorkerProcess(
      this.#options.entry ?? MEDIA_MAIN,
      seat.settings,
      {
        onReady: (notice) => this.#onReady(seat, notice),
        onNotice: (notice) => this.#options.onNotice(seat.worker, notice),
        onExit: (reason) => {
          const wait = seat.delay.next(startedAt, millis(performance.now()));
          this.#onExit(seat, reason, wait);
        },
      },
      this.#timing,
    );
  }

  #onReady(seat: Seat, notice: ReadyNotice): void {
    seat.isReady = true;
    seat.settings = { ...seat.settings, udp: notice.udp };
    this.#options.log.debug({ worker: seat.worker, pid: notice.pid }, 'media worker ready');
    this.#options.onReady(seat.worker, notice);
    this.#settle();
  }

  #onExit(seat: Seat, reason: string, waitMs: number): void {
    const wasReady = seat.isReady;
    seat.isReady = false;
    seat.process = null;
    if (wasReady && this.#close === null) this.#options.onLost(seat.worker);
    if (this.#close === null && this.#start === null) {
      this.#options.log.error({ worker: seat.worker, reason, waitMs }, 'media worker lost');
      const restart = () => this.#spawn(seat);
      if (waitMs === 0) restart();
      else seat.restartTimer = setTimeout(restart, waitMs);
    }
    this.#start?.reject(new Error(`Media worker ${seat.worker} ended at its start: ${reason}`));
    this.#start = null;
    this.#settle();
  }

  /** Answers `start` and `close` when what they wait for has come. */
  #settle(): void {
    const seats = [...this.#seats.values()];
    if (this.#start !== null && seats.every((seat) => seat.isReady)) {
      this.#start.resolve();
      this.#start = null;
    }
    if (seats.every((seat) => seat.process === null)) this.#close?.resolve();
  }
}

const newSeat = (settings: WorkerSettings): Seat => ({
  worker: settings.worker,
  settings,
  delay: new RestartDelay(),
  process: null,
  isReady: false,
  restartTimer: null,
});
