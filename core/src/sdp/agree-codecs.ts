import type { CodecName, CodecParameters } from '../media-api/index.ts';
import { extensionUri, RtpExtension } from '../rtp/index.ts';
import { parseFmtp } from './fmtp.ts';
import type { OfferedExtension } from './session.ts';

/**
 * Among several of one codec those that most receivers can decode come first, so that publishers and slots
 * meet: Safari offers High before Constrained Baseline, Chromium Baseline before it.
 */
const COMMON_FIRST: readonly string[] = [
  'h264/42e0/1',
  'h264/4200/1',
  'h264/42e0/0',
  'h264/4200/0',
];

/**
 * The codecs of an answer: all offered ones that we prefer, in our order, else in the offer's. Feedback is
 * what was offered, but transport-cc only with its header extension and REMB only without transport-cc.
 */
export function agreeOnCodecs(
  offered: readonly CodecParameters[],
  preference: readonly CodecName[],
  extensions: readonly OfferedExtension[],
): readonly CodecParameters[] {
  const transportCc = extensions.some(({ uri }) => uri === TRANSPORT_CC);
  const codecs = offered
    .filter(({ name }) => preference.includes(name))
    .map((codec) => ({
      ...codec,
      transportCc: codec.transportCc && transportCc,
      remb: codec.remb && !(codec.transportCc && transportCc),
    }))
    .sort((a, b) => rank(a, preference) - rank(b, preference));
  return codecs.filter(
    (codec) =>
      codec.name !== 'telephone-event' || codecs.some((other) => carriesTones(other, codec)),
  );
}

const TRANSPORT_CC = extensionUri(RtpExtension.transportCc);

function rank(codec: CodecParameters, preference: readonly CodecName[]): number {
  const common = COMMON_FIRST.indexOf(codec.matchKey);
  return preference.indexOf(codec.name) * 8 + (common === -1 ? COMMON_FIRST.length : common);
}

/** Tones share the SSRC of their audio and so its clock (G.722's is 8000 in SDP). RFC 4733 §2.1. */
const carriesTones = (audio: CodecParameters, tones: CodecParameters): boolean =>
  audio.name !== 'telephone-event' && audio.clockRate === tones.clockRate;

/** The fmtp of our answer: what we take, in the words of the offer where they describe the stream. */
export function answerFmtp({ name, fmtp }: CodecParameters): string {
  const offered = parseFmtp(fmtp);
  const echo = (...keys: readonly string[]): string =>
    keys
      .filter((key) => offered.has(key))
      .map((key) => `${key}=${offered.get(key)}`)
      .join(';');
  switch (name) {
    case 'opus': {
      const stereo = offered.get('stereo') === '1' || offered.get('sprop-stereo') === '1';
      const minptime = /^[0-9]{1,3}$/.test(offered.get('minptime') ?? '')
        ? offered.get('minptime')
        : '10';
      return `minptime=${minptime};useinbandfec=1${stereo ? ';stereo=1;sprop-stereo=1' : ''}`;
    }
    case 'h264':
      return ['level-asymmetry-allowed=1', echo('packetization-mode', 'profile-level-id')]
        .filter(Boolean)
        .join(';');
    case 'h265':
      return echo('level-id', 'profile-id', 'tier-flag', 'tx-mode');
    case 'vp9':
      return echo('profile-id');
    case 'av1':
      return echo('level-idx', 'profile', 'tier');
    case 'telephone-event':
      return /^[0-9,-]{1,64}$/.test(fmtp) ? fmtp : '';
    default:
      return '';
  }
}
