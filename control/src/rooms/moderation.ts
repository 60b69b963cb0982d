import { type Millis, ok, type Result } from '@switchyard/core/base';
import type { ClientMessage, Permissions, SignalError } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import type { Participant } from './participant.ts';
import type { Farewell, Room } from './room.ts';
import type { ParticipantChange, RoomDefinition } from './surface.ts';

type Action = Extract<ClientMessage, { kind: 'moderate' }>['action'];

export const REMOVED: Farewell = {
  reason: 'removed',
  error: {
    code: 'removed',
    message: 'You were removed from the room.',
    fix: 'Ask a moderator to let you in again.',
    retryable: false,
  },
};

export const ROOM_ENDED: Farewell = {
  reason: 'roomEnded',
  error: {
    code: 'roomEnded',
    message: 'The room was ended for everybody.',
    fix: '',
    retryable: false,
  },
};

/** What a moderator asks for. Whether he may has been checked. `endRoom` is the caller's to do. */
export function moderate(
  context: Context,
  now: Millis,
  room: Room,
  moderator: Participant,
  action: Exclude<Action, { kind: 'endRoom' }>,
): Result<void, SignalError> {
  switch (action.kind) {
    case 'muteTrack':
      return muteTrack(room, action.trackSid, action.muted, moderator.identity);
    case 'muteAll':
      muteAll(room, moderator);
      return ok(undefined);
    case 'removeParticipant':
      return removeParticipant(now, room, action.identity);
    case 'setPermissions': {
      const permissions = withoutUndefined(action.permissions);
      const changed = updateParticipant(context, room, action.identity, { permissions });
      return changed.ok ? ok(undefined) : changed;
    }
    case 'setLocked':
      updateRoom(room, { locked: action.locked });
      return ok(undefined);
    case 'setMetadata':
      updateRoom(room, { metadata: action.metadata });
      return ok(undefined);
  }
}

/** Mutes somebody's track. The person may unmute himself; nobody else can do that for him. */
export function muteTrack(
  room: Room,
  trackSid: string,
  muted: boolean,
  by: string,
): Result<void, SignalError> {
  const track = room.tracks.get(trackSid);
  if (track === undefined) return refuse('trackNotFound');
  if (!muted && track.muted) return refuse('remoteUnmute');
  room.setMuted(room.publisherOf(track), track, muted, by);
  return ok(undefined);
}

/** Mutes every microphone but the moderator's own. */
function muteAll(room: Room, moderator: Participant): void {
  for (const track of [...room.tracks.values()])
    if (track.source === 'microphone' && track.publisherSid !== moderator.sid)
      room.setMuted(room.publisherOf(track), track, true, moderator.identity);
}

export function removeParticipant(
  now: Millis,
  room: Room,
  identity: string,
): Result<void, SignalError> {
  const participant = room.byIdentity(identity);
  if (participant === null) return refuse('participantNotFound');
  room.remove(now, participant, 'removed', REMOVED);
  return ok(undefined);
}

/** Changes what the room says about somebody, or what he may do. */
export function updateParticipant(
  context: Context,
  room: Room,
  identity: string,
  change: ParticipantChange,
): Result<Participant, SignalError> {
  const participant = room.byIdentity(identity);
  if (participant === null) return refuse('participantNotFound');
  if (change.attributes !== undefined) {
    const merged = mergeAttributes(context, participant.attributes, change.attributes);
    if (!merged.ok) return merged;
    participant.attributes = merged.value;
  }
  if (change.name !== undefined) participant.seat.name = change.name;
  if (change.metadata !== undefined) participant.metadata = change.metadata;
  if (change.permissions !== undefined) setPermissions(room, participant, change.permissions);
  room.tellParticipant(participant);
  return ok(participant);
}

/** Takes what is no longer allowed away at once. */
function setPermissions(room: Room, participant: Participant, change: Partial<Permissions>): void {
  const before = participant.permissions;
  const after = { ...before, ...change };
  if (after.hidden && !before.hidden) hide(room, participant);
  participant.permissions = after;
  for (const track of [...participant.tracks.values()])
    if (!participant.mayPublish(track.source)) room.removeTrack(participant, track);
  if (before.hidden && !after.hidden)
    room.tell(
      { kind: 'participantJoined', participant: participant.info() },
      participant,
      participant,
    );
  room.touch(participant);
}

/** For the others somebody who hides has left. */
function hide(room: Room, participant: Participant): void {
  for (const track of [...participant.tracks.values()]) room.removeTrack(participant, track);
  const participantSid = participant.sid;
  room.tell({ kind: 'participantLeft', participantSid, reason: 'left' }, participant, participant);
}

export function updateRoom(room: Room, definition: RoomDefinition): void {
  const { metadata, locked, maxParticipants, emptyTimeoutMs } = definition;
  if (metadata !== undefined) room.metadata = metadata;
  if (locked !== undefined) room.locked = locked;
  if (maxParticipants !== undefined) room.maxParticipants = maxParticipants;
  if (emptyTimeoutMs !== undefined) room.emptyTimeoutMs = emptyTimeoutMs;
  room.tell({ kind: 'roomUpdated', room: room.info() });
}

/** Leaves out fields that are present but undefined: they change nothing. */
export function withoutUndefined<T extends object>(
  fields: T,
): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

const MAX_ATTRIBUTES = 32;

/** `change` merged into `present`; an empty string removes a key. Bounded in number and length. */
export function mergeAttributes(
  { settings }: Context,
  present: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>>,
): Result<Readonly<Record<string, string>>, SignalError> {
  const merged = Object.entries({ ...present, ...change }).filter(([, value]) => value !== '');
  const length = merged.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (merged.length > MAX_ATTRIBUTES || length > settings.limits.attributesLength)
    return refuse('attributesTooLong');
  return ok(Object.fromEntries(merged));
}
