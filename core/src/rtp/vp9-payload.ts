import { u16 } from '../base/index.ts';
import type { FrameInfo } from './frame-info.ts';

/** Reference differences a flexible-mode descriptor may hold. RFC 9628 §4.2. */
const MAX_REFERENCES = 3;

/**
 * The VP9 payload descriptor, RFC 9628 §4.2.
 *
 *      |I|P|L|F|B|E|V|Z|
 *   I: |M| PICTURE ID  |   7 bits, or 15 with M
 *   L: | TID |U| SID |D|
 *      |   TL0PICIDX   |   only when F = 0
 * F,P: |   P_DIFF    |N|   up to 3
 *   V: scalability structure
 */
export function describeVp9(buf: Uint8Array, at: number, length: number, out: FrameInfo): boolean {
  const end = at + length;
  const flags = buf[at]!;
  const isInterPredicted = (flags & 0x40) !== 0;
  const isFlexible = (flags & 0x10) !== 0;
  let next = at + 1;
  out.startsFrame = (flags & 0x08) !== 0;
  out.endsFrame = (flags & 0x04) !== 0;
  out.isInterPredicted = isInterPredicted;

  if ((flags & 0x80) !== 0) {
    if (next >= end) return false;
    out.pictureIdAt = next;
    if (buf[next]! < 0x80) {
      out.pictureIdBits = 7;
      out.pictureId = buf[next]!;
      next++;
    } else {
      if (next + 2 > end) return false;
      out.pictureIdBits = 15;
      out.pictureId = u16(buf, next) & 0x7fff;
      next += 2;
    }
  }
  if ((flags & 0x20) !== 0) {
    if (next >= end) return false;
    const layer = buf[next]!;
    next++;
    out.temporalId = layer >> 5;
    out.isSwitchingPoint = (layer & 0x10) !== 0;
    out.spatialId = (layer >> 1) & 0x07;
    out.isInterLayerPredicted = (layer & 0x01) !== 0;
    if (!isFlexible) {
      if (next >= end) return false;
      out.tl0At = next;
      out.tl0PicIdx = buf[next]!;
      next++;
    }
  }
  if (isFlexible && isInterPredicted) {
    for (let references = 1; ; references++) {
      if (next >= end || references > MAX_REFERENCES) return false;
      const hasMore = (buf[next]! & 1) !== 0;
      next++;
      if (!hasMore) break;
    }
  }
  if ((flags & 0x02) !== 0) {
    next = skipStructure(buf, next, end, out);
    if (next < 0) return false;
  }
  if (next >= end) return false;
  out.descriptorLength = next - at;
  out.isKeyframe = !isInterPredicted && out.startsFrame && out.spatialId === 0;
  if (out.isKeyframe) out.isSwitchingPoint = true;
  return true;
}

/** Reads the size of the highest layer from a scalability structure; returns its end, -1 when malformed. */
function skipStructure(buf: Uint8Array, at: number, end: number, out: FrameInfo): number {
  if (at >= end) return -1;
  const head = buf[at]!;
  const layers = (head >> 5) + 1;
  let next = at + 1;
  if ((head & 0x10) !== 0) {
    const highest = next + (layers - 1) * 4;
    next += layers * 4;
    if (next > end) return -1;
    out.width = u16(buf, highest);
    out.height = u16(buf, highest + 2);
  }
  if ((head & 0x08) !== 0) {
    if (next >= end) return -1;
    const pictures = buf[next]!;
    next++;
    for (let i = 0; i < pictures; i++) {
      if (next >= end) return -1;
      const references = (buf[next]! >> 2) & 0x03;
      next += 1 + references;
    }
  }
  return next <= end ? next : -1;
}
