import * as z from 'zod';
import {
  CallState,
  ConnectionQuality,
  ParticipantInfo,
  RoomInfo,
  SignalError,
  SlotState,
  TrackInfo,
} from './entities.ts';

/*
 * State events carry `seq`, counted per session from 1: a client that comes back tells the last one it
 * saw. Messages without `seq` are momentary (levels, quality, pong) or answers.
 */
const seq = z.number().int().min(1);
const id = z.number().int();

export const Joined = z.object({
  kind: z.literal('joined'),
  id,
  /** null for a user session without a room. */
  room: RoomInfo.nullable(),
  participant: ParticipantInfo,
  participants: z.array(ParticipantInfo),
  resumeToken: z.string(),
  /** Sequence number of this snapshot: the next event has seq + 1. */
  seq: z.number().int().min(0),
  iceServers: z.array(
    z.object({
      urls: z.array(z.string()),
      username: z.string().optional(),
      credential: z.string().optional(),
    }),
  ),
  /** How many receive slots the server wants in the first offer. */
  slots: z.object({
    pairs: z.number().int(),
    videoOnly: z.number().int(),
    audioOnly: z.number().int(),
  }),
  /** Milliseconds since the epoch: lets clients align clocks. */
  serverTime: z.number(),
  pingIntervalMs: z.number(),
  /** Seats of dropped sockets are kept so long. */
  resumeWindowMs: z.number(),
  serverVersion: z.string(),
});

/** `complete: true`: missed events follow. `false`: too much was missed, this is the whole state anew. */
export const Resumed = z.object({
  kind: z.literal('resumed'),
  id,
  complete: z.boolean(),
  seq: z.number().int().min(0),
  snapshot: z
    .object({
      room: RoomInfo,
      participant: ParticipantInfo,
      participants: z.array(ParticipantInfo),
      slots: z.array(SlotState),
    })
    .optional(),
});

export const Answer = z.object({
  kind: z.literal('answer'),
  id,
  sdp: z.string(),
  slots: z.array(SlotState),
});

export const Reply = z.object({
  kind: z.literal('reply'),
  id,
  /** `publish`: the track. */
  track: TrackInfo.optional(),
  /** `call`: the invitation. */
  callId: z.string().optional(),
  /** `message`: as its recipients see it. */
  messageId: z.string().optional(),
});

export const Failure = z.object({
  kind: z.literal('error'),
  /** The request it answers; absent for errors of the connection. */
  id: id.optional(),
  error: SignalError,
});

const event = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.object({ kind: z.literal(kind), seq, ...shape });

export const ParticipantJoined = event('participantJoined', { participant: ParticipantInfo });
export const ParticipantLeft = event('participantLeft', {
  participantSid: z.string(),
  reason: z.enum(['left', 'removed', 'connectionLost', 'replaced', 'roomEnded', 'sessionEnded']),
});
/** The whole entry, tracks included. */
export const ParticipantUpdated = event('participantUpdated', { participant: ParticipantInfo });
export const TrackPublished = event('trackPublished', {
  participantSid: z.string(),
  track: TrackInfo,
});
export const TrackUnpublished = event('trackUnpublished', {
  participantSid: z.string(),
  trackSid: z.string(),
});
/** Mute state, size, layers or codec changed. `by`: identity of the moderator who muted. */
export const TrackUpdated = event('trackUpdated', {
  participantSid: z.string(),
  track: TrackInfo,
  by: z.string().optional(),
});
/** Only the slots that changed. */
export const SlotsChanged = event('slotsChanged', { slots: z.array(SlotState) });
export const RoomUpdated = event('roomUpdated', { room: RoomInfo });
export const MessageReceived = event('message', {
  messageId: z.string(),
  from: z.object({ identity: z.string(), name: z.string(), participantSid: z.string().optional() }),
  topic: z.string(),
  text: z.string(),
  /** Milliseconds since the epoch, server clock. */
  sentAt: z.number(),
  /** True when it was not for the whole room. */
  direct: z.boolean(),
});
/** The media worker is gone with its keys: build a new RTCPeerConnection with the same local tracks and offer. */
export const MediaLost = event('mediaLost', { message: z.string() });

export const CallInfo = z.object({
  callId: z.string(),
  from: z.object({ identity: z.string(), name: z.string() }),
  to: z.string(),
  state: CallState,
  room: z.string(),
  payload: z.string(),
});
export type CallInfo = z.infer<typeof CallInfo>;
/** `token`: on `accepted`, admits this user to the call's room. */
export const CallUpdated = event('callUpdated', { call: CallInfo, token: z.string().optional() });

/** Loudest first; `level` 0 (silent) to 1. Momentary. */
export const ActiveSpeakers = z.object({
  kind: z.literal('activeSpeakers'),
  speakers: z.array(z.object({ participantSid: z.string(), level: z.number() })),
});
/** Momentary. `score` 0-100. */
export const QualityChanged = z.object({
  kind: z.literal('qualityChanged'),
  updates: z.array(
    z.object({ participantSid: z.string(), quality: ConnectionQuality, score: z.number() }),
  ),
});
/** The server sees no media path: the client restarts ICE. Momentary. */
export const IceRestartWanted = z.object({ kind: z.literal('iceRestartWanted') });
export const Pong = z.object({
  kind: z.literal('pong'),
  time: z.number(),
  serverTime: z.number(),
});
/** The last message before the server closes the socket for good: do not come back by yourself unless retryable. */
export const Goodbye = z.object({
  kind: z.literal('goodbye'),
  reason: z.enum(['removed', 'roomEnded', 'replaced', 'left', 'serverShutdown', 'notAllowed']),
  error: SignalError,
});

export const ServerMessage = z.discriminatedUnion('kind', [
  Joined,
  Resumed,
  Answer,
  Reply,
  Failure,
  ParticipantJoined,
  ParticipantLeft,
  ParticipantUpdated,
  TrackPublished,
  TrackUnpublished,
  TrackUpdated,
  SlotsChanged,
  RoomUpdated,
  MessageReceived,
  MediaLost,
  CallUpdated,
  ActiveSpeakers,
  QualityChanged,
  IceRestartWanted,
  Pong,
  Goodbye,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
/** Those with a sequence number, kept for replay. */
export type ServerEvent =
  Extract<ServerMessage, { seq: number }> extends infer M
    ? M extends { kind: 'joined' | 'resumed' }
      ? never
      : M
    : never;
