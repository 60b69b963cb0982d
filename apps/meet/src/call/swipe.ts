/** A finger must travel so far sideways, and clearly more sideways than up or down. Pixels. */
const SWIPE_PX = 56;
const SIDEWAYS = 1.6;

/** The page after a finger moved by (dx, dy). */
export function pageOfSwipe(page: number, pageCount: number, dx: number, dy: number): number {
  if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < Math.abs(dy) * SIDEWAYS) return page;
  const next = dx < 0 ? page + 1 : page - 1;
  return Math.min(pageCount - 1, Math.max(0, next));
}
