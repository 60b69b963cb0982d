import { ReplayWindow } from './replay-window.ts';

const MAX_ROC = 0xffffffff;

/**
 * What a receiver knows of one SSRC: rollover counter, highest sequence number, replay window.
 * RFC 3711 §3.3.1. Only `SrtpReceiver` calls its methods.
 */
export class SrtpReceiveStream {
  ssrc: number;
  /** Whether a packet of this stream has been authenticated. */
  isEstablished = false;
  /** When its owner let go of it, on the receiver's order of events; 0 while in use. */
  removedAt = 0;
  #roc = 0;
  #highest = 0;
  readonly #window = new ReplayWindow();

  constructor(ssrc: number) {
    this.ssrc = ssrc;
  }

  /** The rollover counter of the highest packet so far. */
  get roc(): number {
    return this.#roc;
  }

  /** Becomes the state of another SSRC of which nothing is known. */
  restart(ssrc: number): void {
    this.ssrc = ssrc;
    this.isEstablished = false;
  }

  /** The first authentic packet. */
  establish(roc: number, sequenceNumber: number): void {
    this.isEstablished = true;
    this.#roc = roc;
    this.#highest = sequenceNumber;
    this.#window.reset();
    this.#window.accept(0);
  }

  /**
   * The rollover counter under which this packet should be tried (RFC 3711 appendix A); -1 when it
   * was accepted before, is too old, or would lie outside the lifetime of the keys.
   */
  admit(sequenceNumber: number): number {
    const highest = this.#highest;
    let roc = this.#roc;
    if (highest < 0x8000) {
      if (sequenceNumber - highest > 0x8000) roc--;
    } else if (highest - 0x8000 > sequenceNumber) roc++;
    if (roc < 0 || roc > MAX_ROC) return -1;
    return this.#window.isFresh(this.#distance(roc, sequenceNumber)) ? roc : -1;
  }

  /** The packet that was admitted with `roc` is authentic. */
  commit(roc: number, sequenceNumber: number): void {
    const distance = this.#distance(roc, sequenceNumber);
    this.#window.accept(distance);
    this.removedAt = 0;
    if (distance <= 0) return;
    this.#roc = roc;
    this.#highest = sequenceNumber;
  }

  #distance(roc: number, sequenceNumber: number): number {
    return (roc - this.#roc) * 0x10000 + sequenceNumber - this.#highest;
  }
}

/** What a receiver knows of one sender of SRTCP: its index is explicit. RFC 3711 §3.4. */
export class SrtcpReceiveState {
  /** When it last sent something authentic, on the receiver's order of events. */
  lastUse = 0;
  #highest = -1;
  readonly #window = new ReplayWindow();

  isFresh(index: number): boolean {
    return this.#window.isFresh(index - this.#highest);
  }

  commit(index: number): void {
    this.#window.accept(index - this.#highest);
    if (index > this.#highest) this.#highest = index;
  }
}
