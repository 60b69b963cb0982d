import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** One import statement, as far as the layers care. */
export interface Import {
  readonly specifier: string;
  /** `import type` or `export type`: erased, so it costs nothing at run time and cannot close a cycle. */
  readonly typeOnly: boolean;
}

/** A source file by its path from the repository's root (forward slashes). */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly Import[];
}

/** One npm workspace package: where it stands and what its manifest declares. */
export interface Workspace {
  readonly name: string;
  readonly folder: string;
  readonly dependencies: ReadonlySet<string>;
  /** The `exports` of its manifest: sub-path (with at most one `*`) to file. */
  readonly exports: Readonly<Record<string, string>>;
}

export interface Violation {
  readonly file: string;
  readonly rule: 'layer' | 'coreOrder' | 'packageName' | 'undeclared' | 'typeOnly' | 'cycle';
  readonly text: string;
}

/**
 * The folders of `core`, lowest first. A folder imports only folders of a row above its own; a new folder is put
 * into a row here, in the commit that makes it.
 */
export const CORE_ORDER: readonly (readonly string[])[] = [
  ['base'],
  ['stun', 'rtp', 'srtp', 'sctp', 'signal', 'media-api'],
  ['rtcp', 'ice', 'dtls', 'turn', 'sdp'],
  ['bwe', 'sip'],
];

/** What each layer (a path prefix, the longest match counts) may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ['core'],
  runtime: ['core', 'engine'],
  control: ['core'],
  gateways: ['core', 'control'],
  'clients/sdk': ['core/src/base', 'core/src/signal'],
  'clients/react': ['clients/sdk', 'core/src/base', 'core/src/signal'],
  'clients/elements': ['clients/sdk', 'core/src/base', 'core/src/signal'],
  'clients/server-sdk': ['core/src/base', 'core/src/signal'],
  'clients/node': ['core', 'engine', 'runtime', 'clients'],
  'apps/server': ['core', 'engine', 'runtime', 'control', 'gateways', 'clients'],
  'apps/meet': ['core', 'clients'],
  'apps/console': ['core', 'clients'],
  scripts: [],
  tools: ['core', 'engine', 'runtime', 'control', 'gateways', 'clients'],
  test: ['core', 'engine', 'runtime', 'control', 'gateways', 'clients', 'tools', 'apps', 'scripts'],
};

/**
 * Layers that see others only through types, but for the named modules: what else they take from there would end up in
 * their users' bundles (`core/signal` brings the schema library; `protocol` is its constants).
 */
const TYPES_ONLY: Readonly<Record<string, { readonly of: string; readonly except: string }>> = {
  'clients/sdk': { of: 'core', except: 'core/src/signal/protocol.ts' },
};

