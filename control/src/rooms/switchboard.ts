import type { Millis, Result } from '@switchyard/core/base';
import type { MediaNotice, WorkerId } from '@switchyard/core/media-api';
import {
  type ClientMessage,
  CloseCode,
  type ParticipantKind,
  type SignalError,
} from '@switchyard/core/signal';
import { Administration } from './administration.ts';
import type { Admission, SessionId } from './admission.ts';
import { Alarms } from './alarms.ts';
import { Calls } from './calls.ts';
import type { Context } from './context.ts';
import { type ErrorCode, refuse, signalError } from './errors.ts';
import { Ids, isSameSecret } from './ids.ts';
import {
  catchUp,
  enterRoom,
  type JoinMessage,
  joinedMessage,
  type Newcomer,
  newSeat,
} from './joining.ts';
import { LostMedia } from './lost-media.ts';
import { MediaIndex, type Place } from './media-index.ts';
import { MediaNotices } from './media-notices.ts';
import { Outbox } from './outbox.ts';
import type { Output } from './output.ts';
import type { Participant } from './participant.ts';
import { Pipes } from './pipes.ts';
import { prepareOffer } from './publishing.ts';
import { type Request, Requests } from './requests.ts';
import type { Farewell, Room } from './room.ts';
import { RoomBook } from './room-book.ts';
import type { Seat } from './seat.ts';
import { Seats } from './seats.ts';
import { DEFAULT_SETTINGS, type SwitchboardPorts, type SwitchboardSettings } from './settings.ts';
import type {
  AdminSurface,
  IcePair,
  MachineSurface,
  MediaSurface,
  SessionSurface,
} from './surface.ts';
import { Workers } from './workers.ts';

type ResumeMessage = Extract<ClientMessage, { kind: 'resume' }>;

const SHUTDOWN: Farewell = {
  reason: 'serverShutdown',
  error: {
    code: 'serverShutdown',
    message: 'This server is shutting down.',
    fix: 'Join again in a moment.',
    retryable: true,
  },
};

/**
 * All rooms of one server as one machine: sessions, rooms, media workers and calls. After each `handle*`
 * call its owner drains `pollOutput` and arms one timer for `nextTimeout`.
 */
export class Switchboard implements SessionSurface, MediaSurface, MachineSurface {
  /** For back ends; drain `pollOutput` after its calls too. */
  readonly admin: AdminSurface;
  readonly #context: Context;
  readonly #newcomers = new Map<SessionId, Newcomer>();
  readonly #seats: Seats;
  readonly #places = new Map<Seat, Place>();
  readonly #rooms: RoomBook;
  readonly #calls: Calls;
  readonly #requests: Requests;
  readonly #notices: MediaNotices;
  readonly #lostMedia: LostMedia;
  #isClosing = false;

  /** Settings that are left out have the defaults of `DEFAULT_SETTINGS`. */
  constructor(ports: SwitchboardPorts, settings: Partial<SwitchboardSettings> = {}) {
    const workers = new Workers();
    const out = new Outbox((worker) => workers.isAlive(worker));
    const context: Context = {
      settings: { ...DEFAULT_SETTINGS, ...settings },
      ports,
      ids: new Ids(ports.random),
      alarms: new Alarms(),
      out,
      workers,
      pipes: new Pipes(out),
      index: new MediaIndex(),
    };
    this.#context = context;
    this.#seats = new Seats(context, (now, seat) => this.#leave(now, seat, 'connectionLost'));
    this.#rooms = new RoomBook(context, (one, session) => this.#onLeft(one, session));
    this.#calls = new Calls({ context, seatsOf: (identity) => this.#seats.ofUser(identity) });
    this.#requests = new Requests(context, this.#rooms, this.#seats, this.#calls);
    this.admin = new Administration(context, this.#rooms, (now) => this.#shutdown(now));
    this.#lostMedia = new LostMedia(workers);
    this.#notices = new MediaNotices(context, (now, room, participant) =>
      this.#mediaLost(now, room, participant, 'There was no media path to the server any more.'),
    );
  }

