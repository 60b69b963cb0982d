import {
  Attributes,
  DisplayName,
  Identity,
  Metadata,
  ParticipantInfo,
  Permissions,
  RoomInfo,
  RoomName,
  TrackInfo,
  TrackSource,
} from '@switchyard/core/signal';
import * as z from 'zod';

const Locked = z.boolean().describe('Only moderators can join.');
const MaxParticipants = z.int().min(1).max(100_000).describe('Participants at once.');
const EmptyTimeoutMs = z
  .int()
  .min(0)
  .max(86_400_000)
  .describe('The room ends after it was empty for this long, in ms.');

/** `PATCH` of a room: absent fields stay. */
export const RoomChange = z.strictObject({
  metadata: Metadata.optional(),
  locked: Locked.optional(),
  maxParticipants: MaxParticipants.optional(),
  emptyTimeoutMs: EmptyTimeoutMs.optional(),
});

export const RoomCreation = z.strictObject({ name: RoomName, ...RoomChange.shape });

export const RoomState = z.object({
  ...RoomInfo.shape,
  emptyTimeoutMs: z.number(),
  participants: z.array(ParticipantInfo),
  workers: z.array(z.number()).describe('Numbers of the media workers that carry the room.'),
});

export const RoomList = z.object({ rooms: z.array(RoomState) });
export const ParticipantList = z.object({ participants: z.array(ParticipantInfo) });
/** A participant in an answer. */
export const ParticipantSchema = ParticipantInfo;
export const PublishedTrack = z.object({
  participant: z.string().describe('Identity of who publishes it.'),
  track: TrackInfo,
});
export const TrackList = z.object({ tracks: z.array(PublishedTrack) });

export const ParticipantPatch = z.strictObject({
  name: DisplayName.optional(),
  metadata: Metadata.optional(),
  attributes: Attributes.optional().describe('Merged; an empty string removes a key.'),
  permissions: Permissions.partial().optional(),
});

export const TrackPatch = z.strictObject({
  muted: z.literal(true).describe('Tracks can be muted for somebody, never unmuted.'),
});

export const MessageCreation = z.strictObject({
  topic: z.string().min(1).max(64),
  text: z.string().max(65_536),
  to: z
    .array(Identity)
    .min(1)
    .max(100)
    .optional()
    .describe('Identities; absent: everybody in the room.'),
});
export const MessageCreated = z.object({ messageId: z.string() });

export const DevelopmentTokenRequest = z.strictObject({
  room: RoomName.optional().describe('Absent: a user session, for calls.'),
  identity: Identity.optional().describe('Absent: a random one.'),
  name: DisplayName.optional(),
});

/** A token for one participant; what is absent has the default of its claim. */
export const JoinTokenRequest = z.strictObject({
  identity: Identity,
  name: DisplayName.optional(),
  metadata: Metadata.optional(),
  attributes: Attributes.optional(),
  canPublish: z.boolean().optional().describe('Default true.'),
  canPublishSources: z.array(TrackSource).max(16).optional().describe('Absent: every source.'),
  canSubscribe: z.boolean().optional().describe('Default true.'),
  canPublishData: z.boolean().optional().describe('Default: like canPublish.'),
  canUpdateOwnMetadata: z.boolean().optional().describe('Default false.'),
  canModerate: z.boolean().optional().describe('Default false.'),
  hidden: z.boolean().optional().describe('Default false.'),
  ttlSeconds: z.int().min(60).max(86_400).default(21_600).describe('Until it ends. Default 6 h.'),
});

export const JoinToken = z.object({
  token: z.string(),
  url: z.string().describe('Address of the signalling WebSocket.'),
  identity: z.string(),
});

export const ServerInfo = z.object({
  name: z.string(),
  version: z.string(),
  development: z.boolean().describe('Tokens can be had from /api/v1/dev/token.'),
  limits: z.object({
    participantsPerRoom: z.number(),
    tracksPerParticipant: z.number(),
    messageLength: z.number(),
  }),
});

export const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string().describe('Stable, for programs.'),
  detail: z.string(),
  fix: z.string().describe('What to do about it.'),
  retryable: z.boolean().describe('The same request can succeed later.'),
});

/** Every schema that the interface's description names, by its name there. */
export const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  Room: RoomInfo,
  RoomState,
  RoomList,
  RoomCreation,
  RoomChange,
  Participant: ParticipantInfo,
  ParticipantList,
  ParticipantPatch,
  Permissions,
  Track: TrackInfo,
  TrackList,
  TrackPatch,
  MessageCreation,
  MessageCreated,
  JoinTokenRequest,
  DevelopmentTokenRequest,
  JoinToken,
  PublishedTrack,
  ServerInfo,
  Problem: ProblemDocument,
};
