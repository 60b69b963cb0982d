import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const WARM_UP_CALLS = 20_000;
const MEASURED_CALLS = 20_000;
const ROUNDS = 5;

/** Looks the collector up without the process having been started with `--expose-gc`. */
function findCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/**
 * Bytes of garbage that one call of `fn` makes, after the compiler has optimised it; the least of
 * several rounds, since anything else in the process only adds. Below 1 means that it allocates nothing.
 */
export function bytesPerCall(fn: () => void): number {
  const collect = findCollector();
  for (let i = 0; i < WARM_UP_CALLS; i++) fn();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < MEASURED_CALLS; i++) fn();
    const grown = process.memoryUsage().heapUsed - before;
    // A collection in the middle shows as a shrunken heap: that round says nothing.
    if (grown >= 0) least = Math.min(least, grown / MEASURED_CALLS);
  }
  return least;
}
