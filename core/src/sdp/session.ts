import type {
  CodecName,
  CodecParameters,
  DtlsFingerprint,
  IncomingMedia,
  MediaKind,
  OutgoingMedia,
} from '../media-api/index.ts';

export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A peer's offer with session-level attributes merged into what they mean. BUNDLE on one transport is assumed. */
export interface SessionOffer {
  readonly ice: RemoteIce;
  /** Those we can verify (SHA-256 and stronger), at least one. */
  readonly fingerprints: readonly DtlsFingerprint[];
  readonly setup: 'actpass' | 'active' | 'passive';
  /** Mids of the BUNDLE group in its order, the first leads it; empty for a single m-line without a group. */
  readonly bundle: readonly string[];
  /** `a=extmap-allow-mixed` at session level: Chromium's place for it. */
  readonly extmapAllowMixed: boolean;
  /** In the order of the text; an answer has as many, in this order, for ever. */
  readonly media: readonly OfferedMedia[];
}

export interface RemoteIce {
  readonly ufrag: string;
  readonly pwd: string;
  /** The peer is ICE-lite as well: no side would check, so rooms refuse it. */
  readonly lite: boolean;
  readonly options: readonly string[];
}

/** One m-line of an offer. */
export interface OfferedMedia {
  readonly mid: string;
  /** `application` also stands for every kind that is neither audio nor video. */
  readonly kind: MediaKind | 'application';
  /** As offered: `recvonly` means that the peer receives. */
  readonly direction: MediaDirection;
  /** Port 0 without `a=bundle-only`: the peer does not want it (any more). */
  readonly rejected: boolean;
  /** Of those codecs that this server knows, in the order of the m-line, RTX folded in. */
  readonly codecs: readonly CodecParameters[];
  readonly extensions: readonly OfferedExtension[];
  /** RIDs that the peer sends with simulcast, lowest layer first as browsers list them; empty without. */
  readonly rids: readonly string[];
  /** Those of them that the peer does not send for now. */
  readonly pausedRids: readonly string[];
  readonly ssrcs: readonly { readonly ssrc: number; readonly rtxSsrc: number | null }[];
  /** null when the m-line names none, as receiving ones do. */
  readonly msid: { readonly streamId: string; readonly trackId: string } | null;
  readonly rtcpRsize: boolean;
  /** Firefox's place for `a=extmap-allow-mixed`. */
  readonly extmapAllowMixed: boolean;
  /** Values of `a=candidate` lines, unparsed: a lite agent does not need them. */
  readonly candidates: readonly string[];
  /** As in the m-line: echoed by the answer. */
  readonly protocol: string;
  readonly formats: readonly string[];
}

export interface OfferedExtension {
  readonly id: number;
  readonly uri: string;
  /** From the peer's view, as offered. */
  readonly direction: MediaDirection;
}

/** Our side of an answer. */
export interface LocalSession {
  readonly ice: { readonly ufrag: string; readonly pwd: string };
  readonly fingerprint: DtlsFingerprint;
  /** Host candidates of the worker's shared ports, best first. */
  readonly candidates: readonly LocalCandidate[];
  /** Order of preference; a codec that is missing here is not answered. */
  readonly audioCodecs: readonly CodecName[];
  readonly videoCodecs: readonly CodecName[];
  /** Decimal digits, the same through the session's life. */
  readonly sessionId: string;
  /** Grows by one with each answer. */
  readonly sessionVersion: number;
  /** Names the stream of an m-line in which we send; called once for each, in order. */
  readonly outgoing: (mid: string, kind: MediaKind) => LocalStream;
  /** Narrows what an m-line is used for; by default whatever the offer allows. */
  readonly allow?: (media: OfferedMedia) => { readonly receive: boolean; readonly send: boolean };
  /** m-lines answered with port 0. */
  readonly rejectMids?: ReadonlySet<string>;
  /** The role of the DTLS association that exists already; without it the offer's `setup` decides. */
  readonly dtlsRole?: 'server' | 'client';
}

/** What we send in one m-line. */
export interface LocalStream {
  readonly ssrc: number;
  /** Used only if the peer negotiates RTX. */
  readonly rtxSsrc: number | null;
  readonly cname: string;
  /** Becomes `a=msid`; m-lines with the same one are played in sync. */
  readonly streamId: string;
  readonly trackId: string;
}

export interface LocalCandidate {
  readonly address: string;
  readonly port: number;
  /** `tcp` is passive (RFC 6544): the peer connects. */
  readonly protocol: 'udp' | 'tcp';
}

/** The answer and what both sides agreed on. */
export interface Negotiation {
  readonly sdp: string;
  readonly dtlsRole: 'server' | 'client';
  /** m-lines in which the peer sends to us, in order. */
  readonly incoming: readonly IncomingMedia[];
  /** m-lines in which we send, in order. */
  readonly outgoing: readonly OutgoingMedia[];
  /** Mids of the m-lines that the answer gave port 0: the peer may use their places for others. */
  readonly refused: readonly string[];
}
