import type { DtlsFingerprint, WorkerId, WorkerLoad } from '@switchyard/core/media-api';
import type { WorkerSummary } from './surface.ts';

/**
 * What one more transport is taken to cost until the worker's next report, as a share of its core. Keeps a
 * burst of joins from all going to the worker that was idle two seconds ago.
 */
const GUESSED_CPU_PER_TRANSPORT = 0.005;

interface Worker {
  readonly fingerprint: DtlsFingerprint;
  load: WorkerLoad;
  openedSinceReport: number;
}

const IDLE: WorkerLoad = {
  cpu: 0,
  packetsInPerSecond: 0,
  packetsOutPerSecond: 0,
  transports: 0,
  tracks: 0,
  slots: 0,
  residentSetSize: 0,
};

/** The media workers that are alive, and how busy each is. */
export class Workers {
  readonly #workers = new Map<WorkerId, Worker>();

  ready(worker: WorkerId, fingerprint: DtlsFingerprint): void {
    this.#workers.set(worker, { fingerprint, load: IDLE, openedSinceReport: 0 });
  }

  lost(worker: WorkerId): void {
    this.#workers.delete(worker);
  }

  isAlive(worker: WorkerId): boolean {
    return this.#workers.has(worker);
  }

  report(worker: WorkerId, load: WorkerLoad): void {
    const entry = this.#workers.get(worker);
    if (entry === undefined) return;
    entry.load = load;
    entry.openedSinceReport = 0;
  }

  countOpened(worker: WorkerId): void {
    const entry = this.#workers.get(worker);
    if (entry !== undefined) entry.openedSinceReport++;
  }

  fingerprint(worker: WorkerId): DtlsFingerprint | null {
    return this.#workers.get(worker)?.fingerprint ?? null;
  }

  /** Estimated share of its core, 0..1; 1 for a worker that is gone. */
  busyness(worker: WorkerId): number {
    const entry = this.#workers.get(worker);
    if (entry === undefined) return 1;
    return entry.load.cpu + entry.openedSinceReport * GUESSED_CPU_PER_TRANSPORT;
  }

  /** The least busy of `among` (all by default); ties go to fewer transports, then the lower number. */
  leastBusy(among: Iterable<WorkerId> = this.#workers.keys()): WorkerId | null {
    let best: WorkerId | null = null;
    for (const worker of among) {
      if (!this.isAlive(worker)) continue;
      if (best === null || this.#compare(worker, best) < 0) best = worker;
    }
    return best;
  }

  summaries(): WorkerSummary[] {
    return Array.from(this.#workers, ([worker, { load }]) => ({ worker, ...load }));
  }

  #compare(a: WorkerId, b: WorkerId): number {
    const transports = (worker: WorkerId) => {
      const { load, openedSinceReport } = this.#workers.get(worker)!;
      return load.transports + openedSinceReport;
    };
    return this.busyness(a) - this.busyness(b) || transports(a) - transports(b) || a - b;
  }
}
