import type {
  ConnectionQuality,
  LocalParticipant,
  Participant,
  Permissions,
  RemoteParticipant,
  RoomConnectionState,
  RoomInfo,
} from '@switchyard/client';
import { useRoom } from './room-context.tsx';
import { useRevision, useSlice } from './use-slice.ts';

/** `disconnected`, `connecting`, `connected` or `reconnecting`. */
export function useConnectionState(): RoomConnectionState {
  const room = useRoom();
  return useSlice(room, ['stateChanged'], () => room.state);
}

/** The room's name, metadata, lock; null before joining. */
export function useRoomInfo(): RoomInfo | null {
  const room = useRoom();
  return useSlice(room, ['roomUpdated', 'stateChanged'], () => room.info);
}

/** Everybody, oneself first, then in order of arrival. Renders again when somebody comes or goes. */
export function useParticipants(): readonly Participant[] {
  const room = useRoom();
  return useSlice(room, ['participantJoined', 'participantLeft', 'stateChanged'], () =>
    room.state === 'disconnected'
      ? []
      : [room.localParticipant, ...room.remoteParticipants.values()],
  );
}

/** All others. */
export function useRemoteParticipants(): readonly RemoteParticipant[] {
  const room = useRoom();
  return useSlice(room, ['participantJoined', 'participantLeft'], () => [
    ...room.remoteParticipants.values(),
  ]);
}

/** One person by identity; renders again when his name, tracks or permissions change. */
export function useParticipant(identity: string): Participant | null {
  const room = useRoom();
  const participant = useSlice(
    room,
    ['participantJoined', 'participantLeft', 'stateChanged'],
    () =>
      identity === room.localParticipant.identity
        ? room.localParticipant
        : (room.remoteParticipants.get(identity) ?? null),
  );
  useRevision(participant, ['updated']);
  return participant;
}

/** Oneself; renders again when own tracks, name or permissions change. */
export function useLocalParticipant(): LocalParticipant {
  const { localParticipant } = useRoom();
  useRevision(localParticipant, ['updated']);
  return localParticipant;
}

/** What this user may do. */
export function usePermissions(): Permissions {
  const { localParticipant } = useRoom();
  return useSlice(localParticipant, ['updated'], () => localParticipant.permissions);
}

/** Those who speak, loudest first. */
export function useSpeakers(): readonly Participant[] {
  const room = useRoom();
  return useSlice(room, ['activeSpeakersChanged'], () => room.activeSpeakers);
}

export function useIsSpeaking(participant: Participant): boolean {
  return useSlice(participant, ['speakingChanged'], () => participant.isSpeaking);
}

/** 0 to 1, several times a second: use it in a leaf that draws the meter, never in a tile's parent. */
export function useAudioLevel(participant: Participant): number {
  return useSlice(participant, ['levelChanged'], () => participant.audioLevel);
}

export function useQuality(participant: Participant): ConnectionQuality {
  return useSlice(participant, ['qualityChanged'], () => participant.quality);
}
