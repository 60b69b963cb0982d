export type { Brand } from './brand.ts';
export {
  equalBytes,
  fromHex,
  i16,
  i24,
  putU16,
  putU24,
  putU32,
  toHex,
  u8,
  u16,
  u24,
  u32,
} from './bytes.ts';
export { crc32 } from './crc32.ts';
export { DeadlineHeap } from './deadline-heap.ts';
export { classify, PacketClass } from './demux.ts';
export { FRAME_HEADER_LENGTH, FrameReader, writeFrameLength } from './framing.ts';
export { isSameAddress, parseIp, printIp, type TransportAddress } from './ip.ts';
export { type Log, type Random, randomIceChars, randomU32 } from './ports.ts';
export { err, ok, type Result, unreachable } from './result.ts';
export { Ring } from './ring.ts';
export { diff16, diff32, SequenceUnwrapper } from './sequence.ts';
export { after, earlier, type Millis, millis, NEVER } from './time.ts';
