import type { RemoteParticipant } from './participant.ts';

/**
 * Plays remote sound: one hidden element per receive slot, owned by the room, so that nobody has to
 * attach audio and a slot that goes over to another voice needs no new element.
 */
export class AudioSinks {
  readonly #elements = new Map<string, HTMLAudioElement>();
  readonly #speakers = new Map<string, RemoteParticipant>();
  readonly #onBlocked: (isBlocked: boolean) => void;
  #isBlocked = false;
  #sinkId = '';

  constructor(onBlocked: (isBlocked: boolean) => void) {
    this.#onBlocked = onBlocked;
  }

  /** The browser refused to play without a gesture. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  play(mid: string, track: MediaStreamTrack, participant: RemoteParticipant): void {
    this.#speakers.set(mid, participant);
    let element = this.#elements.get(mid);
    if (!element) {
      element = document.createElement('audio');
      element.autoplay = true;
      element.hidden = true;
      document.body.append(element);
      this.#elements.set(mid, element);
      this.#route(element);
    }
    const stream = element.srcObject;
    if (!(stream instanceof MediaStream) || stream.getAudioTracks()[0] !== track) {
      element.srcObject = new MediaStream([track]);
    }
    element.volume = participant.volume;
    this.#start(element);
  }

  release(mid: string): void {
    this.#speakers.delete(mid);
    this.#elements.get(mid)?.pause();
  }

  setVolume(participant: RemoteParticipant): void {
    for (const [mid, speaker] of this.#speakers) {
      const element = speaker === participant ? this.#elements.get(mid) : undefined;
      if (element) element.volume = participant.volume;
    }
  }

  /** Call it from a click: plays what the browser refused to play before. */
  async start(): Promise<void> {
    const playing = [...this.#speakers.keys()].map((mid) => this.#elements.get(mid)?.play());
    await Promise.all(playing);
    this.#setBlocked(false);
  }

  /** Plays everything on this output device. Rejects where browsers cannot choose one. */
  async setOutput(deviceId: string): Promise<void> {
    this.#sinkId = deviceId;
    await Promise.all([...this.#elements.values()].map((element) => element.setSinkId(deviceId)));
  }

  close(): void {
    for (const element of this.#elements.values()) {
      element.srcObject = null;
      element.remove();
    }
    this.#elements.clear();
    this.#speakers.clear();
    this.#setBlocked(false);
  }

  #start(element: HTMLAudioElement): void {
    element.play().then(
      () => undefined,
      (error: unknown) => {
        // AbortError: another track came meanwhile. Only a refused autoplay needs the user.
        if (error instanceof Error && error.name === 'NotAllowedError') this.#setBlocked(true);
      },
    );
  }

  #route(element: HTMLAudioElement): void {
    if (!this.#sinkId || !('setSinkId' in element)) return;
    element.setSinkId(this.#sinkId).catch(() => undefined); // unplugged: the default output plays
  }

  #setBlocked(isBlocked: boolean): void {
    if (isBlocked === this.#isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#onBlocked(isBlocked);
  }
}
