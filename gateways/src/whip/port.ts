import type { SessionSink, SwitchboardHost } from '@switchyard/control/api';
import type { Admission, IcePair, SessionId } from '@switchyard/control/rooms';
import type { Result } from '@switchyard/core/base';
import type { ClientMessage, ParticipantInfo, SignalError } from '@switchyard/core/signal';

/** What this gateway needs of the rooms: it is a client like those on WebSockets, within the process. */
export interface WhipRooms {
  /** Names a new session; nothing is known about it until `open`. */
  connect(sink: SessionSink): SessionId;
  open(session: SessionId, admission: Admission, kind: 'whip' | 'whep'): void;
  message(session: SessionId, message: ClientMessage): void;
  /** The session is over; harmless when the rooms ended it themselves. */
  disconnect(session: SessionId): void;
  /** New ICE credentials of ours for new ones of the peer; null when the session has no media. */
  restartIce(session: SessionId, remote: IcePair): IcePair | null;
  /** Our own offer, for a player that only answers; its answer is an `offer` message that is not `fresh`. */
  prepareOffer(session: SessionId): Result<string, SignalError>;
  /** Who is in a room now; empty when there is no such room. */
  participants(room: string): readonly ParticipantInfo[];
}

/** The rooms of this process. */
export const whipRooms = (host: SwitchboardHost): WhipRooms => ({
  connect: (sink) => host.connect(sink),
  open: (session, admission, kind) => host.open(session, admission, kind),
  message: (session, message) => host.message(session, message),
  disconnect: (session) => host.disconnect(session),
  restartIce: (session, remote) => host.restartIce(session, remote),
  prepareOffer: (session) => host.prepareOffer(session),
  participants: (room) => host.administer((rooms) => rooms.getRoom(room)?.participants ?? []),
});
