import { u16 } from '../base/index.ts';
import type { FrameInfo } from './frame-info.ts';

/** NAL unit types. ITU-T H.265 table 7-1; RFC 7798 §4.4. */
const FIRST_TEMPORAL_SWITCH = 2;
const LAST_TEMPORAL_SWITCH = 5;
const LAST_SLICE = 31;
const FIRST_RANDOM_ACCESS = 16;
const LAST_RANDOM_ACCESS = 21;
const VPS = 32;
const SPS = 33;
const ACCESS_UNIT_DELIMITER = 35;
const LAST_SINGLE = 47;
const AGGREGATION = 48;
const FRAGMENTATION = 49;

/**
 * An H.265 payload: a single NAL unit, an aggregation packet or a fragmentation unit, without DONL
 * fields (`sprop-max-don-diff` is 0 in WebRTC). RFC 7798 §4.4. Header: |F| Type 6 | LayerId 6 | TID 3 |.
 */
export function describeH265(buf: Uint8Array, at: number, length: number, out: FrameInfo): boolean {
  if (length < 3) return false;
  const type = (buf[at]! >> 1) & 0x3f;
  const temporalIdPlusOne = buf[at + 1]! & 0x07;
  if (temporalIdPlusOne === 0) return false;
  out.temporalId = temporalIdPlusOne - 1;
  if (type === AGGREGATION) return describeAggregate(buf, at + 2, at + length, out);
  if (type === FRAGMENTATION) {
    // |S|E| FuType 6 |
    const fragment = buf[at + 2]!;
    const isStart = (fragment & 0x80) !== 0;
    if (length < 4 || (isStart && (fragment & 0x40) !== 0)) return false;
    if ((fragment & 0x3f) > LAST_SINGLE) return false;
    out.descriptorLength = 3;
    if (isStart) noteUnit(fragment & 0x3f, buf[at + 3]!, out);
    return true;
  }
  if (type > LAST_SINGLE) return false;
  noteUnit(type, buf[at + 2]!, out);
  return true;
}

function describeAggregate(buf: Uint8Array, at: number, end: number, out: FrameInfo): boolean {
  let next = at;
  while (next < end) {
    if (next + 2 > end) return false;
    const size = u16(buf, next);
    next += 2;
    if (size < 2 || next + size > end) return false;
    const type = (buf[next]! >> 1) & 0x3f;
    if (type > LAST_SINGLE) return false;
    noteUnit(type, size > 2 ? buf[next + 2]! : 0, out);
    next += size;
  }
  out.descriptorLength = 2;
  return true;
}

/** Takes in the start of a NAL unit; `data` is the byte behind its header. */
function noteUnit(type: number, data: number, out: FrameInfo): void {
  const isRandomAccess = type >= FIRST_RANDOM_ACCESS && type <= LAST_RANDOM_ACCESS;
  if (isRandomAccess || type === VPS || type === SPS) {
    out.isKeyframe = true;
    out.isSwitchingPoint = true;
    out.isInterPredicted = false;
  }
  if (type >= FIRST_TEMPORAL_SWITCH && type <= LAST_TEMPORAL_SWITCH) out.isSwitchingPoint = true;
  const startsPicture = type <= LAST_SLICE && data >= 0x80; // first_slice_segment_in_pic_flag
  if (startsPicture || type === VPS || type === ACCESS_UNIT_DELIMITER) out.startsFrame = true;
}
