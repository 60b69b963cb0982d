import { err, ok, type Result } from '@switchyard/core/base';
import { parse as parseYaml } from 'yaml';
import { environmentName, SETTINGS, type Setting } from './keys.ts';
import { type ConfigProblem, unknownKey } from './problems.ts';
import { nearest } from './suggest.ts';

/** One setting from outside the file. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Settings in the environment: `SY_SECTION__KEY`. Variables without the double underscore are not ours to judge. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Result<Override[], ConfigProblem[]> {
  const names = new Map([...SETTINGS.values()].map((one) => [environmentName(one.path), one]));
  const overrides: Override[] = [];
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !/^SY_.*__/.test(name)) continue;
    const setting = names.get(name);
    const keyName = /^SY_KEYS__(.+)$/.exec(name)?.[1];
    if (setting !== undefined) overrides.push({ path: setting.path, value: read(setting, text) });
    else if (keyName !== undefined) overrides.push({ path: ['keys', keyName], value: text });
    else problems.push(unknownVariable(name, names.keys()));
  }
  return problems.length > 0 ? err(problems) : ok(overrides);
}

/** One `key=value` of the command line, as `rtc.workers=2`. */
export function readAssignment(assignment: string): Result<Override, ConfigProblem> {
  const equals = assignment.indexOf('=');
  const key = equals < 0 ? assignment : assignment.slice(0, equals);
  const setting = SETTINGS.get(key);
  if (setting === undefined) return err(unknownKey(key));
  if (equals < 0) return err({ key, given: null, message: 'expected key=value', fix: null });
  return ok({ path: setting.path, value: read(setting, assignment.slice(equals + 1)) });
}

/** `base` with the overrides in it; `base` stays as it was. */
export function applyOverrides(base: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((tree, { path, value }) => withValue(tree, path, value), base);
}

function withValue(tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const old = isRecord(tree) ? tree : {};
  return { ...old, [key]: withValue(Object.hasOwn(old, key) ? old[key] : {}, rest, value) };
}

/** The first reading of `text` that the setting takes: as it stands, as a YAML value, as a list with commas. */
function read({ schema }: Setting, text: string): unknown {
  const readings = [text, yamlValue(text), text.split(',').map((part) => part.trim())];
  return readings.find((reading) => schema.safeParse(reading).success) ?? text;
}

function yamlValue(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return undefined;
  }
}

function unknownVariable(name: string, known: Iterable<string>): ConfigProblem {
  const near = nearest(name, known);
  return {
    key: name,
    given: null,
    message: 'no setting has this environment variable',
    fix: near === null ? null : `did you mean ${near}?`,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
