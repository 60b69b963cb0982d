import { type Millis, ok, type Result } from '@switchyard/core/base';
import type { ParticipantInfo, RoomInfo, SignalError } from '@switchyard/core/signal';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import { muteTrack, removeParticipant, updateParticipant, updateRoom } from './moderation.ts';
import type { Room } from './room.ts';
import type { RoomBook } from './room-book.ts';
import type {
  AdminSurface,
  ParticipantChange,
  RoomDefinition,
  RoomDetails,
  WorkerSummary,
} from './surface.ts';
import { sendToRoom, type Text } from './texts.ts';

/** Stands as the author of what a back end does or says. */
const SERVER = { identity: 'server', name: 'Server' };

/** The back end's hands in the rooms; whether it may has been checked. */
export class Administration implements AdminSurface {
  readonly #context: Context;
  readonly #rooms: RoomBook;
  readonly #onShutdown: (now: Millis) => void;

  constructor(context: Context, rooms: RoomBook, onShutdown: (now: Millis) => void) {
    this.#context = context;
    this.#rooms = rooms;
    this.#onShutdown = onShutdown;
  }

  listRooms(): readonly RoomDetails[] {
    return this.#rooms.all().map((room) => room.details());
  }

  getRoom(name: string): RoomDetails | null {
    return this.#rooms.get(name)?.details() ?? null;
  }

  createRoom(now: Millis, name: string, definition: RoomDefinition): Result<RoomInfo, SignalError> {
    const created = this.#rooms.create(now, name, definition);
    return created.ok ? ok(created.value.info()) : created;
  }

  updateRoom(
    _now: Millis,
    name: string,
    definition: RoomDefinition,
  ): Result<RoomInfo, SignalError> {
    return this.#inRoom(name, (room) => {
      updateRoom(room, definition);
      return ok(room.info());
    });
  }

  endRoom(now: Millis, name: string): Result<void, SignalError> {
    return this.#inRoom(name, (room) => {
      this.#rooms.end(now, room);
      return ok(undefined);
    });
  }

  updateParticipant(
    _now: Millis,
    name: string,
    identity: string,
    change: ParticipantChange,
  ): Result<ParticipantInfo, SignalError> {
    return this.#inRoom(name, (room) => {
      const changed = updateParticipant(this.#context, room, identity, change);
      return changed.ok ? ok(changed.value.info()) : changed;
    });
  }

  removeParticipant(now: Millis, name: string, identity: string): Result<void, SignalError> {
    return this.#inRoom(name, (room) => removeParticipant(now, room, identity));
  }

  muteTrack(
    _now: Millis,
    name: string,
    trackSid: string,
    muted: boolean,
  ): Result<void, SignalError> {
    return this.#inRoom(name, (room) => muteTrack(room, trackSid, muted, SERVER.identity));
  }

  sendMessage(now: Millis, name: string, text: Text): Result<string, SignalError> {
    return this.#inRoom(name, (room) => sendToRoom(this.#context, now, room, SERVER, text));
  }

  workers(): readonly WorkerSummary[] {
    return this.#context.workers.summaries();
  }

  shutdown(now: Millis): void {
    this.#onShutdown(now);
  }

  #inRoom<T>(name: string, act: (room: Room) => Result<T, SignalError>): Result<T, SignalError> {
    const room = this.#rooms.get(name);
    if (room === null) return refuse('roomNotFound');
    const result = act(room);
    this.#rooms.settle();
    return result;
  }
}
