import type { NoticeBody } from './signal-messages.ts';
import type { RemoteTrackPublication } from './track-publication.ts';
import { isSameView, planView, type VideoOnPage } from './view-planner.ts';

/** Changes within this time make one message, ms. */
const DEBOUNCE_MS = 80;

export interface ViewPort {
  publications(): Iterable<RemoteTrackPublication>;
  setView(view: NoticeBody): void;
}

/** Watches how large and whether attached videos are seen, and tells the server what is wanted. */
export class ViewObserver {
  readonly #port: ViewPort;
  readonly #isAdaptive: boolean;
  readonly #isShown = new Map<Element, boolean>();
  readonly #resize: ResizeObserver;
  readonly #intersection: IntersectionObserver;
  readonly #onVisibility = () => this.refresh();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** null: nothing was attached ever, the server fills slots as it likes. */
  #last: NoticeBody | null = null;

  constructor(port: ViewPort, isAdaptive: boolean) {
    this.#port = port;
    this.#isAdaptive = isAdaptive;
    this.#resize = new ResizeObserver(() => this.refresh());
    this.#intersection = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#isShown.set(target, isIntersecting);
      this.refresh();
    });
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Watches the elements that a publication gets. */
  watch(publication: RemoteTrackPublication): void {
    if (publication.kind !== 'video') return;
    const { track } = publication;
    const look = () => {
      this.#observe();
      this.refresh();
    };
    track.on('elementsChanged', look);
    if (track.elements.size > 0) look(); // attached by a listener of `trackPublished`
  }

  /** Plans anew, soon. */
  refresh(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, DEBOUNCE_MS);
  }

  /** A new seat was never told anything. */
  reset(): void {
    this.#last = null;
    this.refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#resize.disconnect();
    this.#intersection.disconnect();
    this.#isShown.clear();
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  #observe(): void {
    const present = new Set<Element>();
    for (const { track } of this.#port.publications()) {
      for (const element of track.elements) present.add(element);
    }
    for (const element of this.#isShown.keys()) {
      if (present.has(element)) continue;
      this.#isShown.delete(element);
      this.#resize.unobserve(element);
      this.#intersection.unobserve(element);
    }
    for (const element of present) {
      if (this.#isShown.has(element)) continue;
      // Until the observer says otherwise it counts as seen: the first frame should not wait for that.
      this.#isShown.set(element, true);
      this.#resize.observe(element);
      this.#intersection.observe(element);
    }
  }

  #tell(): void {
    if (this.#last === null && this.#isShown.size === 0) return;
    const isPageShown = document.visibilityState !== 'hidden';
    const videos: VideoOnPage[] = [];
    for (const publication of this.#port.publications()) {
      if (publication.kind !== 'video') continue;
      const elements = [...publication.track.elements]
        .filter(
          (one) => !this.#isAdaptive || (isPageShown ? this.#isShown.get(one) : isInPicture(one)),
        )
        .map((one) =>
          this.#isAdaptive
            ? { width: one.clientWidth, height: one.clientHeight }
            : { width: 1280, height: 720 },
        );
      videos.push({
        trackSid: publication.sid,
        source: publication.source,
        quality: publication.quality,
        priority: publication.priority,
        elements,
      });
    }
    const view = planView(videos, this.#isAdaptive ? globalThis.devicePixelRatio : 1);
    if (this.#last && isSameView(this.#last, view)) return;
    this.#last = view;
    this.#port.setView(view);
  }
}

/** A floating picture is seen although its page is hidden. */
function isInPicture(element: Element): boolean {
  return document.pictureInPictureElement === element;
}
