import type { MediaKind, TrackSource } from '@switchyard/core/signal';
import { Emitter } from './emitter.ts';

export interface TrackEvents {
  /** The browser's track behind this one is another now; elements that were attached follow by themselves. */
  replaced: [mediaStreamTrack: MediaStreamTrack | null];
  /** Elements were attached, detached, or want another size. */
  elementsChanged: [];
}

/**
 * A picture or sound that elements can show. Its identity stays while the browser's track behind it
 * changes: another receive slot, another device, a new connection.
 */
export abstract class Track extends Emitter<TrackEvents> {
  readonly kind: MediaKind;
  readonly source: TrackSource;
  #mediaStreamTrack: MediaStreamTrack | null = null;
  readonly #elements = new Set<HTMLMediaElement>();

  protected constructor(kind: MediaKind, source: TrackSource) {
    super();
    this.kind = kind;
    this.source = source;
  }

  /** The browser's track now; null while nothing is received or captured. */
  get mediaStreamTrack(): MediaStreamTrack | null {
    return this.#mediaStreamTrack;
  }

  get elements(): ReadonlySet<HTMLMediaElement> {
    return this.#elements;
  }

  /** Shows this track in `element`, by default a new one. The element survives every change behind. */
  attach(element: HTMLMediaElement = this.#createElement()): HTMLMediaElement {
    this.#elements.add(element);
    this.#show(element);
    this.emit('elementsChanged');
    return element;
  }

  /** Takes this track out of `element`, or of all; returns those. */
  detach(element?: HTMLMediaElement): HTMLMediaElement[] {
    const detached = element ? (this.#elements.has(element) ? [element] : []) : [...this.#elements];
    for (const one of detached) {
      this.#elements.delete(one);
      if (holdsOnly(one, this.#mediaStreamTrack)) one.srcObject = null;
    }
    if (detached.length > 0) this.emit('elementsChanged');
    return detached;
  }

  /** For the SDK: puts another browser track behind this one. */
  setMediaStreamTrack(track: MediaStreamTrack | null): void {
    if (track === this.#mediaStreamTrack) return;
    this.#mediaStreamTrack = track;
    for (const element of this.#elements) this.#show(element);
    this.emit('replaced', track);
  }

  #createElement(): HTMLMediaElement {
    const element = document.createElement(this.kind);
    element.autoplay = true;
    if (element instanceof HTMLVideoElement) element.playsInline = true;
    return element;
  }

  #show(element: HTMLMediaElement): void {
    const track = this.#mediaStreamTrack;
    if (!track) {
      element.srcObject = null;
      return;
    }
    if (holdsOnly(element, track)) return;
    // Sound of remote people comes from the room's own elements; a picture never needs a gesture.
    if (this.kind === 'video') element.muted = true;
    element.srcObject = new MediaStream([track]);
    element.play?.().catch(() => undefined); // autoplay refused: the element shows its controls
  }
}

function holdsOnly(element: HTMLMediaElement, track: MediaStreamTrack | null): boolean {
  const stream = element.srcObject;
  if (!track || !(stream instanceof MediaStream)) return false;
  const tracks = stream.getTracks();
  return tracks.length === 1 && tracks[0] === track;
}

/** A track of somebody else. Without a slot (`mediaStreamTrack` null) the server sends nothing for it. */
export class RemoteTrack extends Track {
  /** As the publication's `sid`. */
  readonly sid: string;

  constructor(sid: string, kind: MediaKind, source: TrackSource) {
    super(kind, source);
    this.sid = sid;
  }
}
