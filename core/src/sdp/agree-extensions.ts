import type { ExtensionParameters } from '../media-api/index.ts';
import { extensionKind, RtpExtension } from '../rtp/index.ts';
import { mirrorDirection, receives, sends } from './direction.ts';
import type { OfferedExtension, OfferedMedia, SessionOffer } from './session.ts';

/** Those that the server reads, writes or passes on unchanged. */
const ACCEPTED: ReadonlySet<RtpExtension> = new Set([
  RtpExtension.mid,
  RtpExtension.rid,
  RtpExtension.rrid,
  RtpExtension.audioLevel,
  RtpExtension.absSendTime,
  RtpExtension.transportCc,
  RtpExtension.videoOrientation,
  RtpExtension.playoutDelay,
  RtpExtension.videoContentType,
  RtpExtension.colorSpace,
  RtpExtension.absCaptureTime,
  RtpExtension.dependencyDescriptor,
  RtpExtension.videoLayersAllocation,
]);

/** The highest id that fits a one-byte header. RFC 8285 §4.2. */
const MAX_ONE_BYTE_ID = 14;

/** The extensions of an answer, with directions from our view. */
export function agreeOnExtensions(
  media: OfferedMedia,
  offer: Pick<SessionOffer, 'extmapAllowMixed'>,
): readonly OfferedExtension[] {
  const mixed = offer.extmapAllowMixed || media.extmapAllowMixed;
  return media.extensions
    .filter(({ id, uri }) => isAccepted(uri) && (mixed || id <= MAX_ONE_BYTE_ID))
    .map(({ id, uri, direction }) => ({ id, uri, direction: mirrorDirection(direction) }));
}

function isAccepted(uri: string): boolean {
  const kind = extensionKind(uri);
  return kind !== undefined && ACCEPTED.has(kind);
}

export const receivable = (extensions: readonly OfferedExtension[]): ExtensionParameters[] =>
  extensions.filter(({ direction }) => receives(direction)).map(({ id, uri }) => ({ id, uri }));

export const sendable = (extensions: readonly OfferedExtension[]): ExtensionParameters[] =>
  extensions.filter(({ direction }) => sends(direction)).map(({ id, uri }) => ({ id, uri }));
