export { type Admission, DEFAULT_PERMISSIONS, type SessionId, sessionId } from './admission.ts';
export { ERROR_CATALOGUE, type ErrorCode, signalError } from './errors.ts';
export { withoutUndefined } from './moderation.ts';
export type { LeaveReason, Output, RoomEvent } from './output.ts';
export {
  type AdvertisedAddress,
  DEFAULT_LIMITS,
  DEFAULT_SETTINGS,
  type IceServer,
  type RoomLimits,
  type SlotCounts,
  type SwitchboardPorts,
  type SwitchboardSettings,
} from './settings.ts';
export type {
  AdminSurface,
  IcePair,
  MachineSurface,
  MediaSurface,
  ParticipantChange,
  RoomDefinition,
  RoomDetails,
  SessionSurface,
  WorkerSummary,
} from './surface.ts';
export { Switchboard } from './switchboard.ts';
export { TokenBucket } from './token-bucket.ts';
