import type { ParticipantInfo, RoomInfo, ServerEvent, TrackInfo } from '@switchyard/core/signal';

/** What the server told about the room. Replaced, never changed: unchanged entries keep their identity. */
export interface RoomState {
  readonly room: RoomInfo | null;
  /** Our own entry included. By participant sid. */
  readonly participants: ReadonlyMap<string, ParticipantInfo>;
}

export const EMPTY_ROOM: RoomState = { room: null, participants: new Map() };

export type RoomChange =
  | { readonly kind: 'roomUpdated'; readonly room: RoomInfo }
  | { readonly kind: 'participantJoined'; readonly participant: ParticipantInfo }
  | { readonly kind: 'participantUpdated'; readonly participant: ParticipantInfo }
  | { readonly kind: 'participantLeft'; readonly participant: ParticipantInfo }
  | { readonly kind: 'trackPublished'; readonly participantSid: string; readonly track: TrackInfo }
  | { readonly kind: 'trackUpdated'; readonly participantSid: string; readonly track: TrackInfo }
  | {
      readonly kind: 'trackUnpublished';
      readonly participantSid: string;
      readonly track: TrackInfo;
    };

/** The state of a snapshot, as `joined` or `resumed` carry it. */
export function fromSnapshot(snapshot: {
  room: RoomInfo | null;
  participant: ParticipantInfo;
  participants: readonly ParticipantInfo[];
}): RoomState {
  const participants = new Map(snapshot.participants.map((one) => [one.sid, one]));
  participants.set(snapshot.participant.sid, snapshot.participant);
  return { room: snapshot.room, participants };
}

/** The state after `event`; the same object when it changes nothing here. */
export function reduceRoom(state: RoomState, event: ServerEvent): RoomState {
  switch (event.kind) {
    case 'participantJoined':
    case 'participantUpdated':
      return withParticipant(state, event.participant);
    case 'participantLeft': {
      if (!state.participants.has(event.participantSid)) return state;
      const participants = new Map(state.participants);
      participants.delete(event.participantSid);
      return { ...state, participants };
    }
    case 'trackPublished':
    case 'trackUpdated':
      return withTracks(state, event.participantSid, (tracks) => {
        const at = tracks.findIndex(({ sid }) => sid === event.track.sid);
        return at < 0 ? [...tracks, event.track] : tracks.with(at, event.track);
      });
    case 'trackUnpublished':
      return withTracks(state, event.participantSid, (tracks) =>
        tracks.filter(({ sid }) => sid !== event.trackSid),
      );
    case 'roomUpdated':
      return { ...state, room: event.room };
    default:
      return state;
  }
}

/**
 * What differs, in an order in which it can be told: who left, room, who came, then tracks. One way
 * for single events and for snapshots after a gap.
 */
export function changesBetween(before: RoomState, after: RoomState): RoomChange[] {
  const changes: RoomChange[] = [];
  for (const [sid, participant] of before.participants) {
    if (!after.participants.has(sid)) changes.push({ kind: 'participantLeft', participant });
  }
  if (after.room && after.room !== before.room) {
    changes.push({ kind: 'roomUpdated', room: after.room });
  }
  for (const [sid, participant] of after.participants) {
    const old = before.participants.get(sid);
    if (old === participant) continue;
    if (!old) {
      changes.push({ kind: 'participantJoined', participant });
      for (const track of participant.tracks) {
        changes.push({ kind: 'trackPublished', participantSid: sid, track });
      }
      continue;
    }
    changes.push({ kind: 'participantUpdated', participant });
    pushTrackChanges(changes, sid, old.tracks, participant.tracks);
  }
  return changes;
}

function pushTrackChanges(
  changes: RoomChange[],
  participantSid: string,
  before: readonly TrackInfo[],
  after: readonly TrackInfo[],
): void {
  const remaining = new Map(before.map((track) => [track.sid, track]));
  const came: RoomChange[] = [];
  for (const track of after) {
    const old = remaining.get(track.sid);
    remaining.delete(track.sid);
    if (!old) came.push({ kind: 'trackPublished', participantSid, track });
    else if (!isSame(old, track)) came.push({ kind: 'trackUpdated', participantSid, track });
  }
  for (const track of remaining.values()) {
    changes.push({ kind: 'trackUnpublished', participantSid, track });
  }
  changes.push(...came);
}

/** Entries are small plain JSON that one serialiser wrote: text compares them well enough. */
function isSame(a: TrackInfo, b: TrackInfo): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function withParticipant(state: RoomState, participant: ParticipantInfo): RoomState {
  return {
    ...state,
    participants: new Map(state.participants).set(participant.sid, participant),
  };
}

function withTracks(
  state: RoomState,
  participantSid: string,
  change: (tracks: TrackInfo[]) => TrackInfo[],
): RoomState {
  const participant = state.participants.get(participantSid);
  if (!participant) return state;
  return withParticipant(state, { ...participant, tracks: change(participant.tracks) });
}
