import type { DtlsFingerprint, SlotId, TrackId, TransportId, WorkerId } from './parameters.ts';

/**
 * - `new`: no check yet. `connecting`: a check validated, DTLS under way. `connected`: media can flow.
 * - `suspect`: no authenticated check for 15 s. `failed`: for 30 s, or DTLS failed; nothing is sent any more.
 */
export type TransportState = 'new' | 'connecting' | 'connected' | 'suspect' | 'failed' | 'closed';

/** What a worker tells the rooms. */
export type MediaNotice =
  /** First notice of a worker: its sockets are open. */
  | {
      readonly kind: 'ready';
      readonly worker: WorkerId;
      readonly pid: number;
      readonly udp: readonly { readonly address: string; readonly port: number }[];
      readonly fingerprint: DtlsFingerprint;
    }
  | {
      readonly kind: 'transportState';
      readonly transport: TransportId;
      readonly state: TransportState;
      /** Why it failed, for the log and the person. */
      readonly detail: string;
    }
  | {
      readonly kind: 'plainTransportOpened';
      readonly transport: TransportId;
      readonly localPort: number;
    }
  /** First packet of a track, or its codec or set of live layers changed. */
  | {
      readonly kind: 'trackActive';
      readonly track: TrackId;
      readonly matchKey: string;
      readonly codec: string;
      /** Indexes of simulcast layers that arrive now, with pixels where known (0 otherwise). */
      readonly layers: readonly {
        readonly index: number;
        readonly rid: string;
        readonly width: number;
        readonly height: number;
        readonly bitrateBps: number;
      }[];
    }
  /** The first packet of the slot's new source was sent with this RTP timestamp. */
  | {
      readonly kind: 'slotSwitched';
      readonly slot: SlotId;
      readonly track: TrackId;
      readonly rtpTimestamp: number;
    }
  /** The slot's receiver cannot decode what the track carries. */
  | {
      readonly kind: 'slotUnavailable';
      readonly slot: SlotId;
      readonly track: TrackId;
      readonly reason: 'codec';
    }
  /** Every 200 ms while anybody speaks: pairs of track and smoothed loudness 0 (silent) to 127. */
  | { readonly kind: 'audioLevels'; readonly levels: readonly number[] }
  /** Every 2 s, for connected transports. */
  | { readonly kind: 'transportQuality'; readonly transports: readonly TransportQuality[] }
  | { readonly kind: 'load'; readonly load: WorkerLoad }
  | {
      readonly kind: 'statistics';
      readonly id: number;
      readonly load: WorkerLoad;
      readonly counters: Readonly<Record<string, number>>;
    };

export interface TransportQuality {
  readonly transport: TransportId;
  /** Round trip in ms from RTCP; -1 while unknown. */
  readonly rttMs: number;
  /** Share of packets lost from the client to us, and from us to the client, 0..1; -1 while unknown. */
  readonly lossUp: number;
  readonly lossDown: number;
  /** Interarrival jitter in ms: what we see of the client, and the client of us. */
  readonly jitterUpMs: number;
  readonly jitterDownMs: number;
  readonly bitrateUpBps: number;
  readonly bitrateDownBps: number;
}

export interface WorkerLoad {
  /** Share of one core used in the last 2 s, 0..1. */
  readonly cpu: number;
  readonly packetsInPerSecond: number;
  readonly packetsOutPerSecond: number;
  readonly transports: number;
  readonly tracks: number;
  readonly slots: number;
  /** Bytes. */
  readonly residentSetSize: number;
  /** Datagrams dropped since the worker started; absent before its first report. */
  readonly dropped?: Readonly<Record<DropReason, number>>;
}

/** Why a worker drops a datagram. */
export type DropReason =
  /** Not STUN, from an address that has not authenticated itself. */
  | 'unknownSource'
  /** None of STUN, DTLS, RTP, RTCP. */
  | 'unknownKind'
  | 'malformed'
  /** Of no m-line, or before the keys. */
  | 'unbound'
  /** Of an m-line whose track is not open. */
  | 'unpublished'
  /** More in one turn than there is room for. */
  | 'overload'
  /** The tag is wrong. RFC 3711 §3.3. */
  | 'srtpUnauthenticated'
  | 'srtcpUnauthenticated'
  /** Accepted before, or too old to tell. */
  | 'srtpReplayed'
  | 'srtcpReplayed'
  /** More SSRCs than a transport may have. */
  | 'tooManyStreams'
  /** DTLS that could not belong to the association. */
  | 'dtlsDropped'
  /** The beginning of a DTLS handshake while too many were unfinished. */
  | 'handshakesRefused';
