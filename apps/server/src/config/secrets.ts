import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, ok, type Result } from '@switchyard/core/base';
import type { ConfigProblem } from './problems.ts';

/** RFC 7518 §3.2: a key for HS256 is at least as long as the hash. */
const MIN_SECRET_BYTES = 32;

/** Looks up `env:NAME` and `file:path` (from `folder`); no secret is repeated in a problem. */
export function resolveSecrets(
  keys: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Result<Record<string, string>, ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  const resolved = Object.entries(keys).map(([name, source]): [string, string] => {
    const secret = lookUp(source, environment, folder);
    const message = secret === null ? `${source} was not found` : weakness(secret);
    if (message !== null)
      problems.push({
        key: `keys.${name}`,
        given: null,
        message,
        fix: '`sy keys create` makes a good one',
      });
    return [name, secret ?? ''];
  });
  return problems.length > 0 ? err(problems) : ok(Object.fromEntries(resolved));
}

function lookUp(
  source: string,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): string | null {
  if (source.startsWith('env:')) return environment[source.slice(4)] ?? null;
  if (!source.startsWith('file:')) return source;
  try {
    return readFileSync(resolve(folder, source.slice(5)), 'utf8').trim();
  } catch {
    return null;
  }
}

const weakness = (secret: string): string | null =>
  Buffer.byteLength(secret) < MIN_SECRET_BYTES
    ? `the secret has ${Buffer.byteLength(secret)} bytes, expected at least ${MIN_SECRET_BYTES}`
    : null;
