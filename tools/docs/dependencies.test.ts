import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const rows = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'));

interface Manifest {
  readonly name?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Direct dependencies of all packages with their pinned versions; ours and the types of others left out. */
function directDependencies(): Map<string, string> {
  const manifests = globSync(['package.json', '*/package.json', '{apps,clients}/*/package.json'], {
    cwd: ROOT,
    exclude: (path) => path.endsWith('node_modules'),
  });
  const found = manifests.flatMap((path) => {
    const { dependencies, devDependencies, optionalDependencies } = readManifest(path);
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  });
  return new Map(found.filter(([name]) => !/^@(?:switchyard|types)\//.test(name)));
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Manifest;
}

test('docs/dependencies.md names every direct dependency with its version and licence', () => {
  const wrong = [...directDependencies()].flatMap(([name, version]) => {
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${name}\``));
    if (row === undefined) return [`${name} is not named`];
    const problems = row.includes(version) ? [] : [`${name}: the version is ${version}`];
    const manifest = join('node_modules', name, 'package.json');
    if (!existsSync(join(ROOT, manifest))) return problems; // another platform's
    const licence = readManifest(manifest).license?.replace('MPL 2.0', 'MPL-2.0') ?? 'none';
    return row.includes(licence) ? problems : [...problems, `${name}: the licence is ${licence}`];
  });
  assert.deepEqual(wrong, []);
});

test('docs/dependencies.md names nothing that is not a dependency', () => {
  const known = directDependencies();
  const named = rows.flatMap((row) => {
    const [, packages = ''] = row.split('|');
    return [...packages.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  });
  assert.deepEqual(
    named.filter((name) => !known.has(name) && name !== '@types/*'),
    [],
  );
});
