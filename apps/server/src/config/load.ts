import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { err, ok, type Result } from '@switchyard/core/base';
import { parseDocument } from 'yaml';
import { applyOverrides, type Override, readAssignment, readEnvironment } from './overrides.ts';
import { type ConfigProblem, describeIssues } from './problems.ts';
import { type Config, ConfigSchema } from './schema.ts';
import { resolveSecrets } from './secrets.ts';

/** File names that are looked for, in this order. */
const FILE_NAMES = ['switchyard.yaml', 'switchyard.config.ts'];

export interface ConfigSources {
  /** Folder in which files are looked for. */
  readonly folder: string;
  /** A file named on the command line: it has to exist. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `key=value`, from the command line; they count more than the environment, and that more than the file. */
  readonly assignments: readonly string[];
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read; null: none was there. */
  readonly file: string | null;
}

/** Reads the configuration of all sources. Every problem is told, not only the first. */
export async function loadConfig(
  sources: ConfigSources,
): Promise<Result<LoadedConfig, ConfigProblem[]>> {
  const file = findFile(sources);
  const read = file === null ? ok({}) : await readConfigFile(file);
  if (!read.ok) return err([read.error]);
  const overrides = readOverrides(sources);
  if (!overrides.ok) return overrides;
  const base = file === null ? sources.folder : dirname(file);
  const decoded = decodeConfig(applyOverrides(read.value ?? {}, overrides.value), base);
  if (!decoded.ok) return decoded;
  const keys = resolveSecrets(decoded.value.keys, sources.environment, base);
  return keys.ok ? ok({ config: { ...decoded.value, keys: keys.value }, file }) : keys;
}

/** Checks a configuration as it stands in a file; relative paths become absolute from `folder`. */
export function decodeConfig(input: unknown, folder: string): Result<Config, ConfigProblem[]> {
  const parsed = ConfigSchema.safeParse(input);
  if (!parsed.success) return err(describeIssues(parsed.error.issues, input));
  const { tls, auth, data, ...rest } = parsed.data;
  const absolute = (path: string | undefined) =>
    path === undefined ? undefined : resolve(folder, path);
  return ok({
    ...rest,
    tls: { ...tls, cert: absolute(tls.cert), key: absolute(tls.key) },
    auth: { ...auth, jwksFile: absolute(auth.jwksFile) },
    data: { folder: resolve(folder, data.folder) },
  });
}

function findFile({ file, folder }: ConfigSources): string | null {
  if (file !== undefined) return resolve(folder, file);
  return FILE_NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path)) ?? null;
}

async function readConfigFile(file: string): Promise<Result<unknown, ConfigProblem>> {
  const problem = (message: string): ConfigProblem => ({
    key: file,
    given: null,
    message,
    fix: null,
  });
  try {
    if (/\.[mc]?[jt]s$/.test(file)) {
      const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
      if (module['default'] !== undefined) return ok(module['default']);
      return err(problem('expected `export default { ... }`'));
    }
    const document = parseDocument(readFileSync(file, 'utf8'));
    const [first] = document.errors;
    return first === undefined ? ok(document.toJS()) : err(problem(first.message));
  } catch (error) {
    return err(problem(error instanceof Error ? error.message : String(error)));
  }
}

function readOverrides({
  environment,
  assignments,
}: ConfigSources): Result<Override[], ConfigProblem[]> {
  const fromEnvironment = readEnvironment(environment);
  const problems = fromEnvironment.ok ? [] : fromEnvironment.error;
  const overrides = fromEnvironment.ok ? fromEnvironment.value : [];
  for (const assignment of assignments) {
    const read = readAssignment(assignment);
    if (read.ok) overrides.push(read.value);
    else problems.push(read.error);
  }
  return problems.length > 0 ? err(problems) : ok(overrides);
}
