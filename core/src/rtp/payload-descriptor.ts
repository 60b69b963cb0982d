import { describeAv1 } from './av1-payload.ts';
import { CodecKind } from './codec-kind.ts';
import type { FrameInfo } from './frame-info.ts';
import { describeH264 } from './h264-payload.ts';
import { describeH265 } from './h265-payload.ts';
import { describeVp8 } from './vp8-payload.ts';
import { describeVp9 } from './vp9-payload.ts';

/**
 * Reads what the payload of one packet (without padding) says about its frame into `out`. Returns
 * false when the payload is empty or malformed, or the codec is none whose payload can be forwarded
 * by itself (RTX, FEC, unknown); `out` is then meaningless. Allocates nothing.
 *
 * @param marker the marker bit of the packet's header.
 */
export function describePayload(
  codec: CodecKind,
  buf: Uint8Array,
  at: number,
  length: number,
  marker: boolean,
  out: FrameInfo,
): boolean {
  out.reset();
  if (length <= 0) return false;
  out.endsFrame = marker;
  switch (codec) {
    case CodecKind.vp8:
      return describeVp8(buf, at, length, out);
    case CodecKind.vp9:
      return describeVp9(buf, at, length, out);
    case CodecKind.h264:
      return describeH264(buf, at, length, out);
    case CodecKind.h265:
      return describeH265(buf, at, length, out);
    case CodecKind.av1:
      return describeAv1(buf, at, length, out);
    case CodecKind.opus:
    case CodecKind.pcmu:
    case CodecKind.pcma:
    case CodecKind.g722:
    case CodecKind.red:
    case CodecKind.telephoneEvent:
    case CodecKind.comfortNoise:
      out.isKeyframe = true;
      out.startsFrame = true;
      out.endsFrame = true;
      out.isInterPredicted = false;
      return true;
    default:
      return false;
  }
}
