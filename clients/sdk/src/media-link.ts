import type { SlotState, TrackSource } from '@switchyard/core/signal';
import type { LayerPlan } from './encodings.ts';
import { knownError, type SwitchyardError } from './errors.ts';
import { MediaSession } from './media-session.ts';
import type { MediaState } from './room-events.ts';
import type { Answer, Joined, RequestBody } from './signal-messages.ts';

/** ICE often heals by itself; after this time without a path it is restarted. */
const DISCONNECTED_GRACE_MS = 2_000;
/** A restart or first connection that found no path in this time is tried again. */
const ATTEMPT_MS = 8_000;

export interface MediaLinkOptions {
  readonly sendOffer: (offer: Extract<RequestBody, { kind: 'offer' }>) => Promise<Answer>;
  readonly onSlots: (slots: readonly SlotState[]) => void;
  readonly onState: (state: MediaState) => void;
  readonly onFailure: (error: SwitchyardError) => void;
}

/** Keeps media flowing: makes sessions, watches their path, restarts ICE when it is lost. */
export class MediaLink {
  readonly #options: MediaLinkOptions;
  #session: MediaSession | null = null;
  #state: MediaState = 'new';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MediaLinkOptions) {
    this.#options = options;
  }

  get state(): MediaState {
    return this.#state;
  }

  /** Replaces whatever connection there was by a new one. */
  async start(joined: Pick<Joined, 'iceServers' | 'slots'>): Promise<void> {
    this.stop();
    const session = new MediaSession({
      ...joined,
      sendOffer: this.#options.sendOffer,
      onSlots: this.#options.onSlots,
      onFailure: this.#options.onFailure,
      onIceState: (state) => {
        if (this.#session === session) this.#handleIceState(state);
      },
    });
    this.#session = session;
    this.#setState('connecting');
    await session.negotiate();
    if (this.#session === session && this.#state !== 'connected') this.#await(ATTEMPT_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#session?.close();
    this.#session = null;
    this.#setState('new');
  }

  /** The network changed or the server sees no path. */
  restartIce(): void {
    if (!this.#session) return;
    this.#session.restartIce();
    this.#await(ATTEMPT_MS);
  }

  carry(
    source: TrackSource,
    track: MediaStreamTrack | null,
    kind: 'audio' | 'video',
    size: { width: number; height: number },
  ): Promise<{ mid: string; plan: LayerPlan[] }> {
    if (!this.#session) return Promise.reject(knownError('notConnected'));
    return this.#session.carry(source, track, kind, size);
  }

  async replace(mid: string, track: MediaStreamTrack | null): Promise<void> {
    await this.#session?.replace(mid, track);
  }

  async release(mid: string): Promise<void> {
    await this.#session?.release(mid);
  }

  receiverTrack(mid: string): MediaStreamTrack | null {
    return this.#session?.receiverTrack(mid) ?? null;
  }

  async getStats(): Promise<RTCStatsReport | null> {
    return (await this.#session?.getStats()) ?? null;
  }

  #handleIceState(state: RTCIceConnectionState): void {
    switch (state) {
      case 'connected':
      case 'completed':
        clearTimeout(this.#timer);
        this.#setState('connected');
        break;
      case 'disconnected':
        this.#setState('interrupted');
        this.#await(DISCONNECTED_GRACE_MS);
        break;
      case 'failed':
        this.#setState('interrupted');
        this.#await(0);
        break;
      case 'new':
      case 'checking':
      case 'closed':
        break;
    }
  }

  /** Restarts ICE after `delayMs` unless a path is there by then. */
  #await(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#session || this.#state === 'connected') return;
      if (delayMs === ATTEMPT_MS) this.#options.onFailure(knownError('mediaBlocked'));
      this.restartIce();
    }, delayMs);
  }

  #setState(state: MediaState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
