import { writeFileSync } from 'node:fs';
import { generateFiles } from './files.ts';

for (const { path, text } of generateFiles()) {
  writeFileSync(path, text);
  console.log(path.pathname);
}
