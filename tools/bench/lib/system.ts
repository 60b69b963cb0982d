import { readdirSync, readFileSync } from 'node:fs';

/** Ticks per second in /proc/PID/stat: USER_HZ, fixed by the Linux ABI. */
const TICKS = 100;

/** What a set of processes has used so far. Times in seconds. */
export interface CpuUse {
  readonly userS: number;
  readonly systemS: number;
  /** Nanosecond-accurate run time of all live threads (scheduler accounting). */
  readonly runS: number;
  readonly threads: number;
  readonly contextSwitches: number;
}

/** All live processes in the trees below the given roots, roots included. */
export function processTree(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? readStat(Number(name))?.parent : undefined;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(Number(name));
    else children.set(parent, [Number(name)]);
  }
  const found = new Set<number>();
  const todo = [...roots];
  for (let pid = todo.pop(); pid !== undefined; pid = todo.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    todo.push(...(children.get(pid) ?? []));
  }
  return [...found];
}

export function cpuUse(pids: readonly number[]): CpuUse {
  const use = { userS: 0, systemS: 0, runS: 0, threads: 0, contextSwitches: 0 };
  for (const pid of pids) {
    const stat = readStat(pid);
    if (!stat) continue;
    use.userS += stat.userTicks / TICKS;
    use.systemS += stat.systemTicks / TICKS;
    use.threads += stat.threads;
    for (const thread of listThreads(pid)) {
      const runNs = Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
      use.runS += runNs / 1e9;
      use.contextSwitches += countSwitches(read(`/proc/${pid}/task/${thread}/status`));
    }
  }
  return use;
}

/** Resident memory of the processes in MiB; shared pages count once per process. */
export function residentMib(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids)
    kib += Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return kib / 1024;
}

/** Busy seconds of one core so far: whatever ran there, interrupts included. */
export function coreBusyS(core: number): number {
  const line = read('/proc/stat')
    .split('\n')
    .find((text) => text.startsWith(`cpu${core} `));
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (line ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS;
}

/** Datagrams that the kernel dropped because a receiver's buffer was full, on the whole machine. */
export function udpOverflows(): number {
  const [names, values] = read('/proc/net/snmp')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  return Number(values?.[names?.indexOf('RcvbufErrors') ?? -1] ?? 0);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readStat(pid: number) {
  const text = read(`/proc/${pid}/stat`);
  if (!text) return null;
  // The second field is the command's name and may hold spaces; everything after its bracket is plain.
  const field = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    parent: Number(field[1]),
    userTicks: Number(field[11]),
    systemTicks: Number(field[12]),
    threads: Number(field[17]),
  };
}

function countSwitches(status: string): number {
  let sum = 0;
  for (const [, count] of status.matchAll(/\n(?:non)?voluntary_ctxt_switches:\s+(\d+)/g))
    sum += Number(count);
  return sum;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty when the process or thread has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
