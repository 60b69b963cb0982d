import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeConfiguration } from './configuration.ts';
import { describeProtocol } from './protocol.ts';

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
  const protocol = new URL('docs/protocol.md', ROOT);
  return [
    { path: protocol, text: describeProtocol(readFileSync(protocol, 'utf8')) },
    {
      path: new URL('docs/configuration.md', ROOT),
      text: describeConfiguration(JSON.parse(schema)),
    },
  ];
}
