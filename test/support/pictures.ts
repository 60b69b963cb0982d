import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recording, TestPage } from './index.ts';

const WINDOW_MS = 3_000;

/** Notes what some pictures show for a while, all at the same time. */
export async function recordPictures<
  const Pictures extends readonly (readonly [
    viewer: { readonly page: TestPage },
    selector: string,
  ])[],
>(
  pictures: Pictures,
  during: () => Promise<unknown> = () => sleep(WINDOW_MS),
): Promise<{ -readonly [Index in keyof Pictures]: Recording }> {
  const names = pictures.map((_, at) => `picture ${at}`);
  await Promise.all(
    pictures.map(([{ page }, selector], at) => page.startRecording(names[at] ?? '', selector)),
  );
  await during();
  const recordings = await Promise.all(
    pictures.map(([{ page }], at) => page.endRecording(names[at] ?? '')),
  );
  return recordings as { -readonly [Index in keyof Pictures]: Recording }; // one for each
}

/** A picture shows this source only, moves on in order, and never stands for longer than `maxGapMs`. */
export function assertMoving(recording: Recording, source: number, maxGapMs = 1_000): void {
  const { sources, frames, damaged, longestGapMs } = recording;
  assert.deepEqual(sources, [source]);
  const numbers = frames.map(({ frame }) => frame);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'frames come in order',
  );
  assert.ok(
    (numbers.at(-1) ?? 0) > (numbers[0] ?? 0) + 5,
    `it stands: ${numbers.length} frames, from number ${numbers[0]} to ${numbers.at(-1)}`,
  );
  assert.ok(longestGapMs < maxGapMs, `the longest gap is ${Math.round(longestGapMs)} ms`);
  assert.ok(damaged <= numbers.length * 0.1, `${damaged} of ${numbers.length} frames damaged`);
}
