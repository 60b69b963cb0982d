import type * as z from 'zod';
import { SETTINGS } from './keys.ts';
import { nearest } from './suggest.ts';

/** What is wrong with the configuration, in words for the person who wrote it. */
export interface ConfigProblem {
  /** Dotted path of the setting; the variable's name when the environment has one that no setting has. */
  readonly key: string;
  /** What was given, shortened; null when nothing was, or when it may be a secret. */
  readonly given: string | null;
  /** What is wrong or what is right, without a full stop. */
  readonly message: string;
  /** What to write instead; null when it cannot be known. */
  readonly fix: string | null;
}

/** Puts the schema's findings about `input` into words. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey([...path, key].join('.')));
    const given = path[0] === 'keys' ? undefined : valueAt(input, path);
    return [
      {
        key: path.join('.') || 'configuration',
        given: given === undefined ? null : shorten(JSON.stringify(given) ?? String(given)),
        message:
          path.length === 0 ? 'expected sections with settings' : `expected ${issue.message}`,
        fix: null,
      },
    ];
  });
}

/** A key that no setting has, with the nearest one that exists: a sibling, or the same name elsewhere. */
export function unknownKey(key: string): ConfigProblem {
  const name = key.slice(key.lastIndexOf('.') + 1);
  const inOtherSection = [...SETTINGS.keys()].find((known) => known.endsWith(`.${name}`));
  const sections = [...SETTINGS.values()].map(({ path }) => path[0]!);
  const near = inOtherSection ?? nearest(key, [...SETTINGS.keys(), ...sections]);
  return {
    key,
    given: null,
    message: 'no such setting',
    fix: near === null ? '`sy config schema` lists them all' : `did you mean ${near}?`,
  };
}

export function printProblem({ key, given, message, fix }: ConfigProblem): string {
  const found = given === null ? '' : `, found ${given}`;
  return `${key}: ${message}${found}${fix === null ? '' : ` - ${fix}`}`;
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
