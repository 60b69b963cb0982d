import type { Permissions, RoomInfo, ServerEvent } from '@switchyard/core/signal';
import type { Call } from './calls.ts';
import type { ChatMessage } from './chat.ts';
import type { SwitchyardError } from './errors.ts';
import type { LocalParticipant } from './local-participant.ts';
import type { Participant, RemoteParticipant } from './participant.ts';
import type { RemoteTrack } from './track.ts';
import type {
  LocalTrackPublication,
  RemoteTrackPublication,
  TrackPublication,
} from './track-publication.ts';

export type RoomConnectionState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting';

/** Where audio and video are: `interrupted` while a new path is looked for. */
export type MediaState = 'new' | 'connecting' | 'connected' | 'interrupted';

export type LeaveReason = Extract<ServerEvent, { kind: 'participantLeft' }>['reason'];

/** Why this page is not in the room any more. */
export type DisconnectReason =
  | 'left'
  | 'removed'
  | 'roomEnded'
  | 'replaced'
  | 'serverShutdown'
  | 'notAllowed'
  | 'refused'
  | 'unreachable'
  | 'protocolError';

/** A text that reached us on some topic. */
export interface RoomMessageEvent {
  readonly messageId: string;
  readonly from: { readonly identity: string; readonly name: string };
  readonly topic: string;
  readonly text: string;
  /** Milliseconds since the epoch, server clock. */
  readonly sentAt: number;
  /** Not meant for the whole room. */
  readonly direct: boolean;
}

/** Events of a `Room` with their arguments. */
export interface RoomEvents {
  stateChanged: [state: RoomConnectionState];
  connected: [];
  reconnecting: [];
  reconnected: [];
  /** `error` is null after `disconnect()`. */
  disconnected: [reason: DisconnectReason, error: SwitchyardError | null];
  mediaStateChanged: [state: MediaState];
  /** Media cannot flow although signalling works; it is tried again meanwhile. */
  mediaFailed: [error: SwitchyardError];

  participantJoined: [participant: RemoteParticipant];
  participantLeft: [participant: RemoteParticipant, reason: LeaveReason];
  participantUpdated: [participant: Participant];
  activeSpeakersChanged: [speakers: readonly Participant[]];
  qualityChanged: [participant: Participant];
  permissionsChanged: [permissions: Permissions];

  trackPublished: [publication: RemoteTrackPublication, participant: RemoteParticipant];
  trackUnpublished: [publication: RemoteTrackPublication, participant: RemoteParticipant];
  /** It stands in a receive slot: frames come. */
  trackSubscribed: [
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    participant: RemoteParticipant,
  ];
  trackUnsubscribed: [
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    participant: RemoteParticipant,
  ];
  /** `by`: identity of the moderator who did it, if one did. */
  trackMuted: [publication: TrackPublication, participant: Participant, by: string | undefined];
  trackUnmuted: [publication: TrackPublication, participant: Participant];
  localTrackPublished: [publication: LocalTrackPublication, participant: LocalParticipant];
  localTrackUnpublished: [publication: LocalTrackPublication, participant: LocalParticipant];

  roomUpdated: [room: RoomInfo];
  message: [message: RoomMessageEvent];
  chatMessage: [message: ChatMessage];
  callReceived: [call: Call];

  devicesChanged: [];
  /** A device that we use stopped; its track was muted or unpublished. */
  deviceFailed: [error: SwitchyardError, publication: LocalTrackPublication];
  /** The browser wants a click before it plays sound: show a button that calls `room.startAudio()`. */
  audioPlaybackBlocked: [isBlocked: boolean];
}
