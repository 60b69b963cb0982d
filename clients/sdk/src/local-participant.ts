import type { ParticipantInfo, TrackInfo, TrackSource } from '@switchyard/core/signal';
import { toLayers } from './encodings.ts';
import { asSwitchyardError, knownError, type SwitchyardError } from './errors.ts';
import { type CaptureOptions, captureDevice, captureScreen, LocalTrack } from './local-track.ts';
import type { MediaLink } from './media-link.ts';
import { Participant } from './participant.ts';
import type { RoomEvents } from './room-events.ts';
import type { Reply, RequestBody } from './signal-messages.ts';
import { LocalTrackPublication } from './track-publication.ts';

/** What the local participant needs of its room. */
export interface LocalPort {
  readonly media: MediaLink;
  request(body: Exclude<RequestBody, { kind: 'offer' }>): Promise<Reply>;
  emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void;
}

export interface PublishOptions {
  /** Default: the track's own source; `unknown` for a bare MediaStreamTrack. */
  source?: TrackSource;
  name?: string;
}

/** This page's own person. Every method rejects with a `SwitchyardError`. */
export class LocalParticipant extends Participant<LocalTrackPublication> {
  readonly isLocal = true;
  readonly #port: LocalPort;
  /** Toggles of one source wait for each other: fast clicking ends in the state clicked last. */
  readonly #turns = new Map<TrackSource, Promise<unknown>>();

  constructor(info: ParticipantInfo, port: LocalPort) {
    super(info);
    this.#port = port;
  }

  /** Turned off, the camera's light goes out; its publication stays, muted. */
  setCameraEnabled(
    isOn: boolean,
    options: CaptureOptions = {},
  ): Promise<LocalTrackPublication | null> {
    return this.#setDevice('camera', isOn, options);
  }

  /** Turned off, the device stays open so that talking goes on at once when turned on. */
  setMicrophoneEnabled(
    isOn: boolean,
    options: CaptureOptions = {},
  ): Promise<LocalTrackPublication | null> {
    return this.#setDevice('microphone', isOn, options);
  }

