import type { SlotId, TrackId, TransportId } from '@switchyard/core/media-api';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';

/** A participant and the room that he is in. */
export interface Place {
  readonly room: Room;
  readonly participant: Participant;
}

/** Finds whom a worker's notice is about. Holds exactly what is open. */
export class MediaIndex {
  readonly transports = new Map<TransportId, Place>();
  readonly slots = new Map<SlotId, TransportId>();
  readonly tracks = new Map<TrackId, Room>();
}
