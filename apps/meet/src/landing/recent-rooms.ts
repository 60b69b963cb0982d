import { asRecord, browserStorage, type Storage } from '../shared/storage.ts';
import { Store } from '../shared/store.ts';

export interface RecentRoom {
  readonly room: string;
  /** Milliseconds since the epoch. */
  readonly visitedAt: number;
}

const KEY = 'recentRooms';
const KEPT_COUNT = 6;

/** The rooms that this browser was in, newest first. They are kept nowhere else. */
export class RecentRooms extends Store<readonly RecentRoom[]> {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    super(decode(storage.read(KEY)));
    this.#storage = storage;
  }

  add(room: string, now: number): void {
    const others = this.get().filter((one) => one.room !== room);
    this.#keep([{ room, visitedAt: now }, ...others].slice(0, KEPT_COUNT));
  }

  forget(room: string): void {
    this.#keep(this.get().filter((one) => one.room !== room));
  }

  #keep(rooms: readonly RecentRoom[]): void {
    this.set(rooms);
    this.#storage.write(KEY, rooms);
  }
}

export const recentRooms = new RecentRooms(browserStorage);

function decode(value: unknown): readonly RecentRoom[] {
  if (!Array.isArray(value)) return [];
  return value
    .map(asRecord)
    .flatMap(({ room, visitedAt }) =>
      typeof room === 'string' && typeof visitedAt === 'number' ? [{ room, visitedAt }] : [],
    )
    .slice(0, KEPT_COUNT);
}
