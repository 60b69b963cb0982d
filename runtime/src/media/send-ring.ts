import { type PacketSlab, SLOT_SIZE } from '../native/index.ts';

/**
 * The slots that outgoing datagrams are written in. A slot is good until the ring has gone round, and before
 * it does, everything queued is flushed. Small enough to stay in the second-level cache.
 */
export class SendRing {
  readonly bytes: Buffer;
  readonly #firstAt: number;
  readonly #count: number;
  readonly #flush: () => void;
  #next = 0;

  constructor(slab: PacketSlab, firstSlot: number, count: number, flush: () => void) {
    this.bytes = slab.bytes;
    this.#firstAt = slab.slotAt(firstSlot);
    this.#count = count;
    this.#flush = flush;
  }

  /** Position of the next free slot; the same until `take`. */
  reserve(): number {
    return this.#firstAt + this.#next * SLOT_SIZE;
  }

  /** The reserved slot's datagram was queued. */
  take(): void {
    if (++this.#next < this.#count) return;
    this.#flush();
    this.#next = 0;
  }
}
