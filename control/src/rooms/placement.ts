import type { WorkerId } from '@switchyard/core/media-api';
import type { Workers } from './workers.ts';

export interface PlacementRules {
  /** Participants that a room has on one worker before it uses another. */
  readonly spreadAfter: number;
  /** Busyness above which a worker gets nobody new while another is below, 0..1. */
  readonly busyAbove: number;
}

/**
 * The worker for one more participant of a room that has `counts` participants on each worker already.
 * A small room stays on one worker, where nothing needs piping; it spreads when it is large or its worker
 * busy. null when no worker is alive.
 */
export function placeParticipant(
  workers: Workers,
  counts: ReadonlyMap<WorkerId, number>,
  rules: PlacementRules,
): WorkerId | null {
  const isOpen = (worker: WorkerId) =>
    workers.isAlive(worker) &&
    (counts.get(worker) ?? 0) < rules.spreadAfter &&
    workers.busyness(worker) <= rules.busyAbove;
  const used = [...counts.keys()].filter(isOpen);
  return used.length > 0 ? workers.leastBusy(used) : workers.leastBusy();
}
