import type { Millis } from '@switchyard/core/base';

/** Where a session's RTCP goes: the transport seals and queues it. */
export interface RtcpOutlet {
  /** Arena that RTCP is written into. */
  readonly bytes: Uint8Array;
  /** Where an RTCP packet may be written, with a 2048-byte slot behind it; -1 when nothing may be sent now. */
  reserveRtcp(): number;
  /** Seals and queues the compound packet at `at`. */
  sendRtcp(at: number, length: number): void;
}

/** Wall-clock time for sender reports: monotonic ms plus this is ms since 1900. One value for the whole server process. */
export interface WallClock {
  ntpMs(now: Millis): number;
}
