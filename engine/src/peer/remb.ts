const FLOOR_BPS = 300_000;
const CEILING_BPS = 10_000_000;

/**
 * What a publisher without transport-wide feedback may send (draft-alvestrand-rmcat-remb-03): twice what arrives
 * while little is lost, less than what arrives when much is. The thresholds are those of Google's loss-based
 * controller.
 *
 * @param loss share lost on the way to us, 0..1; negative while unknown.
 */
export function estimateRemb(arrivingBps: number, loss: number): number {
  const factor = loss < 0.02 ? 2 : loss < 0.1 ? 1.05 : 1 - loss / 2;
  return Math.min(CEILING_BPS, Math.max(FLOOR_BPS, arrivingBps * factor));
}
