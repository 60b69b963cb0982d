import { existsSync } from 'node:fs';
import { probeBatchSockets } from '@switchyard/runtime/host';
import type { Config } from '../config/index.ts';
import type { Finding } from './check.ts';

/** Older ones do not run TypeScript as it is. */
const NODE_MAJOR = 26;

/** Written by systemd-timesyncd once the clock was set by the network. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized';

/** This program is not older: a clock before this date makes tokens and certificates useless. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);

export function checkNode(version: string = process.versions.node): Finding {
  const name = 'Node.js';
  if (Number(version.split('.')[0]) >= NODE_MAJOR) return { name, status: 'ok', detail: version };
  return {
    name,
    status: 'fail',
    detail: `${version}, needed is ${NODE_MAJOR} or later`,
    fix: 'npm start brings its own; elsewhere install it from nodejs.org.',
  };
}

export async function checkSockets(
  { rtc }: Pick<Config, 'rtc'>,
  probe: () => Promise<string | null> = probeBatchSockets,
): Promise<Finding> {
  const name = 'sockets';
  if (rtc.sockets === 'portable')
    return { name, status: 'ok', detail: 'portable, as rtc.sockets says' };
  const reason = await probe();
  if (reason === null) return { name, status: 'ok', detail: 'batched system calls work' };
  return {
    name,
    status: rtc.sockets === 'batch' ? 'fail' : 'warn',
    detail: `no batched system calls: ${reason}`,
    fix: 'Media costs more CPU. In a container allow recvmmsg, sendmmsg and epoll (seccomp).',
  };
}

export function checkClock(
  nowMs: number = Date.now(),
  isSynchronized: boolean = existsSync(SYNCHRONIZED),
): Finding {
  const name = 'clock';
  const time = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_MS)
    return {
      name,
      status: 'fail',
      detail: `${time} cannot be right`,
      fix: 'Set the clock, best by NTP: tokens and certificates have times.',
    };
  const detail = isSynchronized ? `${time}, set by the network` : time;
  return { name, status: 'ok', detail };
}
