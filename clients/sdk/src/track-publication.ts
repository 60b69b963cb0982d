import type { MediaKind, SlotEmptyReason, TrackInfo, TrackSource } from '@switchyard/core/signal';
import { Emitter } from './emitter.ts';
import type { LocalTrack } from './local-track.ts';
import { RemoteTrack, type Track } from './track.ts';

export interface PublicationEvents {
  /** Anything that this object shows has changed. */
  updated: [];
}

/** What somebody publishes. Its `sid` stays for the life of the source, whichever way media takes. */
export abstract class TrackPublication extends Emitter<PublicationEvents> {
  abstract readonly track: Track;
  #info: TrackInfo;

  constructor(info: TrackInfo) {
    super();
    this.#info = info;
  }

  get sid(): string {
    return this.#info.sid;
  }

  get kind(): MediaKind {
    return this.#info.kind;
  }

  get source(): TrackSource {
    return this.#info.source;
  }

  get name(): string {
    return this.#info.name;
  }

  get isMuted(): boolean {
    return this.#info.muted;
  }

  /** Pixels of the largest layer; 0 while unknown. */
  get dimensions(): { readonly width: number; readonly height: number } {
    return { width: this.#info.width, height: this.#info.height };
  }

  /** The server's own entry: replaced, never changed. */
  get info(): TrackInfo {
    return this.#info;
  }

  /** For the SDK. */
  setInfo(info: TrackInfo): void {
    if (info === this.#info) return;
    this.#info = info;
    this.emit('updated');
  }
}

/** What this page publishes. Mute it by `LocalParticipant.setMuted`. */
export class LocalTrackPublication extends TrackPublication {
  readonly track: LocalTrack;
  /** m-line that carries it; changes with a new connection. */
  mid: string;

  constructor(info: TrackInfo, track: LocalTrack, mid: string) {
    super(info);
    this.track = track;
    this.mid = mid;
  }
}

/** How large a video may come at most, whatever the element's size. `off`: not at all. */
export type QualityWish = 'auto' | 'high' | 'medium' | 'low' | 'off';

export class RemoteTrackPublication extends TrackPublication {
  readonly track: RemoteTrack;
  #quality: QualityWish = 'auto';
  #priority: number | null = null;
  #mid: string | null = null;
  #reason: SlotEmptyReason | null = null;
  readonly #onWish: () => void;

  constructor(info: TrackInfo, onWish: () => void) {
    super(info);
    this.track = new RemoteTrack(info.sid, info.kind, info.source);
    this.#onWish = onWish;
  }

  /** Whether it stands in one of our receive slots now. */
  get isSubscribed(): boolean {
    return this.#mid !== null;
  }

  /** Why nothing comes although it was asked for; null when it does, or was not asked for. */
  get unavailableReason(): SlotEmptyReason | null {
    return this.#reason;
  }

  get quality(): QualityWish {
    return this.#quality;
  }

  /** 0-100, higher is served first; null: by source (screen 80, others 10). */
  get priority(): number | null {
    return this.#priority;
  }

  /** m-line it comes in now. */
  get mid(): string | null {
    return this.#mid;
  }

  setQuality(quality: QualityWish): void {
    if (quality === this.#quality) return;
    this.#quality = quality;
    this.#onWish();
    this.emit('updated');
  }

  /** Pinned 100, screen 80, speaker 50, others 10; null returns to that default. */
  setPriority(priority: number | null): void {
    if (priority === this.#priority) return;
    this.#priority = priority;
    this.#onWish();
  }

  /** For the SDK: binds to a receive slot, or none. */
  setSlot(mid: string | null, track: MediaStreamTrack | null): void {
    const changed = mid !== this.#mid || this.#reason !== null;
    this.#mid = mid;
    this.#reason = null;
    this.track.setMediaStreamTrack(track);
    if (changed) this.emit('updated');
  }

  /** For the SDK. */
  setUnavailable(reason: SlotEmptyReason | null): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.emit('updated');
  }
}
