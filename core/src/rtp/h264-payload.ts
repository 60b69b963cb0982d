import { u16 } from '../base/index.ts';
import type { FrameInfo } from './frame-info.ts';

/** NAL unit types. ITU-T H.264 table 7-1; RFC 6184 table 1. */
const SLICE = 1;
const IDR_SLICE = 5;
const SPS = 7;
const ACCESS_UNIT_DELIMITER = 9;
const LAST_SINGLE = 23;
const STAP_A = 24;
const FU_A = 28;

/**
 * An H.264 payload of packetization mode 0 or 1: a single NAL unit, STAP-A (RFC 6184 §5.7.1) or FU-A
 * (§5.8). The interleaved forms are not negotiated and count as malformed.
 */
export function describeH264(buf: Uint8Array, at: number, length: number, out: FrameInfo): boolean {
  const header = buf[at]!;
  const type = header & 0x1f;
  if (type === STAP_A) return describeAggregate(buf, at + 1, at + length, out);
  if (type === FU_A) return describeFragment(buf, at, length, out);
  if (type === 0 || type > LAST_SINGLE) return false;
  noteUnit(header, length > 1 ? buf[at + 1]! : 0, out);
  return true;
}

function describeAggregate(buf: Uint8Array, at: number, end: number, out: FrameInfo): boolean {
  let next = at;
  if (next === end) return false;
  let isDiscardable = true;
  while (next < end) {
    if (next + 3 > end) return false;
    const size = u16(buf, next);
    next += 2;
    const header = buf[next]!;
    const type = header & 0x1f;
    if (size === 0 || next + size > end || type === 0 || type > LAST_SINGLE) return false;
    noteUnit(header, size > 1 ? buf[next + 1]! : 0, out);
    isDiscardable &&= out.isDiscardable;
    next += size;
  }
  out.isDiscardable = isDiscardable;
  out.descriptorLength = 1;
  return true;
}

/** FU indicator and header: |F|NRI| 28 | |S|E|R| Type |. */
function describeFragment(buf: Uint8Array, at: number, length: number, out: FrameInfo): boolean {
  if (length < 3) return false;
  const fragment = buf[at + 1]!;
  const isStart = (fragment & 0x80) !== 0;
  const type = fragment & 0x1f;
  if (isStart && (fragment & 0x40) !== 0) return false;
  if (type === 0 || type > LAST_SINGLE) return false;
  out.descriptorLength = 2;
  if (isStart) noteUnit((buf[at]! & 0xe0) | type, buf[at + 2]!, out);
  else {
    out.isDiscardable = (buf[at]! & 0x60) === 0;
    out.isInterPredicted = type !== IDR_SLICE;
  }
  return true;
}

/** Takes in the start of a NAL unit; `data` is the byte behind its header. */
function noteUnit(header: number, data: number, out: FrameInfo): void {
  const type = header & 0x1f;
  if (type === IDR_SLICE || type === SPS) {
    out.isKeyframe = true;
    out.isSwitchingPoint = true;
    out.isInterPredicted = false;
  }
  // A slice whose first_mb_in_slice is 0, written as the single bit 1, begins a picture.
  const isSlice = type === SLICE || type === IDR_SLICE;
  if (type === SPS || type === ACCESS_UNIT_DELIMITER || (isSlice && data >= 0x80))
    out.startsFrame = true;
  out.isDiscardable = (header & 0x60) === 0;
}
