export type {
  CallState,
  ConnectionQuality,
  MediaKind,
  ParticipantInfo,
  ParticipantKind,
  Permissions,
  RoomInfo,
  SlotEmptyReason,
  TrackInfo,
  TrackSource,
} from '@switchyard/core/signal';
export type { Call } from './calls.ts';
export type { Chat, ChatMessage } from './chat.ts';
export {
  type Device,
  type DeviceKind,
  type DevicePreview,
  devices,
  type PreviewPart,
} from './devices.ts';
export { Emitter } from './emitter.ts';
export { type ErrorCode, SwitchyardError } from './errors.ts';
export type { RoomOptions } from './identity.ts';
export { watchLevel } from './level-meter.ts';
export type { LocalParticipant, PublishOptions } from './local-participant.ts';
export { type CaptureOptions, createLocalTracks, LocalTrack } from './local-track.ts';
export type { Moderation } from './moderation.ts';
export { Participant, type ParticipantEvents, RemoteParticipant } from './participant.ts';
export { type ConnectOptions, Room } from './room.ts';
export type {
  DisconnectReason,
  LeaveReason,
  MediaState,
  RoomConnectionState,
  RoomEvents,
  RoomMessageEvent,
} from './room-events.ts';
export type { ConnectionStats, RoomStats, StatsSample, TrackStats } from './stats.ts';
export { RemoteTrack, Track } from './track.ts';
export {
  LocalTrackPublication,
  type PublicationEvents,
  type QualityWish,
  RemoteTrackPublication,
  TrackPublication,
} from './track-publication.ts';
export { UserSession, type UserSessionEvents } from './user-session.ts';
