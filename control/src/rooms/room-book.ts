import { type Millis, ok, type Result } from '@switchyard/core/base';
import type { SignalError } from '@switchyard/core/signal';
import type { SessionId } from './admission.ts';
import type { Context } from './context.ts';
import { refuse } from './errors.ts';
import { ROOM_ENDED } from './moderation.ts';
import type { Participant } from './participant.ts';
import { Room } from './room.ts';
import type { RoomDefinition } from './surface.ts';

/** The rooms of the server by name. */
export class RoomBook {
  readonly #context: Context;
  readonly #onLeft: (participant: Participant, session: SessionId | null) => void;
  readonly #rooms = new Map<string, Room>();
  readonly #dirty = new Set<Room>();

  constructor(
    context: Context,
    onLeft: (participant: Participant, session: SessionId | null) => void,
  ) {
    this.#context = context;
    this.#onLeft = onLeft;
  }

  get(name: string): Room | null {
    return this.#rooms.get(name) ?? null;
  }

  all(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  create(now: Millis, name: string, definition: RoomDefinition): Result<Room, SignalError> {
    if (this.#rooms.has(name)) return refuse('roomExists');
    if (this.#rooms.size >= this.#context.settings.limits.rooms) return refuse('tooManyRooms');
    const room = new Room(this.#context, now, name, definition, {
      onDirty: (dirty) => this.#dirty.add(dirty),
      onEmpty: (at, empty) => this.end(at, empty),
      onLeft: this.#onLeft,
    });
    this.#rooms.set(name, room);
    return ok(room);
  }

  /** Says goodbye to everybody and closes the room. */
  end(now: Millis, room: Room, farewell = ROOM_ENDED): void {
    for (const participant of [...room.participants.values()])
      room.remove(now, participant, 'roomEnded', farewell);
    room.end(now);
    this.#rooms.delete(room.name);
    this.#dirty.delete(room);
  }

  /** Puts right what the present call left to do; rooms may dirty each other never. */
  settle(): void {
    for (const room of this.#dirty) room.settle();
    this.#dirty.clear();
  }
}
