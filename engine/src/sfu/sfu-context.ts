import type { CopyBytes } from '@switchyard/core/rtp';
import type { Layer } from './layer.ts';
import type { Slot } from './slot.ts';

/**
 * What the tracks and slots of one worker share: work that is due later in the turn. Sets are
 * touched on state changes, the array once per layer and turn.
 */
export class SfuContext {
  readonly copy: CopyBytes;
  /** Layers with packets that were not handed to the slots yet. */
  readonly dirty: Layer[] = [];
  /** Layers with a keyframe request that is due or waits for its keyframe. */
  readonly wanting = new Set<Layer>();
  /** Slots that replay a keyframe cache. */
  readonly replaying = new Set<Slot>();
  /** The slot that a run is being handed to, for whoever has to know when that throws; null in between. */
  serving: Slot | null = null;
  readonly events: SfuEvent[] = [];
  readonly settings: SfuSettings;

  constructor(copy: CopyBytes, settings: SfuSettings) {
    this.copy = copy;
    this.settings = settings;
  }
}

export interface SfuSettings {
  /** Pad the smaller packets of a frame by a byte so that GSO runs get longer. */
  readonly gsoPadding: boolean;
}

/** What the rooms' side wants to know; drained once per turn. */
export type SfuEvent =
  | {
      readonly kind: 'slotSwitched';
      readonly slot: number;
      readonly track: number;
      readonly rtpTimestamp: number;
    }
  | { readonly kind: 'slotUnavailable'; readonly slot: number; readonly track: number }
  | { readonly kind: 'trackActive'; readonly track: number };
