import { createHash, randomBytes } from 'node:crypto';

/** New at every start: marks of one run can be compared with each other and with nothing else. */
const SALT = randomBytes(16);

/**
 * A value that may not stand in a log: an address, a token, a name. It is written as a mark that is the
 * same for the same value within one run of the server.
 */
export class Private {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  toJSON(): string {
    return `#${createHash('sha256').update(SALT).update(this.#value).digest('hex').slice(0, 8)}`;
  }

  toString(): string {
    return this.toJSON();
  }
}
