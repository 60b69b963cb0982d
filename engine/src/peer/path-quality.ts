/** Smoothed facts of both directions of one transport, from RTCP. -1 while unknown. */
export class PathQuality {
  rttMs = -1;
  /** Share lost from the peer to us, 0..1. */
  lossUp = -1;
  /** Share lost from us to the peer, 0..1: the mean of its report blocks since the last `takeLossDown`. */
  jitterUpMs = -1;
  jitterDownMs = -1;
  #lossDownSum = 0;
  #lossDownCount = 0;
  #lossDown = -1;

  noteRtt(rttMs: number): void {
    if (rttMs < 0) return;
    this.rttMs = this.rttMs < 0 ? rttMs : this.rttMs + (rttMs - this.rttMs) / 8;
  }

  noteReportBlock(fractionLost: number, jitterMs: number): void {
    this.#lossDownSum += fractionLost / 256;
    this.#lossDownCount++;
    this.jitterDownMs = jitterMs;
  }

  /** The mean loss of the reports since the last call; the value before that when none came. */
  takeLossDown(): number {
    if (this.#lossDownCount > 0) this.#lossDown = this.#lossDownSum / this.#lossDownCount;
    this.#lossDownSum = 0;
    this.#lossDownCount = 0;
    return this.#lossDown;
  }
}