/** The imports of one module, found in its text; comments and strings at the start of a line are not taken for code. */
export function findImports(text: string): Import[] {
  const found: Import[] = [];
  const statement = /^[ \t]*(?:import|export)\b([^'"`;]*?\bfrom\s*|\s*)['"]([^'"\n]+)['"]/gm;
  for (const [, clause = '', specifier = ''] of text.matchAll(statement)) {
    found.push({ specifier, typeOnly: /^\s+type\b(?!\s*(?:,|from\b))/.test(clause) });
  }
  for (const [, specifier = ''] of text.matchAll(
    /^(?!\s*(?:\*|\/\/)).*?\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/gm,
  )) {
    found.push({ specifier, typeOnly: false });
  }
  return found;
}

/** Every way in which these files break the rules of docs/architecture.md. */
export function findViolations(
  files: readonly SourceFile[],
  workspaces: readonly Workspace[],
): Violation[] {
  const violations = files.flatMap((file) =>
    file.imports.flatMap((imported) => checkImport(file, imported, workspaces)),
  );
  return [...violations, ...findCycles(files, workspaces)];
}

function checkImport(
  file: SourceFile,
  imported: Import,
  workspaces: readonly Workspace[],
): Violation[] {
  const home = workspaceOf(file.path, workspaces);
  const relative = imported.specifier.startsWith('.');
  const target = resolve(file.path, imported.specifier, workspaces);
  const text = `${file.path} imports ${imported.specifier}`;
  if (target === null) {
    const name = packageName(imported.specifier);
    if (name === null || home.dependencies.has(name)) return [];
    return [
      { file: file.path, rule: 'undeclared', text: `${text}: not in ${home.name}'s package.json` },
    ];
  }
  const other = workspaceOf(target, workspaces);
  if (relative) {
    if (other === home) return checkArrows(file.path, target, imported, text);
    return [{ file: file.path, rule: 'packageName', text: `${text}: say ${other.name}/…` }];
  }
  // The root package owns the workspaces, so the tests at the root see them all.
  if (other !== home && home.folder !== '' && !home.dependencies.has(other.name)) {
    return [
      { file: file.path, rule: 'undeclared', text: `${text}: not in ${home.name}'s package.json` },
    ];
  }
  return checkArrows(file.path, target, imported, text);
}

function checkArrows(from: string, to: string, imported: Import, text: string): Violation[] {
  const layer = layerOf(from);
  if (isTest(from) && under(to, 'tools')) return [];
  if (layer === 'core' && layerOf(to) === 'core') return checkCoreOrder(from, to, text);
  if (layerOf(to) === layer) return [];
  if (!(MAY_IMPORT[layer] ?? []).some((prefix) => under(to, prefix))) {
    return [{ file: from, rule: 'layer', text: `${text}: ${layer} may not know ${layerOf(to)}` }];
  }
  const erased = TYPES_ONLY[layer];
  const mustErase = erased !== undefined && under(to, erased.of) && to !== erased.except;
  if (mustErase && !imported.typeOnly && !isTest(from)) {
    return [{ file: from, rule: 'typeOnly', text: `${text}: only by "import type"` }];
  }
  return [];
}

function checkCoreOrder(from: string, to: string, text: string): Violation[] {
  const [folder, other] = [coreFolder(from), coreFolder(to)];
  if (folder === null || other === null || folder === other) return [];
  const [rank, otherRank] = [coreRank(folder), coreRank(other)];
  if (rank === -1 || otherRank === -1) {
    const unknown = rank === -1 ? folder : other;
    return [
      {
        file: from,
        rule: 'coreOrder',
        text: `${text}: give core/src/${unknown} a row in CORE_ORDER`,
      },
    ];
  }
  if (otherRank < rank) return [];
  return [{ file: from, rule: 'coreOrder', text: `${text}: ${other} is not below ${folder}` }];
}

const coreRank = (folder: string): number => CORE_ORDER.findIndex((row) => row.includes(folder));

/** `stun` for `core/src/stun/message.ts`; null for tests, which may use every core. */
function coreFolder(path: string): string | null {
  return /^core\/src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Files that import each other in a ring, each ring once. Erased imports do not count. */
function findCycles(files: readonly SourceFile[], workspaces: readonly Workspace[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const violations: Violation[] = [];
  const visit = (path: string): void => {
    state.set(path, 'open');
    trail.push(path);
    for (const imported of byPath.get(path)?.imports ?? []) {
      const target = imported.typeOnly ? null : resolve(path, imported.specifier, workspaces);
      if (target === null || !byPath.has(target)) continue;
      if (state.get(target) === 'open') {
        const ring = [...trail.slice(trail.indexOf(target)), target];
        violations.push({ file: path, rule: 'cycle', text: ring.join(' -> ') });
      } else if (!state.has(target)) visit(target);
    }
    trail.pop();
    state.set(path, 'done');
  };
  for (const { path } of files) if (!state.has(path)) visit(path);
  return violations;
}

/** Where an import points, as a path from the root; null for built-ins and third-party packages. */
function resolve(from: string, specifier: string, workspaces: readonly Workspace[]): string | null {
  if (specifier.startsWith('.'))
    return posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ''));
  const name = packageName(specifier);
  const workspace = workspaces.find((candidate) => candidate.name === name);
  if (workspace === undefined) return null;
  const subPath = `.${specifier.slice(workspace.name.length)}`;
  for (const [pattern, file] of Object.entries(workspace.exports)) {
    const [head = '', tail] = pattern.split('*');
    const star = tail === undefined ? '' : subPath.slice(head.length, subPath.length - tail.length);
    if (subPath === head + star + (tail ?? '')) {
      return posix.join(workspace.folder, file.replaceAll('*', star));
    }
  }
  return posix.join(workspace.folder, 'src', subPath);
}

/** The npm package that a specifier names; null for built-ins, virtual modules and file paths. */
function packageName(specifier: string): string | null {
  if (/^(?:node:|virtual:|\/|\.)/.test(specifier)) return null;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function layerOf(path: string): string {
  const layer = Object.keys(MAY_IMPORT)
    .filter((prefix) => under(path, prefix))
    .sort((a, b) => b.length - a.length)[0];
  if (layer === undefined)
    throw new Error(`${path} is in no layer: give it one in tools/lint/layers.ts`);
  return layer;
}

function workspaceOf(path: string, workspaces: readonly Workspace[]): Workspace {
  const found = workspaces
    .filter((candidate) => candidate.folder === '' || under(path, candidate.folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
  if (found === undefined) throw new Error(`${path} belongs to no package`);
  return found;
}

const under = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(`${prefix}/`);

const isTest = (path: string): boolean => /(?:^|\/)test\/|\.test\.tsx?$/.test(path);

/** Reads a package's manifest; everything it declares counts, since bundled packages stand in devDependencies. */
export function readWorkspace(root: string, folder: string): Workspace | null {
  const path = posix.join(root, folder, 'package.json');
  if (!existsSync(path)) return null;
  const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'));
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  const declared = {
    ...dependencies,
    ...devDependencies,
    ...peerDependencies,
    ...optionalDependencies,
  };
  return {
    name: manifest.name,
    folder,
    dependencies: new Set(Object.keys(declared)),
    exports: manifest.exports ?? {},
  };
}

interface Manifest {
  readonly name: string;
  readonly exports?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}
