import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeConfiguration } from './configuration.ts';

const ROOT = new URL('../../', import.meta.url);
const SERVER = fileURLToPath(new URL('apps/server/src/main.ts', ROOT));

/** A document that is made from the sources. */
export interface GeneratedFile {
  readonly path: URL;
  readonly text: string;
}

/** All of them as they should be now. */
export function generateFiles(): GeneratedFile[] {
  const schema = execFileSync(process.execPath, [SERVER, 'config', 'schema'], { encoding: 'utf8' });
  return [
    {
      path: new URL('docs/configuration.md', ROOT),
      text: describeConfiguration(JSON.parse(schema)),
    },
  ];
}
