import {
  Attributes,
  DisplayName,
  Identity,
  Metadata,
  RoomName,
  type TrackSource,
} from '@switchyard/core/signal';
import * as z from 'zod';

/** Names of sources that tokens may use: ours and LiveKit's. */
const SOURCE_NAMES: Readonly<Record<string, TrackSource>> = {
  camera: 'camera',
  microphone: 'microphone',
  screenShare: 'screenShare',
  screenShareAudio: 'screenShareAudio',
  screen_share: 'screenShare',
  screen_share_audio: 'screenShareAudio',
};

const SourceName = z
  .enum(Object.keys(SOURCE_NAMES) as [string, ...string[]])
  .transform((name) => SOURCE_NAMES[name]!);

/**
 * The `video` claim: what the bearer may do. Field names and defaults are LiveKit's, so that an existing
 * token endpoint works after changing key and URL; `canModerate` is ours. Unknown fields are ignored.
 */
export const VideoGrant = z.object({
  room: RoomName.optional(),
  roomJoin: z.boolean().default(false),
  roomCreate: z.boolean().default(false),
  roomList: z.boolean().default(false),
  roomAdmin: z.boolean().default(false),
  canPublish: z.boolean().default(true),
  /** Absent or empty: every source. */
  canPublishSources: z.array(SourceName).max(16).default([]),
  canSubscribe: z.boolean().default(true),
  /** Default: like `canPublish`. */
  canPublishData: z.boolean().optional(),
  canUpdateOwnMetadata: z.boolean().default(false),
  hidden: z.boolean().default(false),
  /** Default: like `roomAdmin`. */
  canModerate: z.boolean().optional(),
});
export type VideoGrant = z.output<typeof VideoGrant>;

/** The claims that we read from a token's payload. Times are seconds since the epoch (RFC 7519 §2). */
export const TokenClaims = z.object({
  iss: z.string().min(1).max(256),
  sub: Identity.optional(),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  jti: z.string().max(256).optional(),
  name: DisplayName.default(''),
  metadata: Metadata.default(''),
  attributes: Attributes.default({}),
  video: VideoGrant.default(() => VideoGrant.parse({})),
});
export type Claims = z.output<typeof TokenClaims>;
