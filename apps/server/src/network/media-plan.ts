import { availableParallelism } from 'node:os';
import { MAX_WORKERS, type WorkerId, type WorkerSettings } from '@switchyard/core/media-api';
import type { Config } from '../config/index.ts';
import type { MediaAddress } from './addresses.ts';

/** Limits of a worker that are no settings: what one client of ours ever needs, with room to spare. */
const TRACKS_PER_TRANSPORT = 64;
const SLOTS_PER_TRANSPORT = 160;
const UNAUTHENTICATED_CHECKS_PER_SECOND = 10;

/** What each media worker is started with: worker n has a socket on every address, port `rtc.udpPort` + n. */
export function workerSettings(
  { rtc, limits }: Pick<Config, 'rtc' | 'limits'>,
  addresses: readonly MediaAddress[],
  pipeFolder: string | null,
  sockets: WorkerSettings['sockets'],
): WorkerSettings[] {
  const count =
    rtc.workers === 'auto' ? Math.min(availableParallelism(), MAX_WORKERS) : rtc.workers;
  return Array.from({ length: count }, (_, n) => ({
    worker: n as WorkerId,
    udp: addresses.map(({ internal }) => ({
      address: internal,
      port: rtc.udpPort === 0 ? 0 : rtc.udpPort + n,
    })),
    pipeFolder,
    limits: {
      transports: limits.transports,
      tracksPerTransport: TRACKS_PER_TRANSPORT,
      slotsPerTransport: SLOTS_PER_TRANSPORT,
      pendingHandshakes: limits.pendingHandshakes,
      unauthenticatedChecksPerSecond: UNAUTHENTICATED_CHECKS_PER_SECOND,
    },
    gsoPadding: rtc.gsoPadding,
    sockets,
  }));
}
