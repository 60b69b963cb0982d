import { after, earlier, type Millis, millis, NEVER } from '@switchyard/core/base';
import type { TrackId } from '@switchyard/core/media-api';
import type { ServerMessage } from '@switchyard/core/signal';
import { ActiveSpeakers } from './active-speakers.ts';
import type { Alarm, Alarms } from './alarms.ts';

/** Shortest time between two announcements, ms. */
const INTERVAL_MS = 200;

/** Levels are told in steps, so that breathing alone sends nothing. */
const STEPS = 20;

type Announcement = Extract<ServerMessage, { kind: 'activeSpeakers' }>;

export interface SpeakerAnnouncerOptions {
  readonly alarms: Alarms;
  /** Whose track it is; null when it is gone. */
  readonly publisherOf: (track: TrackId) => string | null;
  readonly announce: (message: Announcement) => void;
  /** The order of speakers changed: audio slots may have to be assigned anew. */
  readonly onChange: () => void;
}

/** Watches who speaks in a room and tells it, but not more often than every 200 ms. */
export class SpeakerAnnouncer {
  readonly voices = new ActiveSpeakers();
  readonly #options: SpeakerAnnouncerOptions;
  readonly #alarm: Alarm;
  #announcedAt: Millis = millis(Number.NEGATIVE_INFINITY);
  #announced = '[]';

  constructor(options: SpeakerAnnouncerOptions) {
    this.#options = options;
    this.#alarm = options.alarms.create((now) => this.update(now));
  }

  /** Call after levels came in or a voice was removed. */
  update(now: Millis): void {
    if (this.voices.update(now)) this.#options.onChange();
    const speakers = this.#speakers();
    const text = JSON.stringify(speakers);
    const isDue = now - this.#announcedAt >= INTERVAL_MS;
    if (text !== this.#announced && isDue) {
      this.#announced = text;
      this.#announcedAt = now;
      this.#options.announce({ kind: 'activeSpeakers', speakers });
    }
    const pending = text === this.#announced ? NEVER : after(this.#announcedAt, INTERVAL_MS);
    this.#alarm.set(earlier(pending, this.voices.nextTimeout()));
  }

  dispose(): void {
    this.#alarm.dispose();
  }

  /** One entry a person, by his loudest track. */
  #speakers(): Announcement['speakers'] {
    const levels = new Map<string, number>();
    for (const track of this.voices.speakers) {
      const sid = this.#options.publisherOf(track);
      if (sid === null) continue;
      const level = Math.round((this.voices.loudness(track) / 127) * STEPS) / STEPS;
      levels.set(sid, Math.max(level, levels.get(sid) ?? 0));
    }
    return Array.from(levels, ([participantSid, level]) => ({ participantSid, level }));
  }
}
