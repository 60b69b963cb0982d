import type { ParticipantInfo, TrackInfo, TrackSource } from '@switchyard/core/signal';
import { asSwitchyardError, isInterrupted, knownError } from './errors.ts';
import { type CaptureOptions, captureDevice, captureScreen, LocalTrack } from './local-track.ts';
import { Participant } from './participant.ts';
import type { RequestBody } from './signal-messages.ts';
import { LocalTrackPublication } from './track-publication.ts';
import { type LocalPort, TrackSender } from './track-sender.ts';

export interface PublishOptions {
  /** Default: the track's own source; `unknown` for a bare MediaStreamTrack. */
  source?: TrackSource;
  name?: string;
}

/** This page's own person. Every method rejects with a `SwitchyardError`. */
export class LocalParticipant extends Participant<LocalTrackPublication> {
  readonly isLocal = true;
  readonly #port: LocalPort;
  readonly #sender: TrackSender;
  /** Toggles of one source wait for each other: fast clicking ends in the state clicked last. */
  readonly #turns = new Map<TrackSource, Promise<unknown>>();
  /** Sids that the server has ended while we still capture. */
  readonly #lost = new Set<string>();
  #republishing = 0;

  constructor(info: ParticipantInfo, port: LocalPort) {
    super(info);
    this.#port = port;
    this.#sender = new TrackSender(port, (sid) => this.trackPublications.has(sid));
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
    const { mid, info } = await this.#sender.announce(track, source, options.name, false);
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
    await this.#sender.capture(publication, !isMuted);
    this.#showMuted(publication, isMuted);
    try {
      await this.#port.request({ kind: 'mute', trackSid: publication.sid, muted: isMuted });
    } catch (error) {
      if (!isInterrupted(error) && !isMuted) {
        await this.#sender.capture(publication, false); // not allowed: what nobody hears is not captured
        this.#showMuted(publication, true);
      }
      throw error;
    }
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
    const turn = ++this.#republishing;
    this.#lost.clear();
    for (const publication of [...this.trackPublications.values()]) {
      const { track, source, name } = publication;
      try {
        const { mid, info } = await this.#sender.announce(track, source, name, publication.isMuted);
        if (turn !== this.#republishing) return; // a still newer connection does it all again
        this.trackPublications.delete(publication.sid);
        publication.mid = mid;
        publication.setInfo({ ...info, muted: publication.isMuted });
        this.trackPublications.set(publication.sid, publication);
      } catch (error) {
        if (turn !== this.#republishing || isInterrupted(error)) return;
        this.#end(publication);
      }
    }
    this.emit('updated');
  }

  /** For the SDK: what the server says about an own track. Only a moderator mutes over our head. */
  handleTrackUpdated(info: TrackInfo, by: string | undefined): void {
    const publication = this.trackPublications.get(info.sid);
    if (!publication) return;
    publication.setInfo({ ...info, muted: publication.isMuted });
    if (!info.muted || publication.isMuted || by === undefined || by === this.identity) return;
    void this.#sender.capture(publication, false).catch(() => undefined); // stopping needs no device
    this.#showMuted(publication, true, by);
  }

  /**
   * For the SDK: the server ended an own track. With lost media it is published again on the next
   * connection, so its capture goes on; only if we may not publish it any more it ends.
   */
  handleTrackUnpublished(trackSid: string): void {
    if (this.trackPublications.has(trackSid)) this.#lost.add(trackSid);
  }

  /** For the SDK: a moderator changed what we may do. */
  override setInfo(info: ParticipantInfo): void {
    super.setInfo(info);
    const { canPublish, canPublishSources = [] } = info.permissions;
    for (const sid of this.#lost) {
      const publication = this.trackPublications.get(sid);
      if (!publication) continue;
      const { source } = publication;
      const mayPublish =
        canPublish && (canPublishSources.length === 0 || canPublishSources.includes(source));
      if (!mayPublish) this.#end(publication);
    }
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

  #end(publication: LocalTrackPublication): void {
    this.#lost.delete(publication.sid);
    if (!this.trackPublications.delete(publication.sid)) return;
    publication.track.stop();
    void this.#port.media.release(publication.mid).catch(() => undefined); // the connection is gone
    this.emit('updated');
    this.#port.emit('localTrackUnpublished', publication, this);
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
        throw asSwitchyardError(error, 'interrupted');
      });
    this.#turns.set(source, turn);
    return turn;
  }
}