  /** Asks what to share, or ends sharing. Resolves with the picture's publication. */
  setScreenShareEnabled(
    isOn: boolean,
    options: { audio?: boolean; contentHint?: 'detail' | 'motion' | 'text' } = {},
  ): Promise<LocalTrackPublication | null> {
    return this.#inTurn('screenShare', async () => {
      const present = this.getTrack('screenShare');
      if (!isOn) {
        const sound = this.getTrack('screenShareAudio');
        if (present) await this.unpublishTrack(present);
        if (sound) await this.unpublishTrack(sound);
        return null;
      }
      if (present) return present;
      const [picture, sound] = await captureScreen(options);
      if (!picture) throw knownError('screenShareCancelled');
      picture.contentHint = options.contentHint ?? 'detail';
      const published = await this.publishTrack(new LocalTrack(picture, 'screenShare'));
      if (sound) await this.publishTrack(new LocalTrack(sound, 'screenShareAudio'));
      return published;
    });
  }

  /** Sends a track to the room. */
  async publishTrack(
    given: LocalTrack | MediaStreamTrack,
    options: PublishOptions = {},
  ): Promise<LocalTrackPublication> {
    const source = options.source ?? (given instanceof LocalTrack ? given.source : 'unknown');
    const track = given instanceof LocalTrack ? given : new LocalTrack(given, source);
    const { mid, info } = await this.#announce(track, source, options.name, false);
    const publication = new LocalTrackPublication(info, track, mid);
    this.trackPublications.set(publication.sid, publication);
    track.onEnded(() => void this.#handleEnded(publication));
    this.emit('updated');
    this.#port.emit('localTrackPublished', publication, this);
    return publication;
  }

  /** Ends a publication, and its capture unless `keep` says otherwise. */
  async unpublishTrack(
    publication: LocalTrackPublication,
    options: { keep?: boolean } = {},
  ): Promise<void> {
    if (!this.trackPublications.delete(publication.sid)) return;
    if (!options.keep) publication.track.stop();
    this.emit('updated');
    this.#port.emit('localTrackUnpublished', publication, this);
    await this.#port.media.release(publication.mid);
    await this.#port.request({ kind: 'unpublish', trackSid: publication.sid });
  }

  /** Mutes or unmutes; shown at once, told to the server afterwards. */
  async setMuted(publication: LocalTrackPublication, isMuted: boolean): Promise<void> {
    if (publication.isMuted === isMuted) return;
    const { track } = publication;
    if (track.source === 'camera') await this.#setCapturing(publication, !isMuted);
    else if (track.mediaStreamTrack) track.mediaStreamTrack.enabled = !isMuted;
    this.#showMuted(publication, isMuted);
    await this.#port.request({ kind: 'mute', trackSid: publication.sid, muted: isMuted });
  }

  /** Goes over to another camera or microphone, now if it is on, else when it is next turned on. */
  async switchDevice(source: 'camera' | 'microphone', deviceId: string): Promise<void> {
    await this.#inTurn(source, async () => {
      const publication = this.getTrack(source);
      if (!publication) throw knownError('deviceMissing');
      publication.track.options.deviceId = deviceId;
      if (!publication.track.mediaStreamTrack) return;
      const capture = await captureDevice(source, publication.track.options);
      capture.enabled = !publication.isMuted;
      publication.track.use(capture);
      await this.#port.media.replace(publication.mid, capture);
      publication.emit('updated');
    });
  }

  setName(name: string): Promise<void> {
    return this.#update({ name });
  }

  /** Merged into the present ones; an empty string removes a key. */
  setAttributes(attributes: Record<string, string>): Promise<void> {
    return this.#update({ attributes });
  }

  setMetadata(metadata: string): Promise<void> {
    return this.#update({ metadata });
  }

  /** For the SDK: after a new connection everything is sent again, under the same objects. */
  async republish(): Promise<void> {
    const publications = [...this.trackPublications.values()];
    this.trackPublications.clear();
    for (const publication of publications) {
      const { mid, info } = await this.#announce(
        publication.track,
        publication.source,
        publication.name,
        publication.isMuted,
      );
      publication.mid = mid;
      publication.setInfo({ ...info, muted: publication.isMuted });
      this.trackPublications.set(publication.sid, publication);
    }
    this.emit('updated');
  }

  /** For the SDK: what the server says about an own track. Only a moderator mutes over our head. */
  handleTrackUpdated(info: TrackInfo, by: string | undefined): void {
    const publication = this.trackPublications.get(info.sid);
    if (!publication) return;
    publication.setInfo({ ...info, muted: publication.isMuted });
    if (!info.muted || publication.isMuted || by === undefined || by === this.identity) return;
    const { mediaStreamTrack } = publication.track;
    if (mediaStreamTrack) mediaStreamTrack.enabled = false;
    if (publication.source === 'camera') void this.#setCapturing(publication, false);
    this.#showMuted(publication, true, by);
  }

  /** For the SDK: a moderator or the server ended an own track. */
  handleTrackUnpublished(trackSid: string): void {
    const publication = this.trackPublications.get(trackSid);
    if (!publication) return;
    this.trackPublications.delete(trackSid);
    publication.track.stop();
    void this.#port.media.release(publication.mid);
    this.emit('updated');
    this.#port.emit('localTrackUnpublished', publication, this);
  }

  /** For the SDK: the room was left for good. */
  stopAll(): void {
    for (const publication of this.trackPublications.values()) publication.track.stop();
    this.trackPublications.clear();
    this.emit('updated');
  }

  #setDevice(
    source: 'camera' | 'microphone',
    isOn: boolean,
    options: CaptureOptions,
  ): Promise<LocalTrackPublication | null> {
    return this.#inTurn(source, async () => {
      const publication = this.getTrack(source);
      if (publication) {
        Object.assign(publication.track.options, options);
        await this.setMuted(publication, !isOn);
        return publication;
      }
      if (!isOn) return null;
      const capture = await captureDevice(source, options);
      try {
        return await this.publishTrack(new LocalTrack(capture, source, { ...options }));
      } catch (error) {
        capture.stop();
        throw error;
      }
    });
  }

  async #announce(
    track: LocalTrack,
    source: TrackSource,
    name: string | undefined,
    isMuted: boolean,
  ): Promise<{ mid: string; info: TrackInfo }> {
    const size = track.dimensions;
    const { media } = this.#port;
    const { mid, plan } = await media.carry(source, track.mediaStreamTrack, track.kind, size);
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
  }

  async #setCapturing(publication: LocalTrackPublication, isOn: boolean): Promise<void> {
    const { track } = publication;
    if (!isOn) {
      track.stop();
      await this.#port.media.replace(publication.mid, null);
      return;
    }
    const capture = await captureDevice('camera', track.options);
    track.use(capture);
    await this.#port.media.replace(publication.mid, capture);
  }

  #showMuted(publication: LocalTrackPublication, isMuted: boolean, by?: string): void {
    publication.setInfo({ ...publication.info, muted: isMuted });
    this.emit('updated');
    if (isMuted) this.#port.emit('trackMuted', publication, this, by);
    else this.#port.emit('trackUnmuted', publication, this);
  }

  /** A device was unplugged, or the user ended sharing in the browser's own bar. */
  async #handleEnded(publication: LocalTrackPublication): Promise<void> {
    try {
      if (publication.source === 'camera' || publication.source === 'microphone') {
        publication.track.stop();
        this.#port.emit('deviceFailed', knownError('deviceFailed'), publication);
        await this.unpublishTrack(publication);
      } else if (publication.source === 'screenShare') await this.setScreenShareEnabled(false);
      else await this.unpublishTrack(publication);
    } catch {
      // The connection is gone: what is not there any more will not be published again.
    }
  }

  async #update(change: Omit<Extract<RequestBody, { kind: 'updateMe' }>, 'kind'>): Promise<void> {
    await this.#port.request({ kind: 'updateMe', ...change });
  }

  #inTurn<T>(source: TrackSource, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(source) ?? Promise.resolve();
    const turn = before
      .catch(() => undefined)
      .then(act)
      .catch((error: unknown): never => {
        throw asSwitchyardError(error, 'interrupted') satisfies SwitchyardError;
      });
    this.#turns.set(source, turn);
    return turn;
  }
}
