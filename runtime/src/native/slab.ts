import { NativeMemory } from './memory.ts';

/** Bytes of one packet slot: the largest datagram we accept, with room for tags and growth. */
export const SLOT_SIZE = 2048;

/**
 * The one piece of memory that packets live in from `recvmmsg` to `sendmmsg`, as equal slots. Code
 * outside this folder knows positions only: byte offsets into `bytes`.
 */
export class PacketSlab extends NativeMemory {
  readonly slotCount: number;

  constructor(slotCount: number) {
    super(slotCount * SLOT_SIZE);
    this.slotCount = slotCount;
  }

  /** Position of a slot. */
  slotAt(slot: number): number {
    return slot * SLOT_SIZE;
  }
}
