import { SeededRandom } from '../testkit/seeded-random.ts';
import { Mutator } from './mutator.ts';
import { type FuzzTarget, hexOf, tryInput } from './target.ts';

export interface FuzzResult {
  readonly inputs: number;
  /** The first input that broke a rule; null when none did. */
  readonly failure: { readonly seed: number; readonly hex: string; readonly error: string } | null;
}

/** Tries inputs until one fails, or for `seconds`, or `inputs` of them, whichever is first. */
export async function fuzz(
  target: FuzzTarget,
  { seed, seconds, inputs = Number.POSITIVE_INFINITY }: FuzzOptions,
): Promise<FuzzResult> {
  for (const input of target.corpus) {
    const error = await tryInput(target, input);
    if (error !== null) return { inputs: 0, failure: { seed, hex: hexOf(input), error } };
  }
  const mutator = new Mutator(new SeededRandom(seed), target.corpus);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  while (count < inputs && performance.now() < end) {
    count++;
    const input = mutator.next();
    const error = await tryInput(target, input.slice());
    if (error !== null) return { inputs: count, failure: { seed, hex: hexOf(input), error } };
  }
  return { inputs: count, failure: null };
}

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs?: number;
}
