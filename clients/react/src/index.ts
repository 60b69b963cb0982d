export { useChat, useModeration } from './conversation.ts';
export {
  type Toggle,
  type TrackReference,
  useAudioPlayback,
  useDevicePreview,
  useDevices,
  useMediaState,
  usePreviewLevel,
  useScreenShare,
  useStats,
  useTrack,
  useTracks,
  useTrackToggle,
} from './media.ts';
export { AudioRenderer, VideoTrack, type VideoTrackProps } from './parts.tsx';
export {
  useAudioLevel,
  useConnectionState,
  useIsSpeaking,
  useLocalParticipant,
  useParticipant,
  useParticipants,
  usePermissions,
  useQuality,
  useRemoteParticipants,
  useRoomInfo,
  useSpeakers,
} from './people.ts';
export { RoomProvider, type RoomProviderProps, useRoom } from './room-context.tsx';
export { type Shortcut, ShortcutRegistry } from './shortcuts.ts';
export { pageSizeFor, type StageOptions, type StageTile, solveStage } from './stage-layout.ts';
export { usePagination, useShortcuts, useStageLayout } from './view.ts';
