import type { TrackSource } from '@switchyard/core/signal';
import type { ActiveSpeakers } from './active-speakers.ts';
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

const audioKey = (publisherSid: string, source: TrackSource): string => `${publisherSid} ${source}`;

/** Those who speak first, loudest first; then those who spoke last; muted ones at the end. */
export function rankTracks(tracks: readonly Track[], voices: ActiveSpeakers): RoomTracks {
  const position = new Map(voices.speakers.map((track, i) => [track, i]));
  const rank = (track: Track) => (track.muted ? 2 : position.has(track.id) ? 0 : 1);
  const audios = tracks.filter((track) => track.kind === 'audio');
  audios.sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (position.get(a.id) ?? 0) - (position.get(b.id) ?? 0) ||
      compareRecent(voices.lastSpokeAt(a.id), voices.lastSpokeAt(b.id)) ||
      a.arrival - b.arrival,
  );
  return {
    videos: tracks.filter((track) => track.kind === 'video'),
    audios,
    // Reversed, so that of two of one source the better one stays.
    audiosByOwner: new Map(
      audios.toReversed().map((track) => [audioKey(track.publisherSid, track.source), track]),
    ),
  };
}

/** Later first; both may be -Infinity. */
const compareRecent = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1);

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
