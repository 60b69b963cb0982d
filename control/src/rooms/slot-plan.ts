import type { TrackId } from '@switchyard/core/media-api';
import type { MediaKind } from '@switchyard/core/signal';

/** A receive slot as planning sees it. */
export interface SlotShape {
  readonly kind: MediaKind;
  /** Index of the slot of the other kind under the same msid; -1 when it stands alone. */
  readonly partner: number;
}

/** What stands in each slot, in the order of the shapes. */
export type SlotPlan = readonly (TrackId | null)[];

/** A video that shall be shown. */
export interface VideoWant {
  readonly track: TrackId;
  /** The person's audio exists and lip sync matters: a slot with an audio partner is better. */
  readonly prefersPair: boolean;
}

/**
 * Puts the wanted videos into the video slots; entries of audio slots are null. A track keeps its slot as
 * long as it is wanted, so that nothing on the screen restarts; free slots go to the others in order.
 *
 * @param wants best first; those beyond the number of slots get none.
 */
export function planVideos(
  shapes: readonly SlotShape[],
  present: SlotPlan,
  wants: readonly VideoWant[],
): SlotPlan {
  const slotCount = shapes.filter((shape) => shape.kind === 'video').length;
  const served = wants.slice(0, slotCount);
  const wanted = new Set(served.map((want) => want.track));
  const plan = shapes.map((shape, i) => {
    const track = present[i] ?? null;
    return shape.kind === 'video' && track !== null && wanted.has(track) ? track : null;
  });
  const standing = new Set(plan);
  for (const want of served) {
    if (standing.has(want.track)) continue;
    const isFree = (shape: SlotShape, i: number) => shape.kind === 'video' && plan[i] === null;
    const fitting = shapes.findIndex(
      (shape, i) => isFree(shape, i) && shape.partner >= 0 === want.prefersPair,
    );
    const slot = fitting >= 0 ? fitting : shapes.findIndex(isFree);
    plan[slot] = want.track;
  }
  return plan;
}

/**
 * Puts the loudest audio tracks into the audio slots; entries of video slots are null. The audio of a
 * person whose video stands in a pair goes to that pair; the others keep their slots or take free ones,
 * those without a partner first.
 *
 * @param ranked loudest first; those beyond the number of slots are not heard.
 * @param videos the plan of the video slots.
 * @param companionOf the audio that belongs to a video, if any.
 */
export function planAudios(
  shapes: readonly SlotShape[],
  present: SlotPlan,
  ranked: readonly TrackId[],
  videos: SlotPlan,
  companionOf: (video: TrackId) => TrackId | null,
): SlotPlan {
  const slotCount = shapes.filter((shape) => shape.kind === 'audio').length;
  const waiting = new Set(ranked.slice(0, slotCount));
  const plan: (TrackId | null)[] = shapes.map(() => null);
  const put = (slot: number, track: TrackId) => {
    plan[slot] = track;
    waiting.delete(track);
  };
  for (const [i, shape] of shapes.entries()) {
    const video = shape.kind === 'audio' ? (videos[shape.partner] ?? null) : null;
    const companion = video === null ? null : companionOf(video);
    if (companion !== null && waiting.has(companion)) put(i, companion);
  }
  for (const [i, shape] of shapes.entries()) {
    const track = present[i] ?? null;
    if (shape.kind === 'audio' && plan[i] === null && track !== null && waiting.has(track))
      put(i, track);
  }
  for (const track of [...waiting]) {
    const isFree = (shape: SlotShape, i: number) => shape.kind === 'audio' && plan[i] === null;
    const alone = shapes.findIndex((shape, i) => isFree(shape, i) && shape.partner < 0);
    put(alone >= 0 ? alone : shapes.findIndex(isFree), track);
  }
  return plan;
}
