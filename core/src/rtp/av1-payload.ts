import type { FrameInfo } from './frame-info.ts';

/** Bytes an OBU size may take. AV1 specification §4.10.5. */
const MAX_LEB128_BYTES = 8;
/** OBU elements of one packet looked at; each takes at least a byte, so this only bounds nonsense. */
const MAX_ELEMENTS = 256;

/**
 * An AV1 payload: aggregation header |Z|Y| W |N|-|-|-| and OBU elements, all but the last of W with a
 * length in front (all of them when W is 0). The elements must fill the payload exactly.
 * AV1 RTP specification §4.4.
 */
export function describeAv1(buf: Uint8Array, at: number, length: number, out: FrameInfo): boolean {
  const end = at + length;
  const head = buf[at]!;
  const continues = (head & 0x80) !== 0;
  const count = (head >> 4) & 0x03;
  const isKeyframe = (head & 0x08) !== 0;
  if (isKeyframe && continues) return false;
  out.descriptorLength = 1;
  out.isKeyframe = isKeyframe;
  out.isSwitchingPoint = isKeyframe;
  out.isInterPredicted = !isKeyframe;
  out.startsFrame = !continues;

  let next = at + 1;
  if (next === end) return false;
  for (let i = 0; next < end || i < count; i++) {
    if (i === MAX_ELEMENTS || (count !== 0 && i === count)) return false;
    let size = end - next;
    if (count === 0 || i < count - 1) {
      let scale = 1;
      size = 0;
      for (let bytes = 1; ; bytes++) {
        if (next >= end || bytes > MAX_LEB128_BYTES) return false;
        const byte = buf[next]!;
        next++;
        size += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
        scale *= 128;
      }
      if (size > end - next) return false;
    } else if (size === 0) return false;
    if (i === 0 && !continues && size > 0) noteUnit(buf, next, size, out);
    next += size;
  }
  return true;
}

/** Layers from the OBU extension header, AV1 specification §5.3.3. */
function noteUnit(buf: Uint8Array, at: number, size: number, out: FrameInfo): void {
  const hasExtension = (buf[at]! & 0x04) !== 0;
  if (!hasExtension || size < 2) return;
  out.temporalId = buf[at + 1]! >> 5;
  out.spatialId = (buf[at + 1]! >> 3) & 0x03;
}
