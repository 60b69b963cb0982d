import type { MediaDescription } from 'sdp-transform';
import { ok, type Result } from '../base/index.ts';
import type { CodecName, CodecParameters, MediaKind } from '../media-api/index.ts';
import type { SdpError } from './errors.ts';
import { parseFmtp } from './fmtp.ts';
import { badLine, text } from './grammar.ts';
import { matchKey } from './match-key.ts';

/** Codecs that may be answered. RED and ULPFEC are not: RTX does better with a server in between. */
const KNOWN: Readonly<Record<MediaKind, readonly CodecName[]>> = {
  audio: ['opus', 'pcmu', 'pcma', 'g722', 'telephone-event'],
  video: ['vp8', 'vp9', 'h264', 'h265', 'av1'],
};

/** Payload types that need no rtpmap. RFC 3551 table 4. */
const STATIC: ReadonlyMap<number, RtpMap> = new Map([
  [0, { name: 'pcmu', clockRate: 8000, channels: 1 }],
  [8, { name: 'pcma', clockRate: 8000, channels: 1 }],
  [9, { name: 'g722', clockRate: 8000, channels: 1 }],
]);

interface RtpMap {
  /** Lower case. */
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
}

export interface OfferedCodecs {
  readonly codecs: readonly CodecParameters[];
  /** By payload type, every one of the m-line: equal texts mean the same within a BUNDLE group. */
  readonly meanings: ReadonlyMap<number, string>;
}

/** The codecs of an m-line in its order, each with its RTX payload type and the feedback it was offered with. */
export function readCodecs(
  mid: string,
  kind: MediaKind,
  formats: readonly string[],
  fields: MediaDescription,
): Result<OfferedCodecs, SdpError> {
  const payloadTypes: number[] = [];
  for (const format of formats) {
    if (!/^[0-9]{1,3}$/.test(format) || Number(format) > 127) return badLine(mid, `m=… ${format}`);
    if (!payloadTypes.includes(Number(format))) payloadTypes.push(Number(format));
  }
  const maps = new Map(STATIC);
  for (const { payload, codec, rate, encoding } of fields.rtp) {
    const name = text(codec).toLowerCase();
    const clockRate = Number(rate ?? 0);
    const channels = Number(encoding ?? 1);
    if (name === '' || !isCount(clockRate) || !isCount(channels))
      return badLine(mid, `a=rtpmap:${payload} ${codec}/${rate}`);
    maps.set(Number(payload), { name, clockRate, channels });
  }
  const fmtps = new Map(
    fields.fmtp.map((line) => [Number(line.payload), text(line.config).trim()]),
  );
  const feedback = readFeedback(fields);
  const repairs = findRepairs(payloadTypes, maps, fmtps);

  const codecs: CodecParameters[] = [];
  const meanings = new Map<number, string>();
  for (const payloadType of payloadTypes) {
    const map = maps.get(payloadType);
    if (map === undefined) continue;
    const fmtp = fmtps.get(payloadType) ?? '';
    const name = KNOWN[kind].find((known) => known === map.name);
    const key = name === undefined ? '' : matchKey(name, map.clockRate, fmtp);
    const apt = map.name === 'rtx' ? (parseFmtp(fmtp).get('apt') ?? '') : '';
    meanings.set(payloadType, `${map.name}/${map.clockRate}/${map.channels} ${key}${apt}`);
    if (name === undefined || looksLikeRtcp(payloadType)) continue;
    const offered = (value: string): boolean =>
      feedback.has(`${payloadType} ${value}`) || feedback.has(`* ${value}`);
    codecs.push({
      payloadType,
      name,
      clockRate: map.clockRate,
      channels: map.channels,
      matchKey: key,
      fmtp,
      rtxPayloadType: repairs.get(payloadType) ?? null,
      nack: offered('nack'),
      pli: offered('nack pli'),
      fir: offered('ccm fir'),
      remb: offered('goog-remb'),
      transportCc: offered('transport-cc'),
    });
  }
  return ok({ codecs, meanings });
}

/** With the marker bit these payload types are RTCP's packet types, so they cannot be received. RFC 5761 §4. */
const looksLikeRtcp = (payloadType: number): boolean => payloadType >= 64 && payloadType < 96;

const isCount = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= 0xffffffff;

/** `96 nack pli`, `* transport-cc`. RFC 4585 §4.2. */
const readFeedback = (fields: MediaDescription): ReadonlySet<string> =>
  new Set(
    (fields.rtcpFb ?? []).map(({ payload, type, subtype }) =>
      `${payload} ${text(type)} ${text(subtype)}`.trim().toLowerCase(),
    ),
  );

/** RTX payload type by the one it repairs. RFC 4588 §8.6. */
function findRepairs(
  payloadTypes: readonly number[],
  maps: ReadonlyMap<number, RtpMap>,
  fmtps: ReadonlyMap<number, string>,
): ReadonlyMap<number, number> {
  const repairs = new Map<number, number>();
  for (const payloadType of payloadTypes) {
    if (maps.get(payloadType)?.name !== 'rtx') continue;
    const apt = Number(parseFmtp(fmtps.get(payloadType) ?? '').get('apt') ?? Number.NaN);
    if (looksLikeRtcp(payloadType) || repairs.has(apt)) continue;
    if (payloadTypes.includes(apt)) repairs.set(apt, payloadType);
  }
  return repairs;
}
