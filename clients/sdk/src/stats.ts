import type { TrackSource } from '@switchyard/core/signal';
import { normaliseStats } from './stats-normaliser.ts';
import type { TrackPublication } from './track-publication.ts';

/** One track's figures since the report before. Rates in bit/s, times in ms, ratios 0-1. */
export interface TrackStats {
  readonly trackSid: string;
  readonly source: TrackSource;
  readonly direction: 'outgoing' | 'incoming';
  readonly codec: string;
  readonly bitrateBps: number;
  readonly packetLossRatio: number;
  readonly jitterMs: number;
  /** 0 for sound. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Pictures that stood still for long, since the track began. */
  readonly freezeCount: number;
  /** Simulcast layer names sent now; empty for incoming tracks. */
  readonly layers: readonly string[];
}

/** The connection's figures. */
export interface ConnectionStats {
  readonly roundTripMs: number;
  readonly availableOutgoingBps: number;
  readonly outgoingBps: number;
  readonly incomingBps: number;
  /** `udp`, `tcp` or empty while there is no path. */
  readonly protocol: string;
  readonly localCandidateType: string;
  readonly remoteAddress: string;
}

export interface StatsSample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly connection: ConnectionStats;
  readonly tracks: readonly TrackStats[];
}

export interface StatsPort {
  getReport(): Promise<RTCStatsReport | null>;
  publications(): Iterable<TrackPublication>;
}

/** Statistics of a room: normalised by track, or the browser's own report. */
export class RoomStats {
  readonly #port: StatsPort;

  constructor(port: StatsPort) {
    this.#port = port;
  }

  /** The browser's report (W3C webrtc-stats); null without a connection. */
  getReport(): Promise<RTCStatsReport | null> {
    return this.#port.getReport();
  }

  /** Calls `listener` every `everyMs` (default 1000) until the returned function is called. */
  subscribe(
    listener: (sample: StatsSample) => void,
    options: { everyMs?: number } = {},
  ): () => void {
    let before: RTCStatsReport | null = null;
    let isBusy = false;
    const take = async () => {
      if (isBusy) return;
      isBusy = true;
      try {
        const report = await this.#port.getReport();
        if (report && before) {
          listener(normaliseStats(report, before, [...this.#port.publications()]));
        }
        before = report;
      } finally {
        isBusy = false;
      }
    };
    const timer = setInterval(() => void take().catch(() => undefined), options.everyMs ?? 1_000);
    void take().catch(() => undefined);
    return () => clearInterval(timer);
  }
}
