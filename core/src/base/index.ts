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
export { DeadlineHeap } from './deadline-heap.ts';
export { type Log, type Random, randomIceChars, randomU32 } from './ports.ts';
export { err, ok, type Result, unreachable } from './result.ts';
export { Ring } from './ring.ts';
export { diff16, diff32, SequenceUnwrapper } from './sequence.ts';
export { after, earlier, type Millis, millis, NEVER } from './time.ts';
