import { u16 } from '../base/index.ts';
import type { FrameInfo } from './frame-info.ts';

/** Frame tag (3), start code (3), width (2), height (2). RFC 6386 §9.1. */
const KEYFRAME_HEADER_LENGTH = 10;

/**
 * The VP8 payload descriptor, RFC 7741 §4.2, and the start of the frame behind it.
 *
 *      |X|R|N|S|R| PID |   extended, non-reference, start of partition
 *   X: |I|L|T|K|  RSV  |
 *   I: |M| PictureID   |   7 bits, or 15 with M
 *   L: |   TL0PICIDX   |
 * T/K: |TID|Y| KEYIDX  |
 */
export function describeVp8(buf: Uint8Array, at: number, length: number, out: FrameInfo): boolean {
  const end = at + length;
  const first = buf[at]!;
  let next = at + 1;
  out.isDiscardable = (first & 0x20) !== 0;
  out.startsFrame = (first & 0x17) === 0x10; // S, and partition 0
  if ((first & 0x80) !== 0) {
    if (next >= end) return false;
    const flags = buf[next]!;
    next++;
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
    if ((flags & 0x40) !== 0) {
      if (next >= end) return false;
      out.tl0At = next;
      out.tl0PicIdx = buf[next]!;
      next++;
    }
    if ((flags & 0x30) !== 0) {
      if (next >= end) return false;
      const layer = buf[next]!;
      next++;
      if ((flags & 0x20) !== 0) {
        out.temporalId = layer >> 6;
        out.isSwitchingPoint = (layer & 0x20) !== 0;
      }
      if ((flags & 0x10) !== 0) out.keyIdx = layer & 0x1f;
    }
  }
  if (next >= end) return false;
  out.descriptorLength = next - at;
  if (out.startsFrame && (buf[next]! & 1) === 0) return describeKeyframe(buf, next, end, out);
  return true;
}

function describeKeyframe(buf: Uint8Array, at: number, end: number, out: FrameInfo): boolean {
  if (at + KEYFRAME_HEADER_LENGTH > end) return false;
  if (buf[at + 3] !== 0x9d || buf[at + 4] !== 0x01 || buf[at + 5] !== 0x2a) return false;
  out.isKeyframe = true;
  out.isSwitchingPoint = true;
  out.isInterPredicted = false;
  // Little-endian, 14 bits and 2 of scale.
  out.width = buf[at + 6]! | ((buf[at + 7]! & 0x3f) << 8);
  out.height = buf[at + 8]! | ((buf[at + 9]! & 0x3f) << 8);
  return true;
}

/**
 * Writes the picture id and TL0PICIDX of a forwarded copy over those at the described offsets, which
 * are shifted by `shift` bytes when the copy is elsewhere. Values are cut to the field's width; -1
 * leaves a field alone.
 */
export function rewriteVp8(
  buf: Uint8Array,
  info: FrameInfo,
  shift: number,
  pictureId: number,
  tl0PicIdx: number,
): void {
  if (info.pictureIdAt >= 0 && pictureId >= 0) {
    const at = info.pictureIdAt + shift;
    if (info.pictureIdBits === 15) {
      buf[at] = 0x80 | ((pictureId >> 8) & 0x7f);
      buf[at + 1] = pictureId & 0xff;
    } else buf[at] = pictureId & 0x7f;
  }
  if (info.tl0At >= 0 && tl0PicIdx >= 0) buf[info.tl0At + shift] = tl0PicIdx;
}
