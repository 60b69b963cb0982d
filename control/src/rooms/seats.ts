import { after, type Millis } from '@switchyard/core/base';
import { RESUME_WINDOW_MS } from '@switchyard/core/signal';
import type { SessionId } from './admission.ts';
import type { Alarm } from './alarms.ts';
import type { Context } from './context.ts';
import type { Seat } from './seat.ts';

/** All seats of the server: by connection, by sid and by user. */
export class Seats {
  readonly #context: Context;
  readonly #onExpired: (now: Millis, seat: Seat) => void;
  readonly #bySession = new Map<SessionId, Seat>();
  readonly #bySid = new Map<string, Seat>();
  readonly #byIdentity = new Map<string, Set<Seat>>();
  readonly #away = new Map<Seat, Alarm>();

  /** `onExpired`: nobody resumed the seat in time. */
  constructor(context: Context, onExpired: (now: Millis, seat: Seat) => void) {
    this.#context = context;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#bySid.size;
  }

  bySession(session: SessionId): Seat | null {
    return this.#bySession.get(session) ?? null;
  }

  bySid(sid: string): Seat | null {
    return this.#bySid.get(sid) ?? null;
  }

  ofUser(identity: string): readonly Seat[] {
    return [...(this.#byIdentity.get(identity) ?? [])];
  }

  all(): readonly Seat[] {
    return [...this.#bySid.values()];
  }

  /** Adds a seat with its first connection. */
  add(seat: Seat): void {
    this.#bySid.set(seat.sid, seat);
    if (seat.session !== null) this.#bySession.set(seat.session, seat);
    const same = this.#byIdentity.get(seat.identity);
    if (same === undefined) this.#byIdentity.set(seat.identity, new Set([seat]));
    else same.add(seat);
  }

  /** Another connection carries the seat from now on; the one before it is forgotten. */
  rebind(seat: Seat, session: SessionId): void {
    if (seat.session !== null) this.#bySession.delete(seat.session);
    this.#cancelAway(seat);
    seat.session = session;
    this.#bySession.set(session, seat);
  }

  /** The connection dropped: the seat waits for a resume. */
  setAway(now: Millis, seat: Seat): void {
    if (seat.session !== null) this.#bySession.delete(seat.session);
    seat.session = null;
    const alarm = this.#context.alarms.create((at) => this.#onExpired(at, seat));
    this.#away.set(seat, alarm);
    alarm.set(after(now, RESUME_WINDOW_MS));
  }

  /** `session`: the connection that the seat had until it was closed. */
  delete(seat: Seat, session: SessionId | null): void {
    this.#cancelAway(seat);
    if (session !== null) this.#bySession.delete(session);
    this.#bySid.delete(seat.sid);
    const same = this.#byIdentity.get(seat.identity);
    same?.delete(seat);
    if (same?.size === 0) this.#byIdentity.delete(seat.identity);
  }

  #cancelAway(seat: Seat): void {
    this.#away.get(seat)?.dispose();
    this.#away.delete(seat);
  }
}
