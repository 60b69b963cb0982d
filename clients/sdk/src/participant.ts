import type {
  ConnectionQuality,
  ParticipantInfo,
  ParticipantKind,
  Permissions,
  TrackSource,
} from '@switchyard/core/signal';
import { Emitter } from './emitter.ts';
import type { RemoteTrackPublication, TrackPublication } from './track-publication.ts';

export interface ParticipantEvents {
  /** Name, attributes, permissions, state, or the list of publications changed. Not for levels. */
  updated: [];
  speakingChanged: [isSpeaking: boolean];
  /** 0 (silent) to 1. Several times a second. */
  levelChanged: [level: number];
  qualityChanged: [quality: ConnectionQuality];
}

/** Somebody in the room. The object stays the same while he is there, also through reconnections. */
export abstract class Participant<
  Publication extends TrackPublication = TrackPublication,
> extends Emitter<ParticipantEvents> {
  abstract readonly isLocal: boolean;
  #info: ParticipantInfo;
  #audioLevel = 0;
  #quality: ConnectionQuality = 'excellent';
  #qualityScore = 100;
  /** By track sid, in order of publishing. */
  readonly trackPublications = new Map<string, Publication>();

  constructor(info: ParticipantInfo) {
    super();
    this.#info = info;
  }

  get sid(): string {
    return this.#info.sid;
  }

  /** Chosen by the token's issuer; one person has one at a time in a room. */
  get identity(): string {
    return this.#info.identity;
  }

  /** The name to show; the identity when none was given. */
  get name(): string {
    return this.#info.name || this.#info.identity;
  }

  get kind(): ParticipantKind {
    return this.#info.kind;
  }

  get metadata(): string {
    return this.#info.metadata;
  }

  get attributes(): Readonly<Record<string, string>> {
    return this.#info.attributes;
  }

  get permissions(): Permissions {
    return this.#info.permissions;
  }

  /** Milliseconds since the epoch, server clock. */
  get joinedAt(): number {
    return this.#info.joinedAt;
  }

  /** `reconnecting` while he is away but his seat is kept. */
  get state(): ParticipantInfo['state'] {
    return this.#info.state;
  }

  get isSpeaking(): boolean {
    return this.#audioLevel > 0;
  }

  /** 0 (silent) to 1, as the server heard it last. */
  get audioLevel(): number {
    return this.#audioLevel;
  }

  get quality(): ConnectionQuality {
    return this.#quality;
  }

  /** 0-100. */
  get qualityScore(): number {
    return this.#qualityScore;
  }

  /** The server's own entry: replaced, never changed. */
  get info(): ParticipantInfo {
    return this.#info;
  }

  /** His publication of that source, if any. */
  getTrack(source: TrackSource): Publication | undefined {
    for (const publication of this.trackPublications.values()) {
      if (publication.source === source) return publication;
    }
    return undefined;
  }

  get isMicrophoneEnabled(): boolean {
    return this.#isOn('microphone');
  }

  get isCameraEnabled(): boolean {
    return this.#isOn('camera');
  }

  get isScreenShareEnabled(): boolean {
    return this.#isOn('screenShare');
  }

  #isOn(source: TrackSource): boolean {
    const publication = this.getTrack(source);
    return publication !== undefined && !publication.isMuted;
  }

  /** For the SDK. */
  setInfo(info: ParticipantInfo): void {
    if (info === this.#info) return;
    this.#info = info;
    this.emit('updated');
  }

  /** For the SDK. */
  setAudioLevel(level: number): void {
    if (level === this.#audioLevel) return;
    const wasSpeaking = this.isSpeaking;
    this.#audioLevel = level;
    this.emit('levelChanged', level);
    if (wasSpeaking !== this.isSpeaking) this.emit('speakingChanged', this.isSpeaking);
  }

  /** For the SDK. */
  setQuality(quality: ConnectionQuality, score: number): void {
    this.#qualityScore = score;
    if (quality === this.#quality) return;
    this.#quality = quality;
    this.emit('qualityChanged', quality);
  }
}

export class RemoteParticipant extends Participant<RemoteTrackPublication> {
  readonly isLocal = false;
  #volume = 1;
  readonly #onVolume: (participant: RemoteParticipant) => void;

  constructor(info: ParticipantInfo, onVolume: (participant: RemoteParticipant) => void) {
    super(info);
    this.#onVolume = onVolume;
  }

  /** 0-1: how loud this page plays him. */
  get volume(): number {
    return this.#volume;
  }

  setVolume(volume: number): void {
    this.#volume = Math.min(1, Math.max(0, volume));
    this.#onVolume(this);
    this.emit('updated');
  }
}
