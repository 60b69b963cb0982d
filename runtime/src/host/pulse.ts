import { type ProcessActivity, readActivity } from './process-activity.ts';

/** A processor time that would have been enough for a sign of life many times over, ms. */
const ENOUGH_CPU_MS = 150;

export interface PulseOptions {
  readonly pid: number;
  /** Without a sign for so long the process is looked at; and again after as long, ms. */
  readonly quietMs: number;
  /** Without a sign for so long it is given up, whatever it does, ms. */
  readonly silenceMs: number;
  /** Told once. */
  readonly onDead: (reason: string) => void;
  /** Default: what the system says. */
  readonly look?: (pid: number) => ProcessActivity | null;
}

/**
 * Tells a worker that hangs from one that only did not get the processor. A sign of life comes every 100 ms;
 * when signs are missing, one that computes without end, or sleeps in a call that does not return, is dead
 * after twice `quietMs`. One that waits for a processor on a busy machine is not: killing it would make the
 * machine busier.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  #signs = 0;
  /** At the first look since the last sign. */
  #before: ProcessActivity | null = null;

  constructor(options: PulseOptions) {
    this.#options = options;
    this.#timer = this.#arm();
  }

  /** A sign of life. */
  beat(): void {
    this.#signs++;
    this.#heardAt = performance.now();
    this.#before = null;
    clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#signs++;
    clearTimeout(this.#timer);
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => this.#onQuiet(), this.#options.quietMs);
  }

  /** When this process itself was held up, signs wait in the socket: they are read before `setImmediate`. */
  #onQuiet(): void {
    const signs = this.#signs;
    setImmediate(() => {
      if (signs !== this.#signs) return;
      const reason = this.#findReason();
      if (reason === null) this.#timer = this.#arm();
      else this.#options.onDead(reason);
    });
  }

  #findReason(): string | null {
    const { pid, silenceMs, look = readActivity } = this.#options;
    if (performance.now() - this.#heardAt >= silenceMs) return 'was silent for too long';
    const before = this.#before;
    const now = look(pid);
    this.#before = before ?? now;
    if (before === null || now === null) return null;
    const cpuMs = now.cpuMs - before.cpuMs;
    if (cpuMs >= ENOUGH_CPU_MS) return 'computes without end';
    return before.isBlocked && now.isBlocked && cpuMs === 0 ? 'hangs in a call' : null;
  }
}
