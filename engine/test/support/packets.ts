import type { CodecParameters, IncomingMedia, OutgoingMedia } from '@switchyard/core/media-api';
import { extensionUri, RtpExtension } from '@switchyard/core/rtp';

/** Ids as Chromium numbers them in its offers. */
export const MID_ID = 4;
export const RID_ID = 10;
export const RRID_ID = 11;
export const TWCC_ID = 3;

const extension = (id: number, kind: RtpExtension) => ({ id, uri: extensionUri(kind) });

export const EXTENSIONS = [
  extension(MID_ID, RtpExtension.mid),
  extension(RID_ID, RtpExtension.rid),
  extension(RRID_ID, RtpExtension.rrid),
  extension(TWCC_ID, RtpExtension.transportCc),
];

export const VP8: CodecParameters = {
  payloadType: 96,
  name: 'vp8',
  clockRate: 90_000,
  channels: 1,
  matchKey: 'vp8',
  fmtp: '',
  rtxPayloadType: 97,
  nack: true,
  pli: true,
  fir: true,
  remb: false,
  transportCc: true,
};
/** The other video codec of the tests, for what is not understood by a receiver. */
export const AV1: CodecParameters = {
  ...VP8,
  payloadType: 45,
  name: 'av1',
  matchKey: 'av1/0',
  rtxPayloadType: 46,
};
export const OPUS: CodecParameters = {
  ...VP8,
  payloadType: 111,
  name: 'opus',
  clockRate: 48_000,
  channels: 2,
  matchKey: 'opus',
  rtxPayloadType: null,
  nack: false,
  pli: false,
  fir: false,
};

export const incomingMedia = (change: Partial<IncomingMedia> = {}): IncomingMedia => ({
  mid: '0',
  kind: 'video',
  codecs: [VP8],
  extensions: EXTENSIONS,
  rids: [],
  ssrcs: [],
  reducedSizeRtcp: true,
  ...change,
});

export const outgoingMedia = (change: Partial<OutgoingMedia> = {}): OutgoingMedia => ({
  mid: 'v',
  kind: 'video',
  codecs: [VP8],
  extensions: EXTENSIONS,
  ssrc: 0xff00_0001,
  rtxSsrc: 0xff00_0002,
  cname: 'switchyard',
  allowTwoByteExtensions: true,
  reducedSizeRtcp: true,
  ...change,
});

export interface PacketFields {
  readonly payloadType?: number;
  readonly ssrc?: number;
  readonly sequenceNumber?: number;
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly payload?: Uint8Array;
  /** Bytes of padding, count included. */
  readonly padding?: number;
  /** One-byte elements (RFC 8285 §4.2) by id. */
  readonly extensions?: Readonly<Record<number, Uint8Array | string>>;
}

const encoder = new TextEncoder();

/** One RTP packet, RFC 3550 §5.1. */
export function rtpPacket(fields: PacketFields): Uint8Array {
  const { payload = new Uint8Array(0), padding = 0, extensions = {} } = fields;
  const elements: number[] = [];
  for (const [id, value] of Object.entries(extensions)) {
    const data = typeof value === 'string' ? encoder.encode(value) : value;
    elements.push((Number(id) << 4) | (data.length - 1), ...data);
  }
  while (elements.length % 4 !== 0) elements.push(0);
  const headerLength = 12 + (elements.length === 0 ? 0 : 4 + elements.length);
  const bytes = new Uint8Array(headerLength + payload.length + padding);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | (elements.length === 0 ? 0 : 0x10) | (padding === 0 ? 0 : 0x20);
  bytes[1] = (fields.marker === true ? 0x80 : 0) | (fields.payloadType ?? VP8.payloadType);
  view.setUint16(2, (fields.sequenceNumber ?? 0) & 0xffff);
  view.setUint32(4, (fields.timestamp ?? 0) >>> 0);
  view.setUint32(8, fields.ssrc ?? 1000);
  if (elements.length > 0) {
    view.setUint16(12, 0xbede);
    view.setUint16(14, elements.length / 4);
    bytes.set(elements, 16);
  }
  bytes.set(payload, headerLength);
  if (padding > 0) bytes[bytes.length - 1] = padding;
  return bytes;
}

export interface Vp8Fields {
  readonly pictureId: number;
  readonly isKeyframe?: boolean;
  /** False for the later packets of a frame. */
  readonly startsFrame?: boolean;
  readonly temporalId?: number;
  readonly tl0PicIdx?: number;
  /** Y: a receiver may go up to this temporal layer here. */
  readonly isSwitchingPoint?: boolean;
  readonly content?: string;
}

/** A VP8 payload (RFC 7741 §4.2) with 15-bit picture id, TL0PICIDX and TID. */
export function vp8Payload(fields: Vp8Fields): Uint8Array {
  const { pictureId, isKeyframe = false, startsFrame = true, content = '' } = fields;
  const descriptor = [
    0x80 | (startsFrame ? 0x10 : 0),
    0xe0,
    0x80 | ((pictureId >> 8) & 0x7f),
    pictureId & 0xff,
    (fields.tl0PicIdx ?? 0) & 0xff,
    ((fields.temporalId ?? 0) << 6) | (fields.isSwitchingPoint === true ? 0x20 : 0),
  ];
  const keyframe = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00];
  const start = startsFrame ? (isKeyframe ? keyframe : [0x11, 0x02, 0x00]) : [];
  return Uint8Array.from([...descriptor, ...start, ...encoder.encode(content)]);
}
