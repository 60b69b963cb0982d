import type { Millis, Result } from '@switchyard/core/base';
import type { DropReason, MediaNotice, WorkerId } from '@switchyard/core/media-api';
import type {
  ClientMessage,
  ParticipantInfo,
  ParticipantKind,
  Permissions,
  RoomInfo,
  SignalError,
} from '@switchyard/core/signal';
import type { Admission, SessionId } from './admission.ts';
import type { Output } from './output.ts';

/**
 * What the edge of a session sees of the rooms. A WebSocket opens a session after verifying its token and
 * then passes the `join` on; a `resume` needs no opening: its session stays unknown until the rooms have
 * compared the resume token. Gateways use the same three calls in-process.
 */
export interface SessionSurface {
  handleOpen(now: Millis, session: SessionId, admission: Admission, kind: ParticipantKind): void;
  handleMessage(now: Millis, session: SessionId, message: ClientMessage): void;
  /** The connection is gone. The seat is kept for resuming, except those of gateways. */
  handleClose(now: Millis, session: SessionId): void;
  /**
   * ICE restart without SDP (WHIP's PATCH): takes the remote credentials, returns ours. null when the
   * session has no media.
   */
  restartIce(now: Millis, session: SessionId, remote: IcePair): IcePair | null;
  /**
   * Our own offer to send one audio and video pair, for a client that only answers (WHEP). Its answer comes
   * as an `offer` message that is not `fresh`, with the pair of mids 0 and 1.
   */
  prepareOffer(now: Millis, session: SessionId): Result<string, SignalError>;
}

/** One side's ICE credentials. */
export interface IcePair {
  readonly ufrag: string;
  readonly pwd: string;
}

/** What the media side reports. */
export interface MediaSurface {
  /** A worker process told its first notice; also after a restart under the same number. */
  handleWorkerReady(now: Millis, notice: Extract<MediaNotice, { kind: 'ready' }>): void;
  /** Its process is gone, with every transport in it. */
  handleWorkerLost(now: Millis, worker: WorkerId): void;
  handleMediaNotice(now: Millis, worker: WorkerId, notice: MediaNotice): void;
}

/** A machine's other calls, for its owner. */
export interface MachineSurface {
  handleTimeout(now: Millis): void;
  nextTimeout(): Millis;
  pollOutput(): Output | undefined;
}

/** A room as the back end sees it. */
export interface RoomDetails {
  readonly room: RoomInfo;
  readonly emptyTimeoutMs: number;
  readonly participants: readonly ParticipantInfo[];
  readonly workers: readonly WorkerId[];
}

/** What a back end may define about a room; absent fields keep their value or the default. */
export interface RoomDefinition {
  readonly metadata?: string;
  readonly maxParticipants?: number;
  readonly emptyTimeoutMs?: number;
  readonly locked?: boolean;
}

/** Changes of a participant by a back end. */
export interface ParticipantChange {
  readonly name?: string;
  readonly metadata?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly permissions?: Partial<Permissions>;
}

/** What a back end (REST, console) asks of the rooms. */
export interface AdminSurface {
  listRooms(): readonly RoomDetails[];
  getRoom(name: string): RoomDetails | null;
  createRoom(now: Millis, name: string, definition: RoomDefinition): Result<RoomInfo, SignalError>;
  updateRoom(now: Millis, name: string, definition: RoomDefinition): Result<RoomInfo, SignalError>;
  endRoom(now: Millis, name: string): Result<void, SignalError>;
  updateParticipant(
    now: Millis,
    room: string,
    identity: string,
    change: ParticipantChange,
  ): Result<ParticipantInfo, SignalError>;
  removeParticipant(now: Millis, room: string, identity: string): Result<void, SignalError>;
  muteTrack(now: Millis, room: string, trackSid: string, muted: boolean): Result<void, SignalError>;
  /** `to`: identities; absent: everybody in the room. Returns the message's id. */
  sendMessage(
    now: Millis,
    room: string,
    message: { readonly topic: string; readonly text: string; readonly to?: readonly string[] },
  ): Result<string, SignalError>;
  workers(): readonly WorkerSummary[];
  /** Says goodbye to everybody and ends every room; nobody can join any more. */
  shutdown(now: Millis): void;
}

export interface WorkerSummary {
  readonly worker: WorkerId;
  /** Share of one core, 0..1. */
  readonly cpu: number;
  readonly packetsInPerSecond: number;
  readonly packetsOutPerSecond: number;
  readonly transports: number;
  readonly tracks: number;
  readonly slots: number;
  /** Datagrams dropped since the worker started, by reason; absent before its first report. */
  readonly dropped?: Readonly<Record<DropReason, number>>;
}
