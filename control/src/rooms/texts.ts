import { type Millis, ok, type Result } from '@switchyard/core/base';
import type { ClientMessage, SignalError } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import type { Seat } from './seat.ts';

type TextMessage = Extract<ClientMessage, { kind: 'message' }>;

export interface Text {
  readonly topic: string;
  readonly text: string;
  readonly to?: readonly string[] | undefined;
}

interface Sender {
  readonly identity: string;
  readonly name: string;
  readonly participantSid?: string;
}

/** A text from a client; returns the message's id. */
export function sendText(
  context: Context,
  now: Millis,
  from: { readonly seat: Seat; readonly place: { room: Room; participant: Participant } | null },
  message: TextMessage,
  seatsOf: (identity: string) => readonly Seat[],
): Result<string, SignalError> {
  const { seat, place } = from;
  const permissions = place?.participant.permissions ?? seat.admission.permissions;
  if (!permissions.canPublishData) return refuse('notAllowed', 'You may not send messages.');
  if (message.text.length > context.settings.limits.messageLength) return refuse('messageTooLong');
  if (!seat.textBucket.take(now)) return refuse('tooManyMessages');
  const { identity, name } = seat;
  if (message.scope === 'user') {
    const sender = { identity, name };
    const others = (message.to ?? []).flatMap((to) => seatsOf(to)).filter((to) => to !== seat);
    if (message.to === undefined || message.to.length === 0) return refuse('noRecipient');
    return deliver(context, now, sender, message, others);
  }
  if (place === null) return refuse('notInRoom');
  const isHidden = permissions.hidden;
  const sender = { identity, name, ...(isHidden ? {} : { participantSid: seat.sid }) };
  return sendToRoom(context, now, place.room, sender, message, seat);
}

/** A text to participants of a room (all, when `to` is absent); returns the message's id. */
export function sendToRoom(
  context: Context,
  now: Millis,
  room: Room,
  from: Sender,
  text: Text,
  except?: Seat,
): Result<string, SignalError> {
  const { to } = text;
  const seats = Array.from(room.participants.values(), (one) => one.seat).filter(
    (seat) => seat !== except && (to === undefined || to.includes(seat.identity)),
  );
  // Talking to an empty room is no mistake; naming people who are not there is.
  if (to === undefined && seats.length === 0) return ok(context.ids.sid('MS'));
  return deliver(context, now, from, text, seats);
}

function deliver(
  context: Context,
  now: Millis,
  from: Sender,
  { topic, text, to }: Text,
  seats: readonly Seat[],
): Result<string, SignalError> {
  if (seats.length === 0) return refuse('recipientNotFound');
  const messageId = context.ids.sid('MS');
  const sentAt = context.ports.wallClock(now);
  const direct = to !== undefined;
  for (const seat of new Set(seats))
    seat.tell({ kind: 'message', messageId, from, topic, text, sentAt, direct });
  return ok(messageId);
}
