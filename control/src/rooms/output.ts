import type { MediaCommand, WorkerId } from '@switchyard/core/media-api';
import type { ParticipantInfo, RoomInfo, ServerMessage, TrackInfo } from '@switchyard/core/signal';
import type { SessionId } from './admission.ts';

/** Why somebody is no longer in the room. */
export type LeaveReason =
  | 'left'
  | 'removed'
  | 'connectionLost'
  | 'replaced'
  | 'roomEnded'
  | 'sessionEnded';

/** What happened, for logs, counters and webhooks; hidden participants included. */
export type RoomEvent =
  | { readonly kind: 'roomStarted'; readonly room: RoomInfo }
  | { readonly kind: 'roomEnded'; readonly room: RoomInfo; readonly durationMs: number }
  | {
      readonly kind: 'participantJoined';
      readonly room: string;
      readonly participant: ParticipantInfo;
    }
  | {
      readonly kind: 'participantLeft';
      readonly room: string;
      readonly participant: ParticipantInfo;
      readonly reason: LeaveReason;
    }
  | {
      readonly kind: 'trackPublished';
      readonly room: string;
      readonly identity: string;
      readonly track: TrackInfo;
    }
  | {
      readonly kind: 'trackUnpublished';
      readonly room: string;
      readonly identity: string;
      readonly track: TrackInfo;
    }
  | { readonly kind: 'participantResumed'; readonly room: string; readonly identity: string }
  | {
      readonly kind: 'transportState';
      readonly room: string;
      readonly identity: string;
      readonly state: string;
      readonly detail: string;
    }
  /** A request was answered by an error. */
  | { readonly kind: 'requestRefused'; readonly request: string; readonly code: string };

/** What the rooms want done. Drained with `pollOutput` after every call, in order. */
export type Output =
  | { readonly kind: 'send'; readonly session: SessionId; readonly message: ServerMessage }
  /** After everything sent before. `code` is a WebSocket close code. */
  | {
      readonly kind: 'close';
      readonly session: SessionId;
      readonly code: number;
      readonly reason: string;
    }
  | { readonly kind: 'media'; readonly worker: WorkerId; readonly command: MediaCommand }
  | { readonly kind: 'event'; readonly event: RoomEvent };
