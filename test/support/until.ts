import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until something is so; fails when time runs out. */
export async function until(
  what: string,
  isDone: () => boolean,
  timeoutMs = 20_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!isDone()) {
    assert.ok(performance.now() < end, `waited in vain for ${what}`);
    await sleep(50);
  }
}
