import type * as z from 'zod';
import { ConfigSchema } from './schema.ts';

/** A setting: its path in the file and the schema of its value alone. */
export interface Setting {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
}

/** Every setting by its dotted key, as `rtc.udpPort`. `keys` is one setting whose members are free. */
export const SETTINGS: ReadonlyMap<string, Setting> = new Map(
  Object.entries(ConfigSchema.shape).flatMap(([section, schema]): [string, Setting][] => {
    const shape = shapeOf(schema);
    if (shape === null) return [[section, { path: [section], schema }]];
    return Object.entries(shape).map(([name, inner]) => [
      `${section}.${name}`,
      { path: [section, name], schema: inner },
    ]);
  }),
);

/** The members of a section, looked up behind its defaults and checks; null when it has no fixed members. */
function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | null {
  let inner: unknown = schema;
  while (hasInner(inner)) inner = inner.unwrap();
  return typeof inner === 'object' && inner !== null && 'shape' in inner
    ? (inner.shape as Readonly<Record<string, z.ZodType>>)
    : null;
}

function hasInner(schema: unknown): schema is { unwrap(): unknown } {
  return typeof schema === 'object' && schema !== null && 'unwrap' in schema;
}

/** `rtc.udpPort` as the name of an environment variable: `SY_RTC__UDP_PORT`. */
export const environmentName = (path: readonly string[]): string =>
  `SY_${path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('__')}`;
