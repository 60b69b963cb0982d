import type { ParticipantInfo, Permissions, TrackSource } from '@switchyard/core/signal';
import type { MediaSession } from './media-session.ts';
import { QualityMeter } from './quality.ts';
import type { Receiver } from './receiver.ts';
import type { Seat } from './seat.ts';
import type { Track } from './track.ts';

/** A person, phone, encoder or bot in a room. */
export class Participant {
  readonly seat: Seat;
  /** Milliseconds since the epoch. */
  readonly joinedAt: number;
  readonly receiver: Receiver;
  readonly quality = new QualityMeter();
  /** By sid. */
  readonly tracks = new Map<string, Track>();
  permissions: Permissions;
  metadata: string;
  attributes: Readonly<Record<string, string>>;
  media: MediaSession | null = null;

  constructor(
    seat: Seat,
    receiver: Receiver,
    joinedAt: number,
    permissions: Permissions,
    attributes: Readonly<Record<string, string>>,
  ) {
    this.seat = seat;
    this.receiver = receiver;
    this.joinedAt = joinedAt;
    this.permissions = permissions;
    this.metadata = seat.admission.metadata;
    this.attributes = attributes;
  }

  get sid(): string {
    return this.seat.sid;
  }

  get identity(): string {
    return this.seat.identity;
  }

  mayPublish(source: TrackSource): boolean {
    const { canPublish, canPublishSources = [], hidden } = this.permissions;
    if (!canPublish || hidden) return false;
    return canPublishSources.length === 0 || canPublishSources.includes(source);
  }

  trackOnMid(mid: string): Track | null {
    for (const track of this.tracks.values()) if (track.mid === mid) return track;
    return null;
  }

  info(): ParticipantInfo {
    return {
      sid: this.sid,
      identity: this.identity,
      name: this.seat.name,
      kind: this.seat.kind,
      metadata: this.metadata,
      attributes: { ...this.attributes },
      joinedAt: this.joinedAt,
      permissions: this.permissions,
      tracks: Array.from(this.tracks.values(), (track) => track.info()),
      state: this.seat.session === null ? 'reconnecting' : 'active',
    };
  }
}
