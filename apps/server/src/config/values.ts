import * as z from 'zod';

/*
 * The kinds of values that settings have. Each builder takes what stands in the documentation and the value
 * that counts when nothing is configured, and words its own error: `expected …`.
 */

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 864e5,
};
const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const flag = (description: string, value: boolean) =>
  z.boolean({ error: 'true or false' }).default(value).meta({ description });

export function choice<const Names extends readonly [string, ...string[]]>(
  description: string,
  names: Names,
  value: Names[number],
) {
  return z
    .enum(names, { error: `one of ${names.join(', ')}` })
    .default(value as never)
    .meta({ description });
}

export function count(description: string, min: number, max: number, value: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .default(value)
    .meta({ description });
}

/** Text as `30s` becomes milliseconds. */
export function duration(description: string, value: string) {
  const error = 'a duration with its unit, as 500ms, 30s, 5m, 2h or 7d';
  return z
    .string({ error })
    .regex(/^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d)$/, { error })
    .transform((given) => scale(given, DURATION_MS))
    .refine((ms) => ms <= LONGEST_TIMER_MS, { error: 'a duration of at most 24d' })
    .prefault(value)
    .meta({ description });
}

/** Text as `2MiB` becomes bytes. */
export function size(description: string, value: string) {
  const error = 'a size with its unit, as 64KiB, 2MiB or 1GiB';
  return z
    .string({ error })
    .regex(/^\d{1,9}(?:B|KiB|MiB|GiB)$/, { error })
    .transform((given) => scale(given, SIZE_BYTES))
    .prefault(value)
    .meta({ description });
}

function scale(given: string, units: Readonly<Record<string, number>>): number {
  const unit = given.replace(/^[\d.]+/, '');
  return Math.round(Number.parseFloat(given) * units[unit]!);
}
