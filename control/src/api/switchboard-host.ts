import type { Millis, Result } from '@switchyard/core/base';
import { NEVER } from '@switchyard/core/base';
import type { MediaCommand, MediaNotice, WorkerId } from '@switchyard/core/media-api';
import type {
  ClientMessage,
  ParticipantKind,
  ServerMessage,
  SignalError,
} from '@switchyard/core/signal';
import {
  type AdminSurface,
  type Admission,
  type IcePair,
  type MachineSurface,
  type MediaSurface,
  type Output,
  type RoomEvent,
  type SessionId,
  type SessionSurface,
  sessionId,
} from '../rooms/index.ts';
import type { Clock } from './clock.ts';

/** Where a session's messages go: a WebSocket or a gateway in this process. */
export interface SessionSink {
  send(message: ServerMessage): void;
  /** After everything sent before; `code` is a WebSocket close code. */
  close(code: number, reason: string): void;
}

export interface HostPorts {
  /** Hands a command to a worker's control channel; dropped when the worker is gone. */
  sendCommand(worker: WorkerId, command: MediaCommand): void;
  /** Told of everything worth a log line, a counter or a webhook. */
  onEvent(event: RoomEvent): void;
  /**
   * A message met a bug in the rooms. The session that sent it is closed with 1011 and the others go on.
   * Without this port the error is thrown on, as tests want it.
   */
  onFault?(error: unknown): void;
}

/** RFC 6455 §7.4.1: the server met an unexpected condition. */
const INTERNAL_ERROR = 1011;

/** What the host drives: a `Switchboard`. */
export type Rooms = SessionSurface &
  MediaSurface &
  MachineSurface & { readonly admin: AdminSurface };

/**
 * Drives the rooms: gives them the time, drains their outputs after every call to sinks and workers, and
 * keeps one timer for their next deadline. Sinks and ports may call back into the host: such calls are
 * taken after the present drain.
 */
export class SwitchboardHost {
  readonly #rooms: Rooms;
  readonly #clock: Clock;
  readonly #ports: HostPorts;
  readonly #sinks = new Map<SessionId, SessionSink>();
  #nextSession = 1;
  #draining = false;
  #timerAt: Millis = NEVER;
  #cancelTimer: () => void = () => {};

  constructor(rooms: Rooms, clock: Clock, ports: HostPorts) {
    this.#rooms = rooms;
    this.#clock = clock;
    this.#ports = ports;
  }

  /** Names a new connection. Nothing is known about it until `open`, or a `resume` message. */
  connect(sink: SessionSink): SessionId {
    const session = sessionId(this.#nextSession++);
    this.#sinks.set(session, sink);
    return session;
  }

  /** Tells the rooms who a session is; its first message must be `join`. */
  open(session: SessionId, admission: Admission, kind: ParticipantKind): void {
    this.#rooms.handleOpen(this.#clock.now(), session, admission, kind);
    this.#drain();
  }

  message(session: SessionId, message: ClientMessage): void {
    try {
      this.#rooms.handleMessage(this.#clock.now(), session, message);
    } catch (error) {
      this.#giveUp(session, error);
    }
    this.#drain();
  }

  /** The connection is gone; harmless when the rooms closed it themselves. */
  disconnect(session: SessionId): void {
    this.#sinks.delete(session);
    this.#rooms.handleClose(this.#clock.now(), session);
    this.#drain();
  }

  restartIce(session: SessionId, remote: IcePair): IcePair | null {
    const local = this.#rooms.restartIce(this.#clock.now(), session, remote);
    this.#drain();
    return local;
  }

  prepareOffer(session: SessionId): Result<string, SignalError> {
    const sdp = this.#rooms.prepareOffer(this.#clock.now(), session);
    this.#drain();
    return sdp;
  }

  /** Every notice of a worker, `ready` included. */
  mediaNotice(worker: WorkerId, notice: MediaNotice): void {
    const now = this.#clock.now();
    if (notice.kind === 'ready') this.#rooms.handleWorkerReady(now, notice);
    else this.#rooms.handleMediaNotice(now, worker, notice);
    this.#drain();
  }

  workerLost(worker: WorkerId): void {
    this.#rooms.handleWorkerLost(this.#clock.now(), worker);
    this.#drain();
  }

  /** Asks or changes something for a back end. */
  administer<T>(action: (rooms: AdminSurface, now: Millis) => T): T {
    const result = action(this.#rooms.admin, this.#clock.now());
    this.#drain();
    return result;
  }

  #giveUp(session: SessionId, error: unknown): void {
    if (this.#ports.onFault === undefined) throw error;
    this.#ports.onFault(error);
    const sink = this.#sinks.get(session);
    this.#sinks.delete(session);
    sink?.close(INTERNAL_ERROR, 'internal error');
    this.#rooms.handleClose(this.#clock.now(), session);
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (;;) {
        const output = this.#rooms.pollOutput();
        if (output === undefined) break;
        this.#deliver(output);
      }
    } finally {
      this.#draining = false;
    }
    this.#arm();
  }

  #deliver(output: Output): void {
    switch (output.kind) {
      case 'send':
        this.#sinks.get(output.session)?.send(output.message);
        return;
      case 'close': {
        const sink = this.#sinks.get(output.session);
        this.#sinks.delete(output.session);
        sink?.close(output.code, output.reason);
        return;
      }
      case 'media':
        this.#ports.sendCommand(output.worker, output.command);
        return;
      case 'event':
        this.#ports.onEvent(output.event);
        return;
    }
  }

  #arm(): void {
    const at = this.#rooms.nextTimeout();
    if (at === this.#timerAt) return;
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    this.#timerAt = at;
    if (at === NEVER) return;
    this.#cancelTimer = this.#clock.schedule(at, () => {
      this.#timerAt = NEVER;
      this.#cancelTimer = () => {};
      this.#rooms.handleTimeout(this.#clock.now());
      this.#drain();
    });
  }
}
