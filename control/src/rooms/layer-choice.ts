import type { LayerChoice } from '@switchyard/core/media-api';

/** Above every index that a codec can have: no bound from us, the bandwidth decides. */
const UNBOUNDED = 7;

/** Everything that the receiver's bandwidth allows. */
export const ALL_LAYERS: LayerChoice = { spatial: UNBOUNDED, temporal: UNBOUNDED };

/**
 * The lowest layer that is at least as high as the element that shows it; the highest when none is, or
 * while sizes are unknown. A height of 0 asks for the lowest layer.
 *
 * @param heights of the layers in pixels, lowest layer first, 0 where unknown.
 * @param wanted height in device pixels.
 */
export function chooseLayer(heights: readonly number[], wanted: number): LayerChoice {
  if (wanted === 0) return { spatial: 0, temporal: UNBOUNDED };
  const spatial = heights.findIndex((height) => height >= wanted);
  return { spatial: spatial < 0 ? UNBOUNDED : spatial, temporal: UNBOUNDED };
}
