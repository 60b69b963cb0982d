import * as z from 'zod';

/*
 * What client and server tell each other about people, tracks and slots. Field names follow W3C where a
 * browser API has one and LiveKit's nouns otherwise.
 */

/** Where a track comes from. */
export const TrackSource = z.enum([
  'camera',
  'microphone',
  'screenShare',
  'screenShareAudio',
  'unknown',
]);
export type TrackSource = z.infer<typeof TrackSource>;

export const MediaKind = z.enum(['audio', 'video']);
export type MediaKind = z.infer<typeof MediaKind>;

/** How somebody came into the room. */
export const ParticipantKind = z.enum(['standard', 'whip', 'whep', 'sip', 'bot', 'recorder']);
export type ParticipantKind = z.infer<typeof ParticipantKind>;

/** Free text pairs that everybody in the room sees; at most 32 of them, bounded in length. */
export const Attributes = z
  .record(z.string().min(1).max(64), z.string().max(1024))
  .refine((record) => Object.keys(record).length <= 32, 'at most 32 attributes');
export type Attributes = z.infer<typeof Attributes>;

export const Metadata = z.string().max(8192);

/** Identity of a person inside a room: chosen by the token's issuer. */
export const Identity = z.string().min(1).max(128);
export const DisplayName = z.string().max(128);
export const RoomName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{N}._~-]+$/u, 'letters, digits, dot, dash, underscore and tilde');

/** What a participant may do, from the token's grant and later changes by a moderator. */
export const Permissions = z.object({
  canPublish: z.boolean(),
  /** Empty or absent: every source. */
  canPublishSources: z.array(TrackSource).optional(),
  canSubscribe: z.boolean(),
  canPublishData: z.boolean(),
  canModerate: z.boolean(),
  canUpdateOwnMetadata: z.boolean(),
  hidden: z.boolean(),
});
export type Permissions = z.infer<typeof Permissions>;

/** One simulcast encoding as the publisher configured it. */
export const Layer = z.object({
  rid: z.string().max(16),
  width: z.number().int().min(0).max(16384).optional(),
  height: z.number().int().min(0).max(16384).optional(),
  maxBitrateBps: z.number().int().min(0).optional(),
});
export type Layer = z.infer<typeof Layer>;

export const TrackInfo = z.object({
  sid: z.string(),
  kind: MediaKind,
  source: TrackSource,
  name: z.string().max(128),
  /** Muted by its publisher or by a moderator. */
  muted: z.boolean(),
  /** Pixels of the highest layer; 0 while unknown. */
  width: z.number().int(),
  height: z.number().int(),
  layers: z.array(Layer),
  /** MIME type without parameters, as `video/VP8`; empty until the first packet. */
  codec: z.string(),
});
export type TrackInfo = z.infer<typeof TrackInfo>;

/** A coarse judgement of a participant's connection, as LiveKit names it. */
export const ConnectionQuality = z.enum(['excellent', 'good', 'poor', 'lost']);
export type ConnectionQuality = z.infer<typeof ConnectionQuality>;

export const ParticipantInfo = z.object({
  sid: z.string(),
  identity: z.string(),
  name: z.string(),
  kind: ParticipantKind,
  metadata: z.string(),
  attributes: z.record(z.string(), z.string()),
  /** Milliseconds since the epoch, server clock. */
  joinedAt: z.number(),
  permissions: Permissions,
  tracks: z.array(TrackInfo),
  /** `reconnecting` while the signalling socket is away but the seat is kept. */
  state: z.enum(['active', 'reconnecting']),
});
export type ParticipantInfo = z.infer<typeof ParticipantInfo>;

export const RoomInfo = z.object({
  sid: z.string(),
  name: z.string(),
  metadata: z.string(),
  /** Milliseconds since the epoch, server clock. */
  createdAt: z.number(),
  maxParticipants: z.number().int(),
  locked: z.boolean(),
});
export type RoomInfo = z.infer<typeof RoomInfo>;

/** Why a receive slot carries nothing although something was asked for. */
export const SlotEmptyReason = z.enum([
  'codec',
  'muted',
  'notPublishing',
  'noSlot',
  'notAllowed',
  'paused',
]);
export type SlotEmptyReason = z.infer<typeof SlotEmptyReason>;

/** What stands in one receive slot (an m-line of the client's offer) now. */
export const SlotState = z.object({
  mid: z.string(),
  /** null: nothing. */
  trackSid: z.string().nullable(),
  participantSid: z.string().nullable(),
  reason: SlotEmptyReason.optional(),
  /** RTP timestamp of the new source's first packet, once it was sent: the client swaps names at that frame. */
  rtpTimestamp: z.number().int().optional(),
});
export type SlotState = z.infer<typeof SlotState>;

/** Every error that reaches a person: what happened, what to do, whether trying again can help. */
export const SignalError = z.object({
  /** Stable, lower camel case, for programs. */
  code: z.string(),
  /** A sentence for people. */
  message: z.string(),
  /** What to do about it; empty when there is nothing to do. */
  fix: z.string(),
  retryable: z.boolean(),
});
export type SignalError = z.infer<typeof SignalError>;

/** Life of a call invitation between two users. */
export const CallState = z.enum([
  'pending',
  'ringing',
  'accepted',
  'rejected',
  'busy',
  'noAnswer',
  'cancelled',
]);
export type CallState = z.infer<typeof CallState>;
