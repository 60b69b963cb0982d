import type { TrackSource } from '@switchyard/core/signal';
import type { Participant } from './participant.ts';
import type { Receivable } from './receiver.ts';
import type { Track } from './track.ts';

/** The tracks of a room: videos in the order of arrival, audios best first. */
export interface RoomTracks {
  readonly videos: readonly Track[];
  readonly audios: readonly Track[];
  /** The audio of each person by source, under `audioKey`. */
  readonly audiosByOwner: ReadonlyMap<string, Track>;
}

export const audioKey = (publisherSid: string, source: TrackSource): string =>
  `${publisherSid} ${source}`;

/** Which audio belongs to which video of the same person. */
const COMPANION: Readonly<Partial<Record<TrackSource, TrackSource>>> = {
  camera: 'microphone',
  screenShare: 'screenShareAudio',
};

/** What a participant may receive: everything but his own tracks, or nothing. */
export function receivableBy(participant: Participant, tracks: RoomTracks): Receivable {
  const isAllowed = (track: Track) =>
    participant.permissions.canSubscribe && track.publisherSid !== participant.sid;
  return {
    videos: tracks.videos.filter(isAllowed),
    audios: tracks.audios.filter(isAllowed),
    companionOf: ({ source, publisherSid }) => {
      const companion = COMPANION[source];
      if (companion === undefined) return null;
      return tracks.audiosByOwner.get(audioKey(publisherSid, companion)) ?? null;
    },
  };
}
