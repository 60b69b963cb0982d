import { execFileSync } from 'node:child_process';

/** Memory of another process that is in RAM, bytes. */
export const residentBytes = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
