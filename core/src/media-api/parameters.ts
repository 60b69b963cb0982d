import type { Brand } from '../base/index.ts';

/*
 * How rooms describe media to a worker. Numbers are ids that the rooms' side allocates and never reuses
 * within a server's life, so that no reply is needed to learn them.
 */

export type WorkerId = Brand<number, 'WorkerId'>;
/** One peer connection, plain RTP leg or pipe end. */
export type TransportId = Brand<number, 'TransportId'>;
/** One published source with all its simulcast layers. The same number in every worker that carries it. */
export type TrackId = Brand<number, 'TrackId'>;
/** One outgoing stream of a subscriber: fixed SSRC, changing sources. */
export type SlotId = Brand<number, 'SlotId'>;

export type MediaKind = 'audio' | 'video';

/** Names as in SDP's rtpmap, lower case. */
export type CodecName =
  | 'opus'
  | 'pcmu'
  | 'pcma'
  | 'g722'
  | 'vp8'
  | 'vp9'
  | 'h264'
  | 'h265'
  | 'av1'
  | 'red'
  | 'telephone-event';

/** One negotiated payload type of an m-line. */
export interface CodecParameters {
  readonly payloadType: number;
  readonly name: CodecName;
  /** Hz. */
  readonly clockRate: number;
  readonly channels: number;
  /** What must be equal for forwarding without transcoding, e.g. `vp8`, `h264/42e0/1`, `vp9/0`. */
  readonly matchKey: string;
  readonly fmtp: string;
  /** Payload type of its RTX (RFC 4588); null when not negotiated. */
  readonly rtxPayloadType: number | null;
  readonly nack: boolean;
  readonly pli: boolean;
  readonly fir: boolean;
  readonly remb: boolean;
  readonly transportCc: boolean;
}

/** A negotiated header extension: the URI as in `a=extmap`. */
export interface ExtensionParameters {
  readonly id: number;
  readonly uri: string;
}

/** An m-line in which the remote side sends to us. */
export interface IncomingMedia {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly codecs: readonly CodecParameters[];
  readonly extensions: readonly ExtensionParameters[];
  /** Simulcast RIDs, lowest layer first; empty without simulcast. */
  readonly rids: readonly string[];
  /** From `a=ssrc` and FID groups; may be empty (Chromium's simulcast m-lines have none). */
  readonly ssrcs: readonly { readonly ssrc: number; readonly rtxSsrc: number | null }[];
  /** `rtcp-rsize` was negotiated: reports may be sent without a compound. */
  readonly reducedSizeRtcp: boolean;
}

/** An m-line in which we send: one slot. */
export interface OutgoingMedia {
  readonly mid: string;
  readonly kind: MediaKind;
  /** In the receiver's order of preference. */
  readonly codecs: readonly CodecParameters[];
  readonly extensions: readonly ExtensionParameters[];
  readonly ssrc: number;
  readonly rtxSsrc: number | null;
  readonly cname: string;
  /** `extmap-allow-mixed` was offered: two-byte extensions may be written. */
  readonly allowTwoByteExtensions: boolean;
  readonly reducedSizeRtcp: boolean;
}

export interface IceCredentials {
  readonly localUfrag: string;
  readonly localPwd: string;
  readonly remoteUfrag: string;
  readonly remotePwd: string;
}

export interface DtlsFingerprint {
  /** Lower case, as `sha-256`. */
  readonly algorithm: string;
  /** Upper-case hexadecimal pairs with colons. */
  readonly value: string;
}

/** Which layers of a track a slot may carry. Indexes count from the lowest, 0. */
export interface LayerChoice {
  readonly spatial: number;
  readonly temporal: number;
}
