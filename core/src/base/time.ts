import type { Brand } from './brand.ts';

/** Milliseconds on the monotonic clock of this process, fractions allowed. Never wall-clock time. */
export type Millis = Brand<number, 'Millis'>;

/** The deadline of a machine that waits for nothing. */
export const NEVER = Number.POSITIVE_INFINITY as Millis;

/** Names a number as an instant. For clocks at the edge and for tests. */
export const millis = (value: number): Millis => value as Millis;

/** The instant `durationMs` after `now`. */
export const after = (now: Millis, durationMs: number): Millis => (now + durationMs) as Millis;

/** The earlier of two instants. */
export const earlier = (a: Millis, b: Millis): Millis => (a < b ? a : b);
