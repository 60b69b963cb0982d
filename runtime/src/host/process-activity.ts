import { readFileSync } from 'node:fs';

/** What the system says about a process at one moment. */
export interface ProcessActivity {
  /** The main thread is in a call that does not return, or was stopped: it needs no processor. */
  readonly isBlocked: boolean;
  /** Processor time used since its start, ms in steps of 10. */
  readonly cpuMs: number;
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** S: asleep, T and t: stopped. Not D: waiting for a disk ends by itself. proc(5). */
const BLOCKED = new Set(['S', 'T', 't']);

/** Looks at a process by proc(5); null when it is gone or the platform has no such files. */
export function readActivity(pid: number): ProcessActivity | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** Reads the line of `/proc/<pid>/stat`; the name in brackets may contain anything. */
export function parseStat(line: string): ProcessActivity | null {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  // The third field of the line is the first here; utime and stime are its 14th and 15th.
  const [state = ''] = fields;
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks)
    ? { isBlocked: BLOCKED.has(state), cpuMs: ticks * MS_PER_TICK }
    : null;
}
