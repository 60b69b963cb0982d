import type { ParticipantInfo, ServerEvent, TrackInfo } from '@switchyard/core/signal';
import type { LocalParticipant } from './local-participant.ts';
import { type Participant, RemoteParticipant } from './participant.ts';
import type { LeaveReason, RoomEvents } from './room-events.ts';
import { changesBetween, EMPTY_ROOM, type RoomChange, type RoomState } from './room-state.ts';
import { RemoteTrackPublication } from './track-publication.ts';

export interface RosterPort {
  emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void;
  /** What is wanted to be seen may have changed. */
  onWish(): void;
  onVolume(participant: RemoteParticipant): void;
  onTrackAdded(publication: RemoteTrackPublication): void;
  onTrackRemoved(trackSid: string): void;
}

/** Who wrote an event, where the change alone does not tell. */
interface Circumstance {
  readonly leaveReason?: LeaveReason;
  readonly by?: string | undefined;
}

/** Keeps the living objects (people, publications) in step with the room's state and tells what changed. */
export class Roster {
  readonly remoteParticipants = new Map<string, RemoteParticipant>();
  readonly #bySid = new Map<string, RemoteParticipant>();
  readonly #local: LocalParticipant;
  readonly #port: RosterPort;
  #state: RoomState = EMPTY_ROOM;

  constructor(local: LocalParticipant, port: RosterPort) {
    this.#local = local;
    this.#port = port;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Goes over to `state`. `event`: what led to it, if one event did. */
  update(state: RoomState, event?: ServerEvent): void {
    const changes = changesBetween(this.#state, state);
    this.#state = state;
    const circumstance: Circumstance = {
      ...(event?.kind === 'participantLeft' && { leaveReason: event.reason }),
      ...(event?.kind === 'trackUpdated' && { by: event.by }),
    };
    for (const change of changes) this.#apply(change, circumstance);
  }

  get(participantSid: string): Participant | undefined {
    return participantSid === this.#local.sid ? this.#local : this.#bySid.get(participantSid);
  }

  /** The remote publication with that sid, and whose it is. */
  findTrack(
    trackSid: string,
  ): { publication: RemoteTrackPublication; participant: RemoteParticipant } | undefined {
    for (const participant of this.#bySid.values()) {
      const publication = participant.trackPublications.get(trackSid);
      if (publication) return { publication, participant };
    }
    return undefined;
  }

  *remotePublications(): Generator<RemoteTrackPublication> {
    for (const participant of this.#bySid.values()) yield* participant.trackPublications.values();
  }

  #apply(change: RoomChange, { leaveReason, by }: Circumstance): void {
    switch (change.kind) {
      case 'roomUpdated':
        this.#port.emit('roomUpdated', change.room);
        break;
      case 'participantJoined':
        if (change.participant.sid !== this.#local.sid) this.#add(change.participant);
        break;
      case 'participantUpdated':
        this.#handleUpdated(change.participant);
        break;
      case 'participantLeft':
        this.#remove(change.participant.sid, leaveReason ?? 'left');
        break;
      case 'trackPublished':
        this.#addTrack(change.participantSid, change.track);
        break;
      case 'trackUpdated':
        this.#handleTrackUpdated(change.participantSid, change.track, by);
        break;
      case 'trackUnpublished':
        this.#removeTrack(change.participantSid, change.track.sid);
        break;
    }
  }

  #add(info: ParticipantInfo): void {
    const participant = new RemoteParticipant(info, (one) => this.#port.onVolume(one));
    this.#bySid.set(info.sid, participant);
    this.remoteParticipants.set(info.identity, participant);
    this.#port.emit('participantJoined', participant);
  }

  #remove(sid: string, reason: LeaveReason): void {
    const participant = this.#bySid.get(sid);
    if (!participant) return;
    for (const trackSid of [...participant.trackPublications.keys()]) {
      this.#removeTrack(sid, trackSid);
    }
    this.#bySid.delete(sid);
    // Somebody who came back has the same identity in a newer seat already.
    if (this.remoteParticipants.get(participant.identity) === participant) {
      this.remoteParticipants.delete(participant.identity);
    }
    this.#port.emit('participantLeft', participant, reason);
  }

  #handleUpdated(info: ParticipantInfo): void {
    const participant = this.get(info.sid);
    if (!participant) return;
    const before = participant.info;
    participant.setInfo(info);
    if (
      participant.isLocal &&
      JSON.stringify(before.permissions) !== JSON.stringify(info.permissions)
    ) {
      this.#port.emit('permissionsChanged', info.permissions);
    }
    this.#port.emit('participantUpdated', participant);
  }

  #addTrack(participantSid: string, info: TrackInfo): void {
    const participant = this.#bySid.get(participantSid);
    if (!participant) return; // our own tracks come by the answer to `publish`
    const publication = new RemoteTrackPublication(info, () => this.#port.onWish());
    participant.trackPublications.set(info.sid, publication);
    participant.emit('updated');
    this.#port.emit('trackPublished', publication, participant);
    this.#port.onTrackAdded(publication);
  }

  #handleTrackUpdated(participantSid: string, info: TrackInfo, by: string | undefined): void {
    if (participantSid === this.#local.sid) {
      this.#local.handleTrackUpdated(info, by);
      return;
    }
    const participant = this.#bySid.get(participantSid);
    const publication = participant?.trackPublications.get(info.sid);
    if (!participant || !publication) return;
    const wasMuted = publication.isMuted;
    publication.setInfo(info);
    participant.emit('updated');
    if (wasMuted === info.muted) return;
    if (info.muted) this.#port.emit('trackMuted', publication, participant, by);
    else this.#port.emit('trackUnmuted', publication, participant);
  }

  #removeTrack(participantSid: string, trackSid: string): void {
    if (participantSid === this.#local.sid) {
      this.#local.handleTrackUnpublished(trackSid);
      return;
    }
    const participant = this.#bySid.get(participantSid);
    const publication = participant?.trackPublications.get(trackSid);
    if (!participant || !publication) return;
    this.#port.onTrackRemoved(trackSid);
    participant.trackPublications.delete(trackSid);
    participant.emit('updated');
    this.#port.emit('trackUnpublished', publication, participant);
  }
}
