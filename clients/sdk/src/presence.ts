import type { Participant } from './participant.ts';
import type { RoomEvents } from './room-events.ts';
import type { RoomMessage } from './signal-messages.ts';

export interface PresencePort {
  emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void;
  participant(sid: string): Participant | undefined;
}

/** Who speaks and how well everybody is connected: momentary facts that are never replayed. */
export class Presence {
  readonly #port: PresencePort;
  #speakers: readonly Participant[] = [];

  constructor(port: PresencePort) {
    this.#port = port;
  }

  /** Loudest first. A new array at each change. */
  get speakers(): readonly Participant[] {
    return this.#speakers;
  }

  handleSpeakers({ speakers }: Extract<RoomMessage, { kind: 'activeSpeakers' }>): void {
    const present: Participant[] = [];
    for (const { participantSid, level } of speakers) {
      const participant = this.#port.participant(participantSid);
      if (!participant) continue;
      participant.setAudioLevel(level);
      present.push(participant);
    }
    this.#setSpeakers(present);
  }

  handleQuality({ updates }: Extract<RoomMessage, { kind: 'qualityChanged' }>): void {
    for (const { participantSid, quality, score } of updates) {
      const participant = this.#port.participant(participantSid);
      if (!participant) continue;
      const before = participant.quality;
      participant.setQuality(quality, score);
      if (before !== quality) this.#port.emit('qualityChanged', participant);
    }
  }

  /** Nobody speaks to somebody who is not there. */
  clear(): void {
    this.#setSpeakers([]);
  }

  #setSpeakers(speakers: readonly Participant[]): void {
    const before = this.#speakers;
    for (const one of before) if (!speakers.includes(one)) one.setAudioLevel(0);
    if (before.length === speakers.length && before.every((one, at) => one === speakers[at])) {
      return;
    }
    this.#speakers = speakers;
    this.#port.emit('activeSpeakersChanged', speakers);
  }
}
