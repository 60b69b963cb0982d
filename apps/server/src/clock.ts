import { type Millis, millis } from '@switchyard/core/base';

/** The one clock of the process, and its timers. */
export const systemClock = {
  now: (): Millis => millis(performance.now()),
  wallClock: (): number => Date.now(),
  /** Milliseconds since the epoch for an instant of the monotonic clock. */
  wallClockAt: (at: Millis): number => Math.round(Date.now() + (at - performance.now())),
  schedule(at: Millis, run: () => void): () => void {
    const timer = setTimeout(run, Math.max(0, Math.ceil(at - performance.now())));
    return () => clearTimeout(timer);
  },
};
