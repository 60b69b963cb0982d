import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder in which the server keeps what it must find again after a restart. */
export class DataFolder {
  readonly path: string;

  /** Makes the folder when it is not there, readable for its owner alone. Throws the system's error. */
  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  /** The text of a file; null when there is none. */
  read(name: string): string | null {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch {
      return null;
    }
  }

  /** Replaces a file as a whole, readable for its owner alone. */
  write(name: string, text: string): void {
    const target = join(this.path, name);
    writeFileSync(`${target}.new`, text, { mode: 0o600 });
    chmodSync(`${target}.new`, 0o600);
    renameSync(`${target}.new`, target);
  }
}
