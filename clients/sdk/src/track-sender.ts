import type { TrackInfo, TrackSource } from '@switchyard/core/signal';
import { toLayers } from './encodings.ts';
import { isInterrupted, knownError, SwitchyardError } from './errors.ts';
import { captureDevice, type LocalTrack } from './local-track.ts';
import type { MediaLink } from './media-link.ts';
import type { RoomEvents } from './room-events.ts';
import type { Reply, RequestBody } from './signal-messages.ts';
import type { LocalTrackPublication } from './track-publication.ts';

/** What the local participant needs of its room. */
export interface LocalPort {
  readonly media: MediaLink;
  /** What the server holds for published by us. */
  announcedTracks(): readonly TrackInfo[];
  request(body: Exclude<RequestBody, { kind: 'offer' }>): Promise<Reply>;
  emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void;
}

/** Brings local tracks onto m-lines and tells the server about them. */
export class TrackSender {
  readonly #port: LocalPort;
  readonly #isKnown: (trackSid: string) => boolean;

  /** `isKnown`: whether a publication of that sid exists here. */
  constructor(port: LocalPort, isKnown: (trackSid: string) => boolean) {
    this.#port = port;
    this.#isKnown = isKnown;
  }

  /** Puts a track on an m-line and tells the server. Interrupted, it tries again once. */
  async announce(
    track: LocalTrack,
    source: TrackSource,
    name: string | undefined,
    isMuted: boolean,
    isRetry = false,
  ): Promise<{ mid: string; info: TrackInfo }> {
    const size = track.dimensions;
    const { media } = this.#port;
    const { mid, plan } = await media.carry(source, track.mediaStreamTrack, track.kind, size);
    try {
      const reply = await this.#port.request({
        kind: 'publish',
        mid,
        source,
        muted: isMuted,
        layers: toLayers(plan),
        ...size,
        ...(name ? { name } : {}),
      });
      if (!reply.track) throw knownError('protocolError');
      return { mid, info: reply.track };
    } catch (error) {
      const announced = this.#findAnnounced(error, source);
      if (announced) return { mid, info: announced };
      // Interrupted means a new seat with a new connection: that m-line is gone anyway.
      if (isInterrupted(error) && !isRetry) {
        return this.announce(track, source, name, isMuted, true);
      }
      await media.release(mid);
      throw error;
    }
  }

  /** A camera opens and closes, so that its light tells the truth; everything else falls silent. */
  async capture(publication: LocalTrackPublication, isOn: boolean): Promise<void> {
    const { track, mid, source } = publication;
    if (source !== 'camera') {
      if (track.mediaStreamTrack) track.mediaStreamTrack.enabled = isOn;
    } else if (isOn) {
      const capture = await captureDevice('camera', track.options);
      track.use(capture);
      await this.#port.media.replace(mid, capture);
    } else {
      track.stop();
      await this.#port.media.replace(mid, null);
    }
  }

  /** The first `publish` arrived although its reply was lost: the server told the track by an event. */
  #findAnnounced(error: unknown, source: TrackSource): TrackInfo | undefined {
    if (!(error instanceof SwitchyardError) || error.code !== 'midInUse') return undefined;
    return this.#port
      .announcedTracks()
      .find((info) => info.source === source && !this.#isKnown(info.sid));
  }
}
