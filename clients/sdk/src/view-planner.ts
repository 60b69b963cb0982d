import type { TrackSource } from '@switchyard/core/signal';
import type { NoticeBody } from './signal-messages.ts';
import type { QualityWish } from './track-publication.ts';

type Wanted = NoticeBody['videos'][number];

/** Most videos that one `view` message may list. */
const MAX_VIDEOS = 64;
/**
 * Sizes are told in steps, so that an animated layout does not make a message per frame: rounded down, since an element
 * of just a layer's size must not ask for the next larger one.
 */
const SIZE_STEP = 16;
const MAX_SIZE = 16_384;

/** Bounds for the longer side, pixels. */
const QUALITY_BOUND: Record<Exclude<QualityWish, 'auto' | 'off'>, number> = {
  high: 1280,
  medium: 640,
  low: 320,
};

export interface VideoOnPage {
  readonly trackSid: string;
  readonly source: TrackSource;
  readonly quality: QualityWish;
  /** Of the app; null: by source. */
  readonly priority: number | null;
  /** Elements that show it, CSS pixels; only those that can be seen. */
  readonly elements: readonly { readonly width: number; readonly height: number }[];
}

/** Which videos to ask for and how large: the largest visible element of each counts. */
export function planView(videos: readonly VideoOnPage[], pixelRatio: number): NoticeBody {
  const wanted: Wanted[] = [];
  for (const video of videos) {
    if (video.elements.length === 0 || video.quality === 'off') continue;
    const bound = video.quality === 'auto' ? MAX_SIZE : QUALITY_BOUND[video.quality];
    let width = 0;
    let height = 0;
    for (const element of video.elements) {
      width = Math.max(width, element.width * pixelRatio);
      height = Math.max(height, element.height * pixelRatio);
    }
    const scale = Math.min(1, bound / Math.max(width, height, 1));
    wanted.push({
      trackSid: video.trackSid,
      width: toStep(width * scale),
      height: toStep(height * scale),
      priority: video.priority ?? (video.source === 'screenShare' ? 80 : 10),
    });
  }
  // A stable order makes equal wishes equal messages.
  wanted.sort((a, b) => b.priority - a.priority || (a.trackSid < b.trackSid ? -1 : 1));
  return { kind: 'view', videos: wanted.slice(0, MAX_VIDEOS) };
}

/** Whether the server need not be told. */
export function isSameView(a: NoticeBody, b: NoticeBody): boolean {
  return (
    a.videos.length === b.videos.length &&
    a.videos.every((video, at) => {
      const other = b.videos[at]!; // the lengths are equal
      return (
        video.trackSid === other.trackSid &&
        video.width === other.width &&
        video.height === other.height &&
        video.priority === other.priority
      );
    })
  );
}

function toStep(size: number): number {
  return Math.min(MAX_SIZE, Math.max(1, Math.floor(size / SIZE_STEP)) * SIZE_STEP);
}
