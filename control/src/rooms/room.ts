import { after, type Millis } from '@switchyard/core/base';
import type { TrackId, TransportQuality, WorkerId } from '@switchyard/core/media-api';
import {
  CloseCode,
  type RoomInfo,
  type ServerMessage,
  type SignalError,
} from '@switchyard/core/signal';
import type { SessionId } from './admission.ts';
import type { Alarm } from './alarms.ts';
import { Closing } from './closing.ts';
import type { Context } from './context.ts';
import type { EventBody } from './event-log.ts';
import type { LeaveReason } from './output.ts';
import type { Participant } from './participant.ts';
import { rankTracks, receivableBy } from './room-tracks.ts';
import { SpeakerAnnouncer } from './speaker-announcer.ts';
import type { RoomDefinition, RoomDetails } from './surface.ts';
import type { Track } from './track.ts';

type GoodbyeReason = Extract<ServerMessage, { kind: 'goodbye' }>['reason'];

/** What a person is told with his last message. */
export interface Farewell {
  readonly reason: GoodbyeReason;
  readonly error: SignalError;
}

/** What a room tells its owner. */
export interface RoomOwner {
  /** Something changed that `settle` has to put right before the present call ends. */
  onDirty(room: Room): void;
  /** The room was empty for too long. */
  onEmpty(now: Millis, room: Room): void;
  /** The participant is no longer in any room; `session` was his connection. */
  onLeft(participant: Participant, session: SessionId | null): void;
}

/**
 * One room: who is in it, what they publish, and who hears about what. Requests change it at once;
 * `settle` then assigns slots and closes what nothing uses any more, in this order, so that no command
 * ever refers to something closed.
 */
export class Room {
  readonly name: string;
  readonly sid: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly #startedAt: Millis;
  readonly participants = new Map<string, Participant>();
  readonly tracks = new Map<string, Track>();
  metadata: string;
  locked: boolean;
  maxParticipants: number;
  emptyTimeoutMs: number;
  readonly speakers: SpeakerAnnouncer;
  readonly #context: Context;
  readonly #owner: RoomOwner;
  readonly #byTrackId = new Map<TrackId, Track>();
  readonly #emptyAlarm: Alarm;
  #dirty = new Set<Participant>();
  readonly #closing = new Closing();

  constructor(
    context: Context,
    now: Millis,
    name: string,
    definition: RoomDefinition,
    owner: RoomOwner,
  ) {
    const { settings, ids, ports, alarms } = context;
    this.name = name;
    this.sid = ids.sid('RM');
    this.createdAt = ports.wallClock(now);
    this.#startedAt = now;
    this.metadata = definition.metadata ?? '';
    this.locked = definition.locked ?? false;
    this.maxParticipants = definition.maxParticipants ?? settings.limits.participantsPerRoom;
    this.emptyTimeoutMs = definition.emptyTimeoutMs ?? settings.emptyTimeoutMs;
    this.#context = context;
    this.#owner = owner;
    this.#emptyAlarm = alarms.create((at) => owner.onEmpty(at, this));
    this.#emptyAlarm.set(after(now, this.emptyTimeoutMs));
    this.speakers = new SpeakerAnnouncer({
      alarms,
      publisherOf: (track) => this.#byTrackId.get(track)?.publisherSid ?? null,
      announce: (message) => this.send(message),
      onChange: () => this.#touchCrowded(),
    });
    context.out.event({ kind: 'roomStarted', room: this.info() });
  }

  info(): RoomInfo {
    const { sid, name, metadata, createdAt, maxParticipants, locked } = this;
    return { sid, name, metadata, createdAt, maxParticipants, locked };
  }

  details(): RoomDetails {
    return {
      room: this.info(),
      emptyTimeoutMs: this.emptyTimeoutMs,
      participants: Array.from(this.participants.values(), (one) => one.info()),
      workers: [...this.workerCounts().keys()],
    };
  }

  /** Participants with media on each worker. */
  workerCounts(): Map<WorkerId, number> {
    const counts = new Map<WorkerId, number>();
    for (const { media } of this.participants.values())
      if (media !== null) counts.set(media.worker, (counts.get(media.worker) ?? 0) + 1);
    return counts;
  }