  handleOpen(_now: Millis, session: SessionId, admission: Admission, kind: ParticipantKind): void {
    if (this.#seats.bySession(session) !== null) return;
    this.#newcomers.set(session, { session, admission, kind });
  }

  handleMessage(now: Millis, session: SessionId, message: ClientMessage): void {
    const seat = this.#seats.bySession(session);
    if (seat !== null) this.#handleSeated(now, seat, message);
    else this.#handleUnseated(now, session, message);
    this.#rooms.settle();
  }

  handleClose(now: Millis, session: SessionId): void {
    this.#newcomers.delete(session);
    const seat = this.#seats.bySession(session);
    if (seat === null) return;
    if (seat.isResumable) {
      this.#seats.setAway(now, seat);
      this.#places.get(seat)?.room.tellParticipant(this.#places.get(seat)!.participant);
    } else this.#leave(now, seat, 'sessionEnded');
    this.#rooms.settle();
  }

  restartIce(_now: Millis, session: SessionId, remote: IcePair): IcePair | null {
    const seat = this.#seats.bySession(session);
    const media = seat === null ? null : this.#places.get(seat)?.participant.media;
    return media?.restartIce(remote) ?? null;
  }

  prepareOffer(_now: Millis, session: SessionId): Result<string, SignalError> {
    const seat = this.#seats.bySession(session);
    const place = seat === null ? undefined : this.#places.get(seat);
    if (place === undefined) return refuse('notInRoom');
    const sdp = prepareOffer(this.#context, place.room, place.participant);
    this.#rooms.settle();
    return sdp;
  }

  handleWorkerReady(now: Millis, notice: Extract<MediaNotice, { kind: 'ready' }>): void {
    // A restart under the same number that nobody told us about: what the old process had is gone.
    if (this.#context.workers.isAlive(notice.worker)) this.handleWorkerLost(now, notice.worker);
    this.#context.workers.ready(notice.worker, notice.fingerprint);
    this.#lostMedia.handleWorkerReady();
  }

  handleWorkerLost(now: Millis, worker: WorkerId): void {
    this.#context.workers.lost(worker);
    for (const { room, participant } of [...this.#context.index.transports.values()])
      if (participant.media?.worker === worker)
        this.#mediaLost(now, room, participant, 'The media worker ended unexpectedly.');
    this.#rooms.settle();
  }

  handleMediaNotice(now: Millis, worker: WorkerId, notice: MediaNotice): void {
    this.#notices.handle(now, worker, notice);
    this.#rooms.settle();
  }

  handleTimeout(now: Millis): void {
    this.#context.alarms.run(now);
    this.#rooms.settle();
  }

  nextTimeout(): Millis {
    return this.#context.alarms.earliest;
  }

  pollOutput(): Output | undefined {
    return this.#context.out.poll();
  }

  #handleUnseated(now: Millis, session: SessionId, message: ClientMessage): void {
    const newcomer = this.#newcomers.get(session);
    if (message.kind === 'resume') this.#resume(session, message);
    else if (message.kind === 'join' && newcomer !== undefined) this.#join(now, newcomer, message);
    else this.#turnAway(session, message, signalError('notJoined'));
  }

  #join(now: Millis, newcomer: Newcomer, message: JoinMessage): void {
    const context = this.#context;
    const { session, admission } = newcomer;
    this.#newcomers.delete(session);
    const obstacle = this.#obstacle();
    if (obstacle !== null) {
      this.#turnAway(session, message, signalError(obstacle));
      return;
    }
    const seat = newSeat(context, now, newcomer, message);
    let place: Place | null = null;
    if (admission.room !== null) {
      const entered = enterRoom(context, this.#rooms, now, seat, admission.room, message);
      if (!entered.ok) {
        this.#turnAway(session, message, entered.error);
        return;
      }
      place = entered.value;
      this.#places.set(seat, place);
    }
    this.#seats.add(seat);
    seat.send(joinedMessage(context, now, message.id, seat, place));
  }

  /** What keeps everybody from joining now. */
  #obstacle(): ErrorCode | null {
    if (this.#isClosing) return 'shuttingDown';
    const { sessions } = this.#context.settings.limits;
    return this.#seats.size >= sessions ? 'serverFull' : null;
  }

  #resume(session: SessionId, message: ResumeMessage): void {
    const seat = this.#seats.bySid(message.participantSid);
    if (seat === null || !isSameSecret(seat.resumeToken, message.resumeToken)) {
      this.#turnAway(session, message, signalError('resumeRefused'));
      return;
    }
    this.#newcomers.delete(session);
    const wasAway = seat.session === null;
    if (seat.session !== null)
      this.#context.out.close(seat.session, CloseCode.superseded, 'resumed by another connection');
    this.#seats.rebind(seat, session);
    const place = this.#places.get(seat) ?? null;
    catchUp(seat, place, message.id, message.lastSeq);
    if (place === null || !wasAway) return;
    const { room, participant } = place;
    room.tellParticipant(participant);
    const { identity } = participant;
    this.#context.out.event({ kind: 'participantResumed', room: room.name, identity });
  }

  /** Answers the first message by an error and closes. */
  #turnAway(session: SessionId, message: ClientMessage, error: SignalError): void {
    const id = 'id' in message ? { id: message.id } : {};
    const { code } = error;
    this.#context.out.send(session, { kind: 'error', ...id, error });
    this.#context.out.close(session, CloseCode.joinRefused, code);
    this.#context.out.event({ kind: 'requestRefused', request: message.kind, code });
    this.#newcomers.delete(session);
  }

  #handleSeated(now: Millis, seat: Seat, message: ClientMessage): void {
    const place = this.#places.get(seat) ?? null;
    switch (message.kind) {
      case 'ping': {
        const serverTime = this.#context.ports.wallClock(now);
        seat.send({ kind: 'pong', time: message.time, serverTime });
        return;
      }
      case 'view':
        if (place === null) return;
        place.participant.receiver.setView(message);
        place.room.touch(place.participant);
        return;
      case 'leave':
        this.#leave(now, seat, 'left');
        return;
      case 'join':
      case 'resume':
        seat.send({ kind: 'error', id: message.id, error: signalError('alreadyJoined') });
        return;
      default:
        this.#handleRequest(now, seat, place, message);
    }
  }

  #handleRequest(now: Millis, seat: Seat, place: Place | null, message: Request): void {
    const outcome = this.#requests.handle(now, seat, place, message);
    if (outcome.ok) seat.send(outcome.value);
    else {
      const { error } = outcome;
      seat.send({ kind: 'error', id: message.id, error });
      this.#context.out.event({ kind: 'requestRefused', request: message.kind, code: error.code });
    }
  }

