import { type Millis, ok, type Result } from '@switchyard/core/base';
import type { ClientMessage, ServerMessage, SignalError } from '@switchyard/core/signal';
import type { Calls } from './calls.ts';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import type { Place } from './media-index.ts';
import { moderate, updateParticipant, withoutUndefined } from './moderation.ts';
import { handleOffer, mute, publish, unpublish } from './publishing.ts';
import type { RoomBook } from './room-book.ts';
import type { Seat } from './seat.ts';
import type { Seats } from './seats.ts';
import { sendText } from './texts.ts';

/** Messages that are answered by `reply`, `answer` or `error`. */
export type Request = Exclude<
  ClientMessage,
  { kind: 'join' | 'resume' | 'view' | 'ping' | 'leave' }
>;
/** The requests that need a room. */
type RoomRequest = Exclude<Request, { kind: 'message' | 'call' | 'answerCall' }>;

/** What a success is answered with, besides the request's id. */
type ReplyFields = Omit<Extract<ServerMessage, { kind: 'reply' }>, 'kind' | 'id'>;
type Outcome = Result<ReplyFields, SignalError>;

/** Carries out what joined clients ask for. */
export class Requests {
  readonly #context: Context;
  readonly #rooms: RoomBook;
  readonly #seats: Seats;
  readonly #calls: Calls;
  #arrivals = 0;

  constructor(context: Context, rooms: RoomBook, seats: Seats, calls: Calls) {
    this.#context = context;
    this.#rooms = rooms;
    this.#seats = seats;
    this.#calls = calls;
  }

  /** `place` is null for a user session. Returns the answer. */
  handle(
    now: Millis,
    seat: Seat,
    place: Place | null,
    message: Request,
  ): Result<ServerMessage, SignalError> {
    const { id } = message;
    if (message.kind === 'offer') return this.#offer(place, message);
    const outcome = this.#dispatch(now, seat, place, message);
    return outcome.ok ? ok({ kind: 'reply', id, ...outcome.value }) : outcome;
  }

  #offer(
    place: Place | null,
    message: Extract<Request, { kind: 'offer' }>,
  ): Result<ServerMessage, SignalError> {
    if (place === null) return refuse('notInRoom');
    const { room, participant } = place;
    const sdp = handleOffer(this.#context, room, participant, message);
    if (!sdp.ok) return sdp;
    const slots = participant.receiver.states();
    return ok({ kind: 'answer', id: message.id, sdp: sdp.value, slots });
  }

  #dispatch(
    now: Millis,
    seat: Seat,
    place: Place | null,
    message: Exclude<Request, { kind: 'offer' }>,
  ): Outcome {
    switch (message.kind) {
      case 'message': {
        const sent = sendText(this.#context, now, { seat, place }, message, (identity) =>
          this.#seats.ofUser(identity),
        );
        return map(sent, (messageId) => ({ messageId }));
      }
      case 'call': {
        const roomName = place?.room.name ?? null;
        const started = this.#calls.start(now, seat, roomName, message);
        return map(started, (callId) => ({ callId }));
      }
      case 'answerCall':
        return map(this.#calls.answer(seat, message.callId, message.answer), () => ({}));
      default:
        return place === null ? refuse('notInRoom') : this.#inRoom(now, place, message);
    }
  }

  #inRoom(
    now: Millis,
    { room, participant }: Place,
    message: Exclude<RoomRequest, { kind: 'offer' }>,
  ): Outcome {
    const context = this.#context;
    switch (message.kind) {
      case 'publish': {
        const track = publish(context, room, participant, message, this.#arrivals++);
        return map(track, (info) => ({ track: info }));
      }
      case 'unpublish':
        return map(unpublish(room, participant, message), () => ({}));
      case 'mute':
        return map(mute(room, participant, message), () => ({}));
      case 'updateMe': {
        if (!participant.permissions.canUpdateOwnMetadata) return refuse('notAllowed');
        const { name, metadata, attributes } = message;
        const change = withoutUndefined({ name, metadata, attributes });
        return map(updateParticipant(context, room, participant.identity, change), () => ({}));
      }
      case 'moderate': {
        if (!participant.permissions.canModerate) return refuse('notAllowed');
        const { action } = message;
        if (action.kind !== 'endRoom')
          return map(moderate(context, now, room, participant, action), () => ({}));
        // Answered before the room ends: afterwards nobody is there to hear it.
        participant.seat.send({ kind: 'reply', id: message.id });
        this.#rooms.end(now, room);
        return ok({});
      }
    }
  }
}

function map<T, U>(
  result: Result<T, SignalError>,
  change: (value: T) => U,
): Result<U, SignalError> {
  return result.ok ? ok(change(result.value)) : result;
}