  byIdentity(identity: string): Participant | null {
    for (const one of this.participants.values()) if (one.identity === identity) return one;
    return null;
  }

  /** Those whom `viewer` may know of, himself left out. */
  othersFor(viewer: Participant): Participant[] {
    return [...this.participants.values()].filter(
      (one) => one !== viewer && !one.permissions.hidden,
    );
  }

  /** Numbers an event for everybody; nobody hears about a hidden participant (`about`) but himself. */
  tell(body: EventBody, about?: Participant, except?: Participant): void {
    for (const one of this.participants.values()) {
      if (one === except) continue;
      if (about?.permissions.hidden && one !== about) continue;
      one.seat.tell(body);
    }
  }

  /** Sends something momentary to everybody. */
  send(message: ServerMessage): void {
    for (const one of this.participants.values()) one.seat.send(message);
  }

  add(participant: Participant): void {
    this.#emptyAlarm.cancel();
    const info = participant.info();
    this.tell({ kind: 'participantJoined', participant: info }, participant, participant);
    this.participants.set(participant.sid, participant);
    this.#context.out.event({ kind: 'participantJoined', room: this.name, participant: info });
  }

  /** Ends somebody's stay: closes what he had, tells the others, says goodbye to him. */
  remove(now: Millis, participant: Participant, reason: LeaveReason, farewell?: Farewell): void {
    if (!this.participants.delete(participant.sid)) return;
    this.#dirty.delete(participant);
    const info = participant.info();
    this.dropMedia(participant, false);
    this.tell({ kind: 'participantLeft', participantSid: participant.sid, reason }, participant);
    this.#context.out.event({
      kind: 'participantLeft',
      room: this.name,
      participant: info,
      reason,
    });
    const { seat } = participant;
    if (farewell !== undefined) seat.send({ kind: 'goodbye', ...farewell });
    const session = seat.close(CloseCode.goodbye, farewell?.reason ?? reason);
    this.#owner.onLeft(participant, session);
    if (this.participants.size === 0) this.#emptyAlarm.set(after(now, this.emptyTimeoutMs));
  }

  /** Adds a track that its publisher's worker receives from now on. */
  addTrack(publisher: Participant, track: Track): void {
    const { transport, worker } = publisher.media!; // tracks need a media session
    publisher.tracks.set(track.sid, track);
    this.tracks.set(track.sid, track);
    this.#byTrackId.set(track.id, track);
    this.#context.index.tracks.set(track.id, this);
    const { mid } = track;
    this.#context.out.media(worker, { kind: 'openTrack', track: track.id, transport, mid });
    if (track.muted)
      this.#context.out.media(worker, { kind: 'muteTrack', track: track.id, muted: true });
    const info = track.info();
    this.tell({ kind: 'trackPublished', participantSid: publisher.sid, track: info }, publisher);
    const { identity } = publisher;
    this.#context.out.event({ kind: 'trackPublished', room: this.name, identity, track: info });
    this.touchAll();
  }

  /** `announce: false` when the whole participant goes. */
  removeTrack(publisher: Participant, track: Track, announce = true): void {
    publisher.tracks.delete(track.sid);
    this.tracks.delete(track.sid);
    this.#byTrackId.delete(track.id);
    this.#context.index.tracks.delete(track.id);
    this.speakers.voices.remove(track.id);
    const participantSid = publisher.sid;
    if (announce)
      this.tell({ kind: 'trackUnpublished', participantSid, trackSid: track.sid }, publisher);
    const { identity } = publisher;
    const info = track.info();
    this.#context.out.event({ kind: 'trackUnpublished', room: this.name, identity, track: info });
    this.#afterSettling('tracks', () =>
      this.#context.out.media(track.worker, { kind: 'closeTrack', track: track.id }),
    );
    this.touchAll();
  }

  setMuted(publisher: Participant, track: Track, muted: boolean, by?: string): void {
    if (track.muted === muted) return;
    track.muted = muted;
    if (muted) this.speakers.voices.remove(track.id);
    this.#context.out.media(track.worker, { kind: 'muteTrack', track: track.id, muted });
    this.tellTrack(publisher, track, by);
    this.touchAll();
  }

  /** Tells everybody what a track is like now. */
  tellTrack(publisher: Participant, track: Track, by?: string): void {
    const participantSid = publisher.sid;
    this.tell(
      {
        kind: 'trackUpdated',
        participantSid,
        track: track.info(),
        ...(by === undefined ? {} : { by }),
      },
      publisher,
    );
  }

  tellParticipant(participant: Participant, except?: Participant): void {
    this.tell({ kind: 'participantUpdated', participant: participant.info() }, participant, except);
  }

  /** Closes a participant's media connection with all tracks and slots in it. */
  dropMedia(participant: Participant, announce = true): void {
    for (const track of [...participant.tracks.values()])
      this.removeTrack(participant, track, announce);
    const releaseTracks = participant.receiver.dropPorts();
    const { media } = participant;
    participant.media = null;
    if (media === null) return;
    this.#context.index.transports.delete(media.transport);
    this.#afterSettling('slots', () => {
      media.closeSlots();
      releaseTracks();
    });
    this.#afterSettling('transports', () => media.close());
  }

  trackById(id: TrackId): Track | null {
    return this.#byTrackId.get(id) ?? null;
  }

  publisherOf(track: Track): Participant {
    return this.participants.get(track.publisherSid)!; // a track goes with its publisher
  }

  /** Somebody's slots have to be assigned anew. */
  touch(participant: Participant): void {
    this.#dirty.add(participant);
    this.#owner.onDirty(this);
  }

  touchAll(): void {
    this.#dirty = new Set(this.participants.values());
    this.#owner.onDirty(this);
  }

  /** Levels of tracks that their own worker measured. */
  handleLevels(now: Millis, levels: ReadonlyMap<TrackId, number>): void {
    for (const [track, loudness] of levels)
      if (this.#byTrackId.get(track)?.muted === false)
        this.speakers.voices.handleLevel(now, track, loudness);
    this.speakers.update(now);
  }

  /** Reports about transports of this room: tells everybody whose class changed. */
  handleQuality(reports: ReadonlyMap<Participant, TransportQuality>): void {
    const changed: Participant[] = [];
    for (const [participant, report] of reports)
      if (participant.quality.handleReport(report)) changed.push(participant);
    this.tellQuality(changed);
  }

  tellQuality(changed: readonly Participant[]): void {
    const visible = changed.filter((one) => !one.permissions.hidden);
    if (visible.length === 0) return;
    const updates = visible.map(({ sid, quality: { quality, score } }) => ({
      participantSid: sid,
      quality,
      score,
    }));
    this.send({ kind: 'qualityChanged', updates });
  }

  /** Assigns slots where something changed, then closes what is no longer used. */
  settle(): void {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    if (dirty.size > 0) {
      const tracks = rankTracks([...this.tracks.values()], this.speakers.voices);
      for (const participant of dirty) {
        const slots = participant.receiver.assign(receivableBy(participant, tracks));
        if (slots.length > 0) participant.seat.tell({ kind: 'slotsChanged', slots });
      }
    }
    this.#closing.run();
  }

  /** Ends the room; nobody is in it any more. */
  end(now: Millis): void {
    this.settle();
    this.#emptyAlarm.dispose();
    this.speakers.dispose();
    const durationMs = now - this.#startedAt;
    this.#context.out.event({ kind: 'roomEnded', room: this.info(), durationMs });
  }

  #afterSettling(...closing: Parameters<Closing['add']>): void {
    this.#closing.add(...closing);
    this.#owner.onDirty(this);
  }

  /** Those who have fewer audio slots than there are voices. */
  #touchCrowded(): void {
    let voices = 0;
    for (const track of this.tracks.values()) if (track.kind === 'audio') voices++;
    for (const participant of this.participants.values())
      if (participant.receiver.audioSlotCount < voices) this.touch(participant);
  }
}
