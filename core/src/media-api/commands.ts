import type {
  DtlsFingerprint,
  IceCredentials,
  IncomingMedia,
  LayerChoice,
  MediaKind,
  OutgoingMedia,
  SlotId,
  TrackId,
  TransportId,
  WorkerId,
} from './parameters.ts';

/**
 * What rooms tell a media worker. Commands are applied in order, between packets. A command about an id
 * that is gone is ignored: its closing and the command may have crossed.
 */
export type MediaCommand =
  /** ICE-lite, DTLS, SRTP over the worker's shared ports. */
  | {
      readonly kind: 'openTransport';
      readonly transport: TransportId;
      readonly ice: IceCredentials;
      readonly dtlsRole: 'server' | 'client';
      readonly fingerprints: readonly DtlsFingerprint[];
    }
  /** ICE restart: DTLS and SRTP stay; old credentials work until a pair of the new ones is validated. */
  | { readonly kind: 'restartIce'; readonly transport: TransportId; readonly ice: IceCredentials }
  /** Plain RTP and RTCP (muxed) on a port of its own; `remote` null: latched to the first source that sends. */
  | {
      readonly kind: 'openPlainTransport';
      readonly transport: TransportId;
      readonly localAddress: string;
      /** 0: any free port; told by `plainTransportOpened`. */
      readonly localPort: number;
      readonly remote: { readonly address: string; readonly port: number } | null;
    }
  | { readonly kind: 'closeTransport'; readonly transport: TransportId }
  /** The complete list of m-lines that send to us; replaces the list before it. */
  | {
      readonly kind: 'setIncoming';
      readonly transport: TransportId;
      readonly media: readonly IncomingMedia[];
    }
  /** Takes what arrives on `mid` as this track from now on. */
  | {
      readonly kind: 'openTrack';
      readonly track: TrackId;
      readonly transport: TransportId;
      readonly mid: string;
    }
  | { readonly kind: 'closeTrack'; readonly track: TrackId }
  /** A muted track is received but not forwarded; the keyframe cache is cleared. */
  | { readonly kind: 'muteTrack'; readonly track: TrackId; readonly muted: boolean }
  | { readonly kind: 'requestKeyframe'; readonly track: TrackId }
  | {
      readonly kind: 'openSlot';
      readonly slot: SlotId;
      readonly transport: TransportId;
      readonly media: OutgoingMedia;
    }
  | { readonly kind: 'closeSlot'; readonly slot: SlotId }
  /** Puts a track into a slot (video: from its next keyframe on), changes its layers, or empties it (null). */
  | {
      readonly kind: 'assignSlot';
      readonly slot: SlotId;
      readonly track: TrackId | null;
      readonly layers: LayerChoice;
    }
  /** Sends a track of this worker to another worker, which was told `receivePipedTrack`. */
  | { readonly kind: 'pipeTrack'; readonly track: TrackId; readonly to: WorkerId }
  | { readonly kind: 'unpipeTrack'; readonly track: TrackId; readonly to: WorkerId }
  | {
      readonly kind: 'receivePipedTrack';
      readonly track: TrackId;
      readonly from: WorkerId;
      readonly mediaKind: MediaKind;
      readonly media: IncomingMedia;
    }
  /** Answered by `statistics` with the same id. */
  | { readonly kind: 'getStatistics'; readonly id: number };

/** What a worker is started with. */
export interface WorkerSettings {
  readonly worker: WorkerId;
  /** One socket for each address; 0 as port: any free one. */
  readonly udp: readonly { readonly address: string; readonly port: number }[];
  /** Folder (mode 0700) for the sockets between workers; null: no pipes. */
  readonly pipeFolder: string | null;
  readonly limits: WorkerLimits;
  /** Pad the smaller packets of a frame by a byte so that GSO runs get longer. */
  readonly gsoPadding: boolean;
  /** `batch`: recvmmsg and sendmmsg with GSO (Linux); `portable`: node:dgram. */
  readonly sockets: 'batch' | 'portable';
}

export interface WorkerLimits {
  readonly transports: number;
  readonly tracksPerTransport: number;
  readonly slotsPerTransport: number;
  /** Unfinished DTLS handshakes at once. */
  readonly pendingHandshakes: number;
  /** Unauthenticated STUN answers per source prefix and second. */
  readonly unauthenticatedChecksPerSecond: number;
}
