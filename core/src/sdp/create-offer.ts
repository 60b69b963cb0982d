import type { CodecName, CodecParameters, MediaKind } from '../media-api/index.ts';
import { extensionUri, RtpExtension } from '../rtp/index.ts';
import { answerMedia } from './answer.ts';
import { matchKey } from './match-key.ts';
import { printDescription } from './print-description.ts';
import type { LocalSession, OfferedExtension, OfferedMedia } from './session.ts';

/** An m-line in which we would send. */
export interface SendingMedia {
  readonly mid: string;
  readonly kind: MediaKind;
}

/**
 * Our own offer to send, `setup:actpass`: for peers that only answer (WHEP's counter-offer). It is the answer
 * to what a browser would have offered to receive, so everything in it is decided as in other answers. The
 * peer's answer tells as much as such an offer would: read it with `parseOffer`, then `negotiate` with the
 * same `local`, which settles who is the DTLS client too (RFC 8842 §5.2); its text is not sent.
 */
export function createOffer(media: readonly SendingMedia[], local: LocalSession): string {
  const wanted = { bundle: media.map(({ mid }) => mid), extmapAllowMixed: true };
  const lines = media.map((line) => answerMedia(receivingMedia(line), wanted, local));
  return printDescription(wanted, local, 'actpass', lines);
}

/** The m-line as somebody would offer it who takes every codec that we know. */
const receivingMedia = ({ mid, kind }: SendingMedia): OfferedMedia => ({
  mid,
  kind,
  direction: 'recvonly',
  rejected: false,
  codecs: CODECS[kind].map(describeCodec),
  extensions: EXTENSIONS[kind],
  rids: [],
  pausedRids: [],
  ssrcs: [],
  msid: null,
  rtcpRsize: true,
  extmapAllowMixed: false,
  candidates: [],
  protocol: 'UDP/TLS/RTP/SAVPF',
  formats: [],
});

type Entry = readonly [payloadType: number, name: CodecName, clockRate: number, fmtp: string];

/** Payload types as Chromium numbers them; that of a video codec's RTX is the next one. */
const CODECS: Readonly<Record<MediaKind, readonly Entry[]>> = {
  audio: [
    [111, 'opus', 48_000, ''],
    [0, 'pcmu', 8_000, ''],
    [8, 'pcma', 8_000, ''],
    [9, 'g722', 8_000, ''],
    [110, 'telephone-event', 48_000, '0-15'],
  ],
  video: [
    [96, 'vp8', 90_000, ''],
    [102, 'h264', 90_000, 'packetization-mode=1;profile-level-id=42e01f'],
    [104, 'h264', 90_000, 'packetization-mode=1;profile-level-id=42001f'],
    [98, 'vp9', 90_000, 'profile-id=0'],
    [45, 'av1', 90_000, 'level-idx=5;profile=0;tier=0'],
    [49, 'h265', 90_000, 'level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST'],
  ],
};

function describeCodec([payloadType, name, clockRate, fmtp]: Entry): CodecParameters {
  const isVideo = clockRate === 90_000;
  return {
    payloadType,
    name,
    clockRate,
    channels: name === 'opus' ? 2 : 1,
    matchKey: matchKey(name, clockRate, fmtp),
    fmtp,
    rtxPayloadType: isVideo ? payloadType + 1 : null,
    nack: isVideo,
    pli: isVideo,
    fir: isVideo,
    remb: false,
    transportCc: true,
  };
}

const extension = (id: number, kind: RtpExtension): OfferedExtension => ({
  id,
  uri: extensionUri(kind),
  direction: 'sendrecv',
});

/** What every m-line has; within a BUNDLE group one id means one extension. */
const COMMON: readonly OfferedExtension[] = [
  extension(1, RtpExtension.mid),
  extension(2, RtpExtension.absSendTime),
  extension(3, RtpExtension.transportCc),
  extension(4, RtpExtension.absCaptureTime),
];

const EXTENSIONS: Readonly<Record<MediaKind, readonly OfferedExtension[]>> = {
  audio: [...COMMON, extension(5, RtpExtension.audioLevel)],
  video: [
    ...COMMON,
    extension(6, RtpExtension.videoOrientation),
    extension(7, RtpExtension.playoutDelay),
    extension(8, RtpExtension.videoContentType),
    extension(9, RtpExtension.colorSpace),
    extension(10, RtpExtension.dependencyDescriptor),
  ],
};
