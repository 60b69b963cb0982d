/** What one check found. */
export interface Finding {
  /** What was looked at, as `UDP ports`. */
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found, a sentence or a value. */
  readonly detail: string;
  /** What to do about it; absent when it is well. */
  readonly fix?: string;
}

/** A line for people: `ok    UDP ports   7882, 7883`. */
export function printFinding({ name, status, detail, fix }: Finding): string {
  const line = `${status.padEnd(4)}  ${name.padEnd(15)}  ${detail}`;
  return fix === undefined ? line : `${line}\n${' '.repeat(23)}${fix}`;
}
