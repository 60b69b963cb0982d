import { err, ok, type Result } from '../base/index.ts';
import type { IncomingMedia, OutgoingMedia } from '../media-api/index.ts';
import { agreeOnCodecs } from './agree-codecs.ts';
import { agreeOnExtensions, receivable, sendable } from './agree-extensions.ts';
import { mirrorDirection, narrowDirection, receives, sends } from './direction.ts';
import type { SdpError } from './errors.ts';
import { type AnsweredMedia, printDescription } from './print-description.ts';
import type { LocalSession, Negotiation, OfferedMedia, SessionOffer } from './session.ts';

/**
 * Answers an offer as an ICE-lite server: every m-line of the offer in its place, the offer's payload types
 * and extension ids, mirrored directions (RFC 3264 §6, RFC 9429 §5.3). An m-line without a common codec gets
 * port 0, except the one that leads the BUNDLE group: it carries the transport, so without it there is none.
 */
export function negotiate(offer: SessionOffer, local: LocalSession): Result<Negotiation, SdpError> {
  if (offer.ice.lite) return err({ code: 'iceLite' });
  const dtlsRole = local.dtlsRole ?? (offer.setup === 'passive' ? 'client' : 'server');
  if (offer.setup === (dtlsRole === 'server' ? 'passive' : 'active'))
    return err({ code: 'roleChanged', setup: offer.setup });

  const tag = offer.bundle[0] ?? offer.media.find((media) => !media.rejected)?.mid;
  const answered: AnsweredMedia[] = [];
  for (const media of offer.media) {
    const line = answerMedia(media, offer, local);
    if (!line.accepted && media.mid === tag && !media.rejected) return err(refuseTag(media, local));
    answered.push(line);
  }
  return ok({
    sdp: printDescription(offer, local, dtlsRole === 'server' ? 'passive' : 'active', answered),
    dtlsRole,
    incoming: answered.flatMap((line) => toIncoming(line)),
    outgoing: answered.flatMap((line) => toOutgoing(line, offer)),
    refused: answered.filter((line) => !line.accepted).map((line) => line.media.mid),
  });
}

/** Decides about one m-line. */
export function answerMedia(
  media: OfferedMedia,
  offer: Pick<SessionOffer, 'extmapAllowMixed'>,
  local: LocalSession,
): AnsweredMedia {
  const refused = { accepted: false, media } as const;
  if (media.rejected || media.kind === 'application' || local.rejectMids?.has(media.mid))
    return refused;
  const extensions = agreeOnExtensions(media, offer);
  const preference = media.kind === 'audio' ? local.audioCodecs : local.videoCodecs;
  const codecs = agreeOnCodecs(media.codecs, preference, extensions);
  if (codecs.length === 0) return refused;
  const allowed = local.allow?.(media) ?? { receive: true, send: true };
  const direction = narrowDirection(mirrorDirection(media.direction), allowed);
  return {
    accepted: true,
    media,
    kind: media.kind,
    direction,
    codecs,
    extensions,
    stream: sends(direction) ? local.outgoing(media.mid, media.kind) : null,
  };
}

function refuseTag({ mid, kind, codecs }: OfferedMedia, local: LocalSession): SdpError {
  if (kind === 'application' || local.rejectMids?.has(mid)) return { code: 'tagRejected', mid };
  return { code: 'noCommonCodec', mid, offered: [...new Set(codecs.map(({ name }) => name))] };
}

function toIncoming(line: AnsweredMedia): IncomingMedia[] {
  if (!line.accepted || !receives(line.direction)) return [];
  const { mid, rids, ssrcs, rtcpRsize } = line.media;
  return [
    {
      mid,
      kind: line.kind,
      codecs: line.codecs,
      extensions: receivable(line.extensions),
      rids,
      ssrcs,
      reducedSizeRtcp: rtcpRsize,
    },
  ];
}

function toOutgoing(line: AnsweredMedia, offer: SessionOffer): OutgoingMedia[] {
  if (!line.accepted || line.stream === null) return [];
  const { mid, rtcpRsize, extmapAllowMixed } = line.media;
  const { ssrc, rtxSsrc, cname } = line.stream;
  const repaired = line.codecs.some((codec) => codec.rtxPayloadType !== null);
  return [
    {
      mid,
      kind: line.kind,
      codecs: line.codecs,
      extensions: sendable(line.extensions),
      ssrc,
      rtxSsrc: repaired ? rtxSsrc : null,
      cname,
      allowTwoByteExtensions: offer.extmapAllowMixed || extmapAllowMixed,
      reducedSizeRtcp: rtcpRsize,
    },
  ];
}
