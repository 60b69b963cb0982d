import { readdirSync, readFileSync } from 'node:fs';

/**
 * Doc comments of the exported schemas in a folder and of their fields, by `Name` and `Name.field`. The
 * sources are formatted by machine, so that lines are enough to go by.
 */
export function readComments(folder: URL): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts')))
    collect(readFileSync(new URL(file, folder), 'utf8'), comments);
  return comments;
}

function collect(source: string, comments: Map<string, string>): void {
  let schema = '';
  const pattern = /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*)?^\s*(?:export const (\w+) =|(\w+): )/gm;
  for (const [, comment, name, field] of source.matchAll(pattern)) {
    if (name !== undefined) schema = name;
    if (comment === undefined) continue;
    const key = name ?? `${schema}.${field}`;
    comments.set(key, comment.replaceAll(/\s*\n\s*\* ?/g, ' ').trim());
  }
}
