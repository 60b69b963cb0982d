import { type Millis, ok, type Result } from '@switchyard/core/base';
import {
  type ClientMessage,
  type ParticipantInfo,
  type ParticipantKind,
  type Permissions,
  PING_INTERVAL_MS,
  RESUME_WINDOW_MS,
  type ServerMessage,
  type SignalError,
} from '@switchyard/core/signal';
import type { Admission, SessionId } from './admission.ts';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import type { Place } from './media-index.ts';
import { mergeAttributes } from './moderation.ts';
import { Participant } from './participant.ts';
import { Receiver } from './receiver.ts';
import type { Farewell, Room } from './room.ts';
import type { RoomBook } from './room-book.ts';
import { Seat } from './seat.ts';

export type JoinMessage = Extract<ClientMessage, { kind: 'join' }>;

/** Somebody whose token was verified and who has not joined yet. */
export interface Newcomer {
  readonly session: SessionId;
  readonly admission: Admission;
  readonly kind: ParticipantKind;
}

const REPLACED: Farewell = {
  reason: 'replaced',
  error: {
    code: 'replaced',
    message: 'You joined this room from somewhere else.',
    fix: 'Continue there, or join here again.',
    retryable: false,
  },
};

/**
 * The name and attributes of a `join` count if the token lets the person change them (a name also if the
 * token has none); else the token's stand.
 */
export function newSeat(
  context: Context,
  now: Millis,
  { session, admission, kind }: Newcomer,
  message: JoinMessage,
): Seat {
  const mayName = admission.permissions.canUpdateOwnMetadata || admission.name === '';
  const name = (mayName ? message.name : undefined) ?? admission.name;
  return new Seat(context, now, session, admission, kind, name);
}

/** Takes a seat into its room, which appears if it may. Replaces an earlier session of the identity. */
export function enterRoom(
  context: Context,
  rooms: RoomBook,
  now: Millis,
  seat: Seat,
  roomName: string,
  message: JoinMessage,
): Result<Place, SignalError> {
  const { admission } = seat;
  const attributes = mergeAttributes(
    context,
    admission.attributes,
    admission.permissions.canUpdateOwnMetadata ? (message.attributes ?? {}) : {},
  );
  if (!attributes.ok) return attributes;
  const found = findRoom(context, rooms, now, roomName, admission);
  if (!found.ok) return found;
  const room = found.value;
  const before = room.byIdentity(seat.identity);
  const isNew = before === null;
  if (room.locked && isNew && !admission.permissions.canModerate) return refuse('roomLocked');
  if (isNew && room.participants.size >= room.maxParticipants) return refuse('roomFull');
  if (before !== null) room.remove(now, before, 'replaced', REPLACED);
  const participant = new Participant(
    seat,
    new Receiver(context, message.autoSubscribe ?? true),
    context.ports.wallClock(now),
    permissionsOf(seat),
    attributes.value,
  );
  room.add(participant);
  return ok({ room, participant });
}

function findRoom(
  context: Context,
  rooms: RoomBook,
  now: Millis,
  name: string,
  admission: Admission,
): Result<Room, SignalError> {
  const room = rooms.get(name);
  if (room !== null) return ok(room);
  if (!context.settings.autoCreate && !admission.mayCreateRoom) return refuse('roomNotFound');
  return rooms.create(now, name, {});
}

/** A WHEP player only watches and is nobody whom people would look for. */
function permissionsOf({ kind, admission: { permissions } }: Seat): Permissions {
  return kind === 'whep' ? { ...permissions, hidden: true, canPublish: false } : permissions;
}

/** The answer to a `join`. `place` is null for a user session. */
export function joinedMessage(
  context: Context,
  now: Millis,
  id: number,
  seat: Seat,
  place: Place | null,
): ServerMessage {
  const { settings, ports } = context;
  return {
    kind: 'joined',
    id,
    room: place?.room.info() ?? null,
    participant: place?.participant.info() ?? userInfo(context, now, seat),
    participants: others(place),
    resumeToken: seat.resumeToken,
    seq: seat.log.last,
    iceServers: ports.iceServers(now, seat.identity).map(({ urls, ...rest }) => ({
      urls: [...urls],
      ...rest,
    })),
    slots: settings.slots,
    serverTime: ports.wallClock(now),
    pingIntervalMs: PING_INTERVAL_MS,
    resumeWindowMs: RESUME_WINDOW_MS,
    serverVersion: settings.serverVersion,
  };
}

/** Sends what a resumed session missed, or the whole state when too much of it is gone. */
export function catchUp(seat: Seat, place: Place | null, id: number, lastSeq: number): void {
  const missed = seat.log.since(lastSeq);
  const seq = seat.log.last;
  if (missed !== null || place === null) {
    seat.send({ kind: 'resumed', id, complete: missed !== null, seq });
    for (const event of missed ?? []) seat.send(event);
    return;
  }
  const { room, participant } = place;
  const snapshot = {
    room: room.info(),
    participant: participant.info(),
    participants: others(place),
    slots: participant.receiver.states(),
  };
  seat.send({ kind: 'resumed', id, complete: false, seq, snapshot });
}

const others = (place: Place | null): ParticipantInfo[] =>
  place === null ? [] : place.room.othersFor(place.participant).map((one) => one.info());

/** A user session described like a participant. */
function userInfo(
  context: Context,
  now: Millis,
  { sid, name, kind, admission }: Seat,
): ParticipantInfo {
  const { identity, metadata, attributes, permissions } = admission;
  return {
    sid,
    identity,
    name,
    kind,
    metadata,
    attributes: { ...attributes },
    joinedAt: context.ports.wallClock(now),
    permissions,
    tracks: [],
    state: 'active',
  };
}
