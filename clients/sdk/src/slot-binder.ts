import type { SlotState } from '@switchyard/core/signal';
import type { AudioSinks } from './audio-sinks.ts';
import type { RemoteParticipant } from './participant.ts';
import type { RoomEvents } from './room-events.ts';
import { isAtOrAfter, type SlotChange, SlotTable } from './slot-table.ts';
import type { RemoteTrackPublication } from './track-publication.ts';

/** A first frame that nobody saw in this time is not waited for any longer. */
const SWAP_TIMEOUT_MS = 1_000;

export interface SlotPort {
  emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void;
  receiverTrack(mid: string): MediaStreamTrack | null;
  findTrack(
    trackSid: string,
  ): { publication: RemoteTrackPublication; participant: RemoteParticipant } | undefined;
}

/** Carries the slot table's changes out on publications, and watches for the frame at which to swap. */
export class SlotBinder {
  readonly #port: SlotPort;
  readonly #audio: AudioSinks;
  readonly #table = new SlotTable();
  /** Ends the watch for a slot's next picture. */
  readonly #watches = new Map<string, () => void>();

  constructor(port: SlotPort, audio: AudioSinks) {
    this.#port = port;
    this.#audio = audio;
  }

  apply(slots: readonly SlotState[], isWhole: boolean): void {
    this.#carryOut(this.#table.apply(slots, isWhole));
  }

  /** A publication became known: its slot may have been told before. */
  handleTrackAdded(publication: RemoteTrackPublication): void {
    const mid = this.#table.midOf(publication.sid);
    if (mid !== null) this.#bind(mid, publication.sid);
  }

  handleTrackRemoved(trackSid: string): void {
    this.#carryOut(this.#table.forget(trackSid));
  }

  clear(): void {
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
    this.#carryOut(this.#table.clear());
  }

  #carryOut(changes: readonly SlotChange[]): void {
    for (const change of changes) {
      switch (change.kind) {
        case 'bind':
          this.#bind(change.mid, change.trackSid);
          break;
        case 'unbind':
          this.#unbind(change.mid, change.trackSid);
          break;
        case 'await':
          this.#await(change.mid, change.rtpTimestamp);
          break;
        case 'reason':
          this.#port.findTrack(change.trackSid)?.publication.setUnavailable(change.reason);
          break;
      }
    }
  }

  #bind(mid: string, trackSid: string): void {
    this.#endWatch(mid);
    const found = this.#port.findTrack(trackSid);
    const media = this.#port.receiverTrack(mid);
    if (!found || !media) return;
    const { publication, participant } = found;
    publication.setSlot(mid, media);
    if (publication.kind === 'audio') this.#audio.play(mid, media, participant);
    this.#port.emit('trackSubscribed', publication.track, publication, participant);
  }

  #unbind(mid: string, trackSid: string): void {
    this.#endWatch(mid);
    const found = this.#port.findTrack(trackSid);
    if (!found) return;
    const { publication, participant } = found;
    publication.setSlot(null, null);
    if (publication.kind === 'audio') this.#audio.release(mid);
    this.#port.emit('trackUnsubscribed', publication.track, publication, participant);
  }

  /**
   * The browser shows the old picture until the new source's first frame. Where frames tell their RTP
   * timestamp (W3C video-rvfc), the swap happens at that frame; else as soon as it is announced.
   */
  #await(mid: string, rtpTimestamp: number | null): void {
    this.#endWatch(mid);
    const swap = () => this.#carryOut(this.#table.swap(mid));
    const element = this.#shownIn(mid);
    if (!element || !('requestVideoFrameCallback' in element)) {
      swap();
      return;
    }
    let callback = 0;
    const timer = setTimeout(swap, SWAP_TIMEOUT_MS);
    this.#watches.set(mid, () => {
      clearTimeout(timer);
      element.cancelVideoFrameCallback(callback);
    });
    if (rtpTimestamp === null) return; // the timestamp is told once the first packet went out
    const look: VideoFrameRequestCallback = (_now, { rtpTimestamp: at }) => {
      if (at === undefined || isAtOrAfter(at, rtpTimestamp)) swap();
      else callback = element.requestVideoFrameCallback(look);
    };
    callback = element.requestVideoFrameCallback(look);
  }

  #shownIn(mid: string): HTMLVideoElement | null {
    const trackSid = this.#table.entries.get(mid)?.shown;
    const found = trackSid ? this.#port.findTrack(trackSid) : undefined;
    for (const element of found?.publication.track.elements ?? []) {
      if (element instanceof HTMLVideoElement) return element;
    }
    return null;
  }

  #endWatch(mid: string): void {
    this.#watches.get(mid)?.();
    this.#watches.delete(mid);
  }
}
