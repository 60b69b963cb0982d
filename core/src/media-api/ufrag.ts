import { type Random, randomIceChars } from '../base/index.ts';
import type { WorkerId } from './parameters.ts';

/** Most workers that one server can have: their number is one base-36 digit of the ufrag. */
export const MAX_WORKERS = 36;

/** Characters behind the worker's digit: 42 bits of randomness (RFC 8445 §5.3 wants 24). */
const RANDOM_LENGTH = 7;

/**
 * A local ufrag whose first character is the worker's number in base 36, so that whoever owns the TCP
 * listener can route a connection by the USERNAME of its first check.
 */
export function ufragFor(worker: WorkerId, random: Random): string {
  if (worker < 0 || worker >= MAX_WORKERS) throw new Error(`worker ${worker} has no ufrag digit`);
  return worker.toString(36) + randomIceChars(random, RANDOM_LENGTH);
}

/** The worker that `ufragFor` wrote into a ufrag; null when it is none of ours. */
export function workerOfUfrag(ufrag: string): WorkerId | null {
  if (ufrag.length !== RANDOM_LENGTH + 1 || !/^[0-9a-z]/.test(ufrag)) return null;
  return Number.parseInt(ufrag[0]!, 36) as WorkerId;
}
