import { putU16, putU32, u16 } from '../base/index.ts';
import type { CopyBytes } from './copy-bytes.ts';
import type { RtpView } from './rtp-view.ts';

/** The original sequence number in front of an RTX payload. RFC 4588 §4. */
export const RTX_OSN_LENGTH = 2;

/** Whether an RTX packet carries nothing but padding: a bandwidth probe, counted but not unwrapped. */
export const isRtxProbe = (view: RtpView): boolean => view.payloadLength < RTX_OSN_LENGTH;

/**
 * Turns the RTX packet `view` is on back into the original, in place (RFC 4588 §4), and moves the view
 * onto it. The header moves right over the original sequence number, so no payload byte moves, and
 * the packet starts 2 bytes later: **an `at` that was a multiple of 4 no longer is one**, nor is
 * `payloadAt`. Padding is cut off. The extensions stay those of the RTX packet (repaired rid instead of
 * rid, its own transport-wide number).
 *
 * Returns false, changing nothing, for a probe.
 */
export function unwrapRtx(
  buf: Uint8Array,
  view: RtpView,
  originalPayloadType: number,
  originalSsrc: number,
): boolean {
  if (isRtxProbe(view)) return false;
  const { at, payloadAt } = view;
  const sequenceNumber = u16(buf, payloadAt);
  for (let i = payloadAt - 1; i >= at; i--) buf[i + RTX_OSN_LENGTH] = buf[i]!;
  const start = at + RTX_OSN_LENGTH;
  buf[start] = buf[start]! & ~0x20;
  buf[start + 1] = (buf[start + 1]! & 0x80) | originalPayloadType;
  putU16(buf, start + 2, sequenceNumber);
  putU32(buf, start + 8, originalSsrc);
  return view.parse(buf, start, view.length - RTX_OSN_LENGTH - view.paddingLength);
}

/**
 * Writes the payload of an RTX packet at `at`: the sequence number the packet had in the outgoing
 * stream, then its payload. Returns the length written.
 */
export function writeRtx(
  buf: Uint8Array,
  at: number,
  originalSequenceNumber: number,
  payload: Uint8Array,
  payloadAt: number,
  payloadLength: number,
  copy: CopyBytes,
): number {
  putU16(buf, at, originalSequenceNumber);
  copy(payload, payloadAt, payloadLength, buf, at + RTX_OSN_LENGTH);
  return RTX_OSN_LENGTH + payloadLength;
}

/**
 * Makes the packet whose header ends at `payloadAt` one of padding alone, for probing: zeros, the
 * count, and the header's P bit. RFC 3550 §5.1. Returns the bytes of padding.
 *
 * @param length of the padding, 1..255.
 */
export function writePadding(
  buf: Uint8Array,
  headerAt: number,
  payloadAt: number,
  length: number,
): number {
  buf[headerAt] = buf[headerAt]! | 0x20;
  const last = payloadAt + length - 1;
  for (let i = payloadAt; i < last; i++) buf[i] = 0;
  buf[last] = length;
  return length;
}
