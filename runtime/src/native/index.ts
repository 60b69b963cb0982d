export { PacketSlab, SLOT_SIZE } from './slab.ts';
export { aesCtr, createSrtpCipher, openSrtpCipher } from './srtp.ts';
