import { getHeapStatistics } from 'node:v8';

const allocated = (): number =>
  (getHeapStatistics() as unknown as { readonly total_allocated_bytes: number })
    .total_allocated_bytes;

/**
 * Heap bytes that one call of `body` allocates once it is optimized. The smallest of several rounds
 * counts, because the engine's own work (compiling, feedback) falls into some of them: the optimizer runs
 * beside us, and a loaded machine gives it time late. Ends early once a round allocated nothing.
 */
export function bytesPerCall(body: () => void, calls = 10_000): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 400 && least >= 1; round++) {
    const before = allocated();
    for (let i = 0; i < calls; i++) body();
    least = Math.min(least, (allocated() - before) / calls);
  }
  return least;
}
