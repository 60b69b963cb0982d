import type { ParticipantInfo, RoomInfo, TrackInfo } from '@switchyard/core/signal';

/** Entries as the server writes them, with what a test wants to say about them. */
export function participantInfo(sid: string, more: Partial<ParticipantInfo> = {}): ParticipantInfo {
  return {
    sid,
    identity: `id-${sid}`,
    name: `Name ${sid}`,
    kind: 'standard',
    metadata: '',
    attributes: {},
    joinedAt: 1_700_000_000_000,
    permissions: {
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
      canModerate: false,
      canUpdateOwnMetadata: true,
      hidden: false,
    },
    tracks: [],
    state: 'active',
    ...more,
  };
}

export function trackInfo(sid: string, more: Partial<TrackInfo> = {}): TrackInfo {
  return {
    sid,
    kind: 'video',
    source: 'camera',
    name: '',
    muted: false,
    width: 1280,
    height: 720,
    layers: [],
    codec: 'video/VP8',
    ...more,
  };
}

export const roomInfo: RoomInfo = {
  sid: 'RM_1',
  name: 'amber',
  metadata: '',
  createdAt: 1_700_000_000_000,
  maxParticipants: 100,
  locked: false,
};
