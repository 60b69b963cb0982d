import type { Millis } from '@switchyard/core/base';
import type {
  ClientMessage,
  ParticipantInfo,
  ServerMessage,
  TrackInfo,
  TrackSource,
} from '@switchyard/core/signal';

type View = Extract<ClientMessage, { kind: 'view' }>;

/** A speaker keeps the picture at least this long, so that a cough does not cut, ms. */
const MIN_DWELL_MS = 2_000;

/** Players rarely say how large they show a picture: the best layer that the estimate allows. */
const SIZE = { width: 1920, height: 1080 } as const;

/** Of one person the screen comes before the camera, and the voice before the sound of the screen. */
const RANK: Readonly<Record<TrackSource, number>> = {
  screenShare: 0,
  camera: 1,
  microphone: 0,
  screenShareAudio: 1,
  unknown: 2,
};

export interface FollowerOptions {
  /** The participant to show; null: whoever speaks. */
  readonly identity: string | null;
  /** The player itself, which is never shown. */
  readonly ownSid: string;
  readonly participants: readonly ParticipantInfo[];
  /** m-lines of the player. */
  readonly slots: Readonly<Record<TrackInfo['kind'], number>>;
}

/**
 * Decides what a player without controls sees and hears: one participant, or the last speaker and, if there
 * is room, the others. Fed with the room's messages; yields a new view when it changes.
 */
export class Follower {
  readonly #options: FollowerOptions;
  /** By sid, in the order of joining. */
  readonly #participants = new Map<string, ParticipantInfo>();
  #speaker: string | null = null;
  #speakerSince = Number.NEGATIVE_INFINITY;
  #shown = '';

  constructor(options: FollowerOptions) {
    this.#options = options;
    for (const one of options.participants) this.#participants.set(one.sid, one);
  }

  /** Takes a message of the room; true when the view may have changed. */
  handle(now: Millis, message: ServerMessage): boolean {
    switch (message.kind) {
      case 'participantJoined':
      case 'participantUpdated':
        this.#participants.set(message.participant.sid, message.participant);
        return true;
      case 'participantLeft':
        return this.#participants.delete(message.participantSid);
      case 'trackPublished':
      case 'trackUpdated':
        return this.#change(message.participantSid, (tracks) => [
          ...tracks.filter(({ sid }) => sid !== message.track.sid),
          message.track,
        ]);
      case 'trackUnpublished':
        return this.#change(message.participantSid, (tracks) =>
          tracks.filter(({ sid }) => sid !== message.trackSid),
        );
      case 'activeSpeakers':
        return this.#listen(now, message.speakers[0]?.participantSid ?? null);
      default:
        return false;
    }
  }

  /** The view to ask for; null when it is the one asked for last. */
  nextView(): View | null {
    const people = this.#ranked();
    const videos = this.#best(people, 'video');
    const audios = this.#best(people, 'audio');
    const shown = [...videos, '', ...audios].join();
    if (shown === this.#shown) return null;
    this.#shown = shown;
    return {
      kind: 'view',
      videos: videos.map((trackSid, index) => ({
        trackSid,
        ...SIZE,
        priority: Math.max(0, 100 - index),
      })),
      audios,
    };
  }

  /** Those who are followed, the last speaker first. */
  #ranked(): ParticipantInfo[] {
    const { identity, ownSid } = this.#options;
    return [...this.#participants.values()]
      .filter((one) => one.sid !== ownSid && (identity === null || one.identity === identity))
      .sort((a, b) => Number(b.sid === this.#speaker) - Number(a.sid === this.#speaker));
  }

  /** The tracks that fit into the slots of their kind. */
  #best(people: readonly ParticipantInfo[], kind: TrackInfo['kind']): string[] {
    return people
      .flatMap(({ tracks }) => tracks.toSorted((a, b) => RANK[a.source] - RANK[b.source]))
      .filter((track) => track.kind === kind && !track.muted)
      .slice(0, this.#options.slots[kind])
      .map(({ sid }) => sid);
  }

  #listen(now: Millis, loudest: string | null): boolean {
    if (loudest === null || loudest === this.#speaker || loudest === this.#options.ownSid)
      return false;
    if (now - this.#speakerSince < MIN_DWELL_MS) return false;
    this.#speaker = loudest;
    this.#speakerSince = now;
    return true;
  }

  #change(sid: string, edit: (tracks: readonly TrackInfo[]) => TrackInfo[]): boolean {
    const participant = this.#participants.get(sid);
    if (participant === undefined) return false;
    this.#participants.set(sid, { ...participant, tracks: edit(participant.tracks) });
    return true;
  }
}
