import * as z from 'zod';
import {
  Attributes,
  DisplayName,
  Identity,
  Layer,
  Metadata,
  Permissions,
  RoomName,
  TrackSource,
} from './entities.ts';

/** Number chosen by the client; the server's `reply`, `answer` or `error` carries it back. */
const RequestId = z.number().int().min(0).max(0xffffffff);
const Mid = z.string().min(1).max(16);
const Sid = z.string().min(1).max(64);

/** First message of a new session. A token without a room opens a user session: calls and user messages only. */
export const Join = z.object({
  kind: z.literal('join'),
  id: RequestId,
  token: z.string().max(8192),
  client: z.object({
    sdk: z.string().max(32),
    version: z.string().max(32),
    /** `navigator.userAgent`, shortened; for statistics and known workarounds. */
    userAgent: z.string().max(256).optional(),
  }),
  name: DisplayName.optional(),
  attributes: Attributes.optional(),
  /** Video slots are filled in order of arrival until the first `view` message. Default true. */
  autoSubscribe: z.boolean().optional(),
});

/** First message after a dropped socket: events after `lastSeq` are replayed, media stays untouched. */
export const Resume = z.object({
  kind: z.literal('resume'),
  id: RequestId,
  participantSid: Sid,
  resumeToken: z.string().max(128),
  lastSeq: z.number().int().min(0),
});

/**
 * The client's SDP offer. The first carries all senders and receive slots; later ones only for more of
 * them or for an ICE restart. Only the client offers, so glare cannot happen.
 */
export const Offer = z.object({
  kind: z.literal('offer'),
  id: RequestId,
  sdp: z.string().max(262_144),
  /** A new RTCPeerConnection (first join, or after `mediaLost`): what the old one had is closed. */
  fresh: z.boolean(),
  /** m-lines that send. The remaining receiving m-lines are slots, in order. */
  senders: z.array(z.object({ mid: Mid, source: TrackSource })).max(32),
  /** Audio and video slots that belong together, so that a person on the stage keeps lip sync. */
  pairs: z.array(z.object({ audio: Mid, video: Mid })).max(64),
});

/** Announces that a sender's m-line carries a track now (`replaceTrack` needs no negotiation). */
export const Publish = z.object({
  kind: z.literal('publish'),
  id: RequestId,
  mid: Mid,
  source: TrackSource,
  name: z.string().max(128).optional(),
  muted: z.boolean(),
  width: z.number().int().min(0).max(16384).optional(),
  height: z.number().int().min(0).max(16384).optional(),
  /** Lowest first; empty without simulcast. */
  layers: z.array(Layer).max(4),
});

export const Unpublish = z.object({ kind: z.literal('unpublish'), id: RequestId, trackSid: Sid });

export const Mute = z.object({
  kind: z.literal('mute'),
  id: RequestId,
  trackSid: Sid,
  muted: z.boolean(),
});

/** Complete list of what is wanted now, videos with the size shown; replaces the list before it. */
export const View = z.object({
  kind: z.literal('view'),
  videos: z
    .array(
      z.object({
        trackSid: Sid,
        /** Device pixels of the element; 0 x 0 asks for the lowest layer. */
        width: z.number().int().min(0).max(16384),
        height: z.number().int().min(0).max(16384),
        /** Higher is served first: pinned 100, speaker 50, screen 80, others 10. */
        priority: z.number().int().min(0).max(100),
      }),
    )
    .max(64),
  /** Only these are heard, the loudest of them when they are more than the slots. Absent: the loudest of the room. */
  audios: z.array(Sid).max(64).optional(),
});

export const UpdateMe = z.object({
  kind: z.literal('updateMe'),
  id: RequestId,
  name: DisplayName.optional(),
  metadata: Metadata.optional(),
  /** Merged into the present ones; an empty string removes a key. */
  attributes: Attributes.optional(),
});

/** A text message to the room, to participants of it, or to a user wherever he is. */
export const SendMessage = z.object({
  kind: z.literal('message'),
  id: RequestId,
  topic: z.string().min(1).max(64),
  text: z.string().max(65_536),
  /** Identities; absent: everybody in the room. */
  to: z.array(Identity).max(100).optional(),
  /** `room`: participants of this room; `user`: sessions of those users anywhere on this server. */
  scope: z.enum(['room', 'user']),
});

/** What a moderator (`canModerate`) may ask for. */
export const Moderate = z.object({
  kind: z.literal('moderate'),
  id: RequestId,
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('muteTrack'), trackSid: Sid, muted: z.boolean() }),
    z.object({ kind: z.literal('muteAll') }),
    z.object({ kind: z.literal('removeParticipant'), identity: Identity }),
    z.object({
      kind: z.literal('setPermissions'),
      identity: Identity,
      permissions: Permissions.partial(),
    }),
    z.object({ kind: z.literal('setLocked'), locked: z.boolean() }),
    z.object({ kind: z.literal('setMetadata'), metadata: Metadata }),
    z.object({ kind: z.literal('endRoom') }),
  ]),
});

/** Invites another user to a call in a room; the answer arrives as `callUpdated`. */
export const Call = z.object({
  kind: z.literal('call'),
  id: RequestId,
  to: Identity,
  /** Absent: the server names a fresh room. */
  room: RoomName.optional(),
  /** Shown to the called person, as `video` or a subject. */
  payload: z.string().max(1024).optional(),
});

export const AnswerCall = z.object({
  kind: z.literal('answerCall'),
  id: RequestId,
  callId: z.string().max(64),
  answer: z.enum(['ringing', 'accept', 'reject', 'busy', 'cancel']),
});

/** Answered by `pong`: browsers do not show WebSocket pings to pages. */
export const Ping = z.object({ kind: z.literal('ping'), time: z.number() });

export const Leave = z.object({ kind: z.literal('leave') });

/** Everything a client may send on the WebSocket of subprotocol `switchyard.v1`. */
export const ClientMessage = z.discriminatedUnion('kind', [
  Join,
  Resume,
  Offer,
  Publish,
  Unpublish,
  Mute,
  View,
  UpdateMe,
  SendMessage,
  Moderate,
  Call,
  AnswerCall,
  Ping,
  Leave,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;
