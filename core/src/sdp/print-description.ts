import type { CodecParameters, MediaKind } from '../media-api/index.ts';
import { answerFmtp } from './agree-codecs.ts';
import { printCandidates } from './candidates.ts';
import { receives } from './direction.ts';
import type {
  LocalSession,
  LocalStream,
  MediaDirection,
  OfferedExtension,
  OfferedMedia,
  SessionOffer,
} from './session.ts';

/** What was decided about one m-line; everything from our view. */
export type AnsweredMedia =
  | { readonly accepted: false; readonly media: OfferedMedia }
  | {
      readonly accepted: true;
      readonly media: OfferedMedia;
      readonly kind: MediaKind;
      readonly direction: MediaDirection;
      readonly codecs: readonly CodecParameters[];
      readonly extensions: readonly OfferedExtension[];
      /** null when we do not send. */
      readonly stream: LocalStream | null;
    };
type AcceptedMedia = Extract<AnsweredMedia, { accepted: true }>;

/** Names as their RTP payload formats register them; browsers compare without case, old stacks do not. */
const ENCODING_NAMES: Readonly<Record<CodecParameters['name'], string>> = {
  opus: 'opus',
  pcmu: 'PCMU',
  pcma: 'PCMA',
  g722: 'G722',
  'telephone-event': 'telephone-event',
  red: 'red',
  vp8: 'VP8',
  vp9: 'VP9',
  h264: 'H264',
  h265: 'H265',
  av1: 'AV1',
};

/** The text of an answer (RFC 9429 §5.3), or of our own offer when `setup` is `actpass`. */
export function printDescription(
  { bundle: offered, extmapAllowMixed }: Pick<SessionOffer, 'bundle' | 'extmapAllowMixed'>,
  local: LocalSession,
  setup: SessionOffer['setup'],
  answered: readonly AnsweredMedia[],
): string {
  const accepted = new Set(answered.filter((line) => line.accepted).map((line) => line.media.mid));
  const bundle = offered.filter((mid) => accepted.has(mid));
  const tag = bundle[0] ?? [...accepted][0];
  const transport = [
    `a=ice-ufrag:${local.ice.ufrag}`,
    `a=ice-pwd:${local.ice.pwd}`,
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    `a=setup:${setup}`,
  ];
  const candidates = [
    ...printCandidates(local.candidates).map((candidate) => `a=candidate:${candidate}`),
    'a=end-of-candidates',
  ];
  const lines = [
    'v=0',
    `o=- ${local.sessionId} ${local.sessionVersion} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(bundle.length > 0 ? [`a=group:BUNDLE ${bundle.join(' ')}`] : []),
    'a=ice-lite',
    ...(extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
    'a=msid-semantic:WMS *',
    ...answered.flatMap((line) => {
      if (!line.accepted) return printRefused(line.media);
      return printAccepted(
        line,
        line.media.mid === tag ? [...transport, ...candidates] : transport,
      );
    }),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

const printRefused = ({ kind, mid, protocol, formats }: OfferedMedia): string[] => [
  `m=${kind} 0 ${protocol} ${formats.join(' ') || '0'}`,
  'c=IN IP4 0.0.0.0',
  ...(mid === '' ? [] : [`a=mid:${mid}`]),
  'a=inactive',
];

function printAccepted(line: AcceptedMedia, transport: readonly string[]): string[] {
  const { media, codecs } = line;
  const payloadTypes = codecs.flatMap(({ payloadType, rtxPayloadType }) =>
    rtxPayloadType === null ? [payloadType] : [payloadType, rtxPayloadType],
  );
  return [
    `m=${media.kind} 9 ${media.protocol} ${payloadTypes.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...transport,
    `a=mid:${media.mid}`,
    `a=${line.direction}`,
    'a=rtcp-mux',
    ...(media.rtcpRsize ? ['a=rtcp-rsize'] : []),
    ...(media.extmapAllowMixed ? ['a=extmap-allow-mixed'] : []),
    ...line.extensions.map(printExtension),
    ...codecs.flatMap(printCodec),
    ...(receives(line.direction) ? printSimulcast(media) : []),
    ...(line.stream === null ? [] : printStream(line.stream, codecs)),
  ];
}

const printExtension = ({ id, uri, direction }: OfferedExtension): string =>
  `a=extmap:${id}${direction === 'sendrecv' ? '' : `/${direction}`} ${uri}`;

function printCodec(codec: CodecParameters): string[] {
  const { payloadType, rtxPayloadType, clockRate } = codec;
  const channels = codec.channels > 1 ? `/${codec.channels}` : '';
  const fmtp = answerFmtp(codec);
  const feedback = [
    codec.transportCc && 'transport-cc',
    codec.remb && 'goog-remb',
    codec.fir && 'ccm fir',
    codec.nack && 'nack',
    codec.pli && 'nack pli',
  ];
  const lines = [`a=rtpmap:${payloadType} ${ENCODING_NAMES[codec.name]}/${clockRate}${channels}`];
  for (const value of feedback) if (value) lines.push(`a=rtcp-fb:${payloadType} ${value}`);
  if (fmtp !== '') lines.push(`a=fmtp:${payloadType} ${fmtp}`);
  if (rtxPayloadType !== null) {
    lines.push(`a=rtpmap:${rtxPayloadType} rtx/${clockRate}`);
    lines.push(`a=fmtp:${rtxPayloadType} apt=${payloadType}`);
  }
  return lines;
}

/**
 * We take every layer, in the offer's order; what it pauses stays paused (RFC 8853 §5.3.2): Chromium turns on each
 * layer that the answer does not pause, and sends a small camera then only in its lowest.
 */
function printSimulcast({ rids, pausedRids }: OfferedMedia): string[] {
  if (rids.length === 0) return [];
  const streams = rids.map((rid) => (pausedRids.includes(rid) ? `~${rid}` : rid));
  return [...rids.map((rid) => `a=rid:${rid} recv`), `a=simulcast:recv ${streams.join(';')}`];
}

/** The SSRCs stay while sources change, so the browser may know them beforehand. RFC 5576, RFC 8830. */
function printStream(stream: LocalStream, codecs: readonly CodecParameters[]): string[] {
  const { ssrc, cname, streamId, trackId } = stream;
  const repaired = codecs.some(({ rtxPayloadType }) => rtxPayloadType !== null);
  const rtxSsrc = repaired ? stream.rtxSsrc : null;
  const cnames = [`a=ssrc:${ssrc} cname:${cname}`];
  if (rtxSsrc !== null) cnames.push(`a=ssrc:${rtxSsrc} cname:${cname}`);
  return [
    `a=msid:${streamId} ${trackId}`,
    ...(rtxSsrc === null ? [] : [`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`]),
    ...cnames,
  ];
}