  /** Ends a seat, in a room or not. */
  #leave(now: Millis, seat: Seat, reason: 'left' | 'connectionLost' | 'sessionEnded'): void {
    const place = this.#places.get(seat);
    if (place !== undefined) place.room.remove(now, place.participant, reason);
    else this.#endSeat(seat, seat.close(CloseCode.goodbye, reason));
  }

  #onLeft(participant: Participant, session: SessionId | null): void {
    const { seat } = participant;
    this.#lostMedia.forget(participant);
    this.#places.delete(seat);
    this.#endSeat(seat, session);
  }

  #endSeat(seat: Seat, session: SessionId | null): void {
    this.#calls.seatGone(seat);
    this.#seats.delete(seat, session);
  }

  #shutdown(now: Millis): void {
    this.#isClosing = true;
    for (const room of this.#rooms.all()) this.#rooms.end(now, room, SHUTDOWN);
    for (const seat of this.#seats.all()) {
      seat.send({ kind: 'goodbye', ...SHUTDOWN });
      this.#endSeat(seat, seat.close(CloseCode.goodbye, SHUTDOWN.reason));
    }
  }

  /** The transport is gone; clients make a new one, sessions of gateways end with it. */
  #mediaLost(now: Millis, room: Room, participant: Participant, message: string): void {
    if (!participant.seat.isResumable) {
      room.remove(now, participant, 'connectionLost');
      return;
    }
    room.dropMedia(participant);
    this.#lostMedia.announce(participant, message);
  }
}
