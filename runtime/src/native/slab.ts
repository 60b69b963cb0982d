import { addressOf, allocateNative, type Pointer } from './memory.ts';

/** Bytes of one packet slot: the largest datagram we accept (1500) with room for tags and growth. */
export const SLOT_SIZE = 2048;

/**
 * The one piece of memory that packets live in from `recvmmsg` to `sendmmsg`, as equal slots. Code
 * outside this folder knows positions only: byte offsets into `bytes`.
 */
export class PacketSlab {
  readonly bytes: Buffer;
  readonly slotCount: number;
  /** Address of position 0. */
  readonly base: Pointer;

  constructor(slotCount: number) {
    this.bytes = allocateNative(slotCount * SLOT_SIZE);
    this.slotCount = slotCount;
    this.base = addressOf(this.bytes);
  }

  /** Position of a slot. */
  slotAt(slot: number): number {
    return slot * SLOT_SIZE;
  }

  /** Broken only by a bug of ours; native code must not be the one to find out. */
  assertInside(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length))
      throw new Error(`[${at}, +${length}] lies outside the slab`);
  }
}
