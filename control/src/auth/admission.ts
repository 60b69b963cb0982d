import { err, ok, type Result } from '@switchyard/core/base';
import type { Admission } from '../rooms/index.ts';
import type { Claims } from './claims.ts';
import type { AuthError } from './verify.ts';

/**
 * What a verified token admits to: its room when `roomJoin` says so, else a user session. A token that
 * names a room without `roomJoin` admits to nothing.
 */
export function admissionOf(claims: Claims): Result<Admission, AuthError> {
  const { video } = claims;
  if (claims.sub === undefined)
    return err({ code: 'tokenClaims', detail: 'sub (the identity) is missing' });
  if (video.room !== undefined && !video.roomJoin)
    return err({ code: 'tokenClaims', detail: 'video.roomJoin is not set for its room' });
  if (video.room === undefined && video.roomJoin)
    return err({ code: 'tokenClaims', detail: 'video.room is missing' });
  return ok({
    identity: claims.sub,
    name: claims.name,
    metadata: claims.metadata,
    attributes: claims.attributes,
    room: video.room ?? null,
    mayCreateRoom: video.roomCreate,
    permissions: {
      canPublish: video.canPublish,
      ...(video.canPublishSources.length > 0 ? { canPublishSources: video.canPublishSources } : {}),
      canSubscribe: video.canSubscribe,
      canPublishData: video.canPublishData ?? video.canPublish,
      canModerate: video.canModerate ?? video.roomAdmin,
      canUpdateOwnMetadata: video.canUpdateOwnMetadata,
      hidden: video.hidden,
    },
  });
}
