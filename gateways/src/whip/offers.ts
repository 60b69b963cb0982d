import { err, ok, type Result } from '@switchyard/core/base';
import { type OfferedMedia, parseOffer, type SessionOffer } from '@switchyard/core/sdp';
import type { TrackSource } from '@switchyard/core/signal';
import { type Problem, sdpProblem } from './problem.ts';

/** m-lines that an encoder publishes in, with what they probably carry. */
export interface Sender {
  readonly mid: string;
  readonly source: TrackSource;
  readonly rids: readonly string[];
}

/** An encoder's second pair is its screen. */
const SOURCES: Readonly<Record<'audio' | 'video', readonly TrackSource[]>> = {
  audio: ['microphone', 'screenShareAudio'],
  video: ['camera', 'screenShare'],
};

const unsupported = (code: string, detail: string, fix: string): Result<never, Problem> =>
  err({ status: 422, code, detail, fix });

/** Reads an offer; single m-lines are never refused, so whatever cannot be used fails the whole (RFC 9725 §4.4). */
function readOffer(sdp: string): Result<SessionOffer, Problem> {
  const offer = parseOffer(sdp);
  if (!offer.ok) return err(sdpProblem(offer.error));
  const data = wanted(offer.value).find(({ kind }) => kind === 'application');
  if (data !== undefined)
    return unsupported(
      'dataChannel',
      `The m-line "${data.mid}" is neither audio nor video.`,
      'Offer audio and video only.',
    );
  return offer;
}

/** What an encoder offers to send. RFC 9725 §4.2: `sendonly`, where `sendrecv` is taken as such. */
export function readWhipOffer(
  sdp: string,
): Result<{ readonly offer: SessionOffer; readonly senders: readonly Sender[] }, Problem> {
  const read = readOffer(sdp);
  if (!read.ok) return read;
  const counts = { audio: 0, video: 0 };
  const senders: Sender[] = [];
  for (const { mid, kind, direction, rids } of wanted(read.value)) {
    if (kind === 'application') continue;
    if (direction !== 'sendonly' && direction !== 'sendrecv')
      return unsupported(
        'notSending',
        `The m-line "${mid}" is ${direction}.`,
        'Publish with sendonly m-lines; play over WHEP.',
      );
    senders.push({ mid, source: SOURCES[kind][counts[kind]++] ?? 'unknown', rids });
  }
  return ok({ offer: read.value, senders });
}

export interface Pair {
  readonly audio: string;
  readonly video: string;
}

/** What a player offers to receive, audio and video paired in order. */
export function readWhepOffer(
  sdp: string,
): Result<{ readonly offer: SessionOffer; readonly pairs: readonly Pair[] }, Problem> {
  const read = readOffer(sdp);
  if (!read.ok) return read;
  const media = wanted(read.value);
  for (const { mid, direction } of media)
    if (direction !== 'recvonly' && direction !== 'sendrecv')
      return unsupported(
        'notReceiving',
        `The m-line "${mid}" is ${direction}.`,
        'Play with recvonly m-lines; publish over WHIP.',
      );
  const midsOf = (kind: string) => media.filter((line) => line.kind === kind).map(({ mid }) => mid);
  const videos = midsOf('video');
  const pairs = midsOf('audio').flatMap((audio, index) => {
    const video = videos[index];
    return video === undefined ? [] : [{ audio, video }];
  });
  return ok({ offer: read.value, pairs });
}

const wanted = (offer: SessionOffer): readonly OfferedMedia[] =>
  offer.media.filter(({ rejected }) => !rejected);

/** The answer left an m-line out: no codec in common. */
export function checkAnswer(offer: SessionOffer, answer: string): Result<void, Problem> {
  const before = offer.media.length - wanted(offer).length;
  const refused = answer.match(/^m=\S+ 0 /gm)?.length ?? 0;
  if (refused <= before) return ok(undefined);
  return unsupported(
    'noCommonCodec',
    'An m-line has no codec that this server has enabled.',
    'Offer Opus for audio, VP8 or H264 for video.',
  );
}
