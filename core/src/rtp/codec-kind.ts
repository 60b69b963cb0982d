/** What a payload type carries, as small integers for the packet path. */
export const CodecKind = {
  unknown: 0,
  opus: 1,
  pcmu: 2,
  pcma: 3,
  g722: 4,
  telephoneEvent: 5,
  comfortNoise: 6,
  /** RFC 2198, of audio or of video with ULPFEC. */
  red: 7,
  vp8: 8,
  vp9: 9,
  h264: 10,
  h265: 11,
  av1: 12,
  rtx: 13,
  ulpfec: 14,
  flexfec: 15,
} as const;
export type CodecKind = (typeof CodecKind)[keyof typeof CodecKind];

const KINDS = new Map<string, CodecKind>([
  ['opus', CodecKind.opus],
  ['pcmu', CodecKind.pcmu],
  ['pcma', CodecKind.pcma],
  ['g722', CodecKind.g722],
  ['telephone-event', CodecKind.telephoneEvent],
  ['cn', CodecKind.comfortNoise],
  ['red', CodecKind.red],
  ['vp8', CodecKind.vp8],
  ['vp9', CodecKind.vp9],
  ['h264', CodecKind.h264],
  ['h265', CodecKind.h265],
  ['av1', CodecKind.av1],
  ['rtx', CodecKind.rtx],
  ['ulpfec', CodecKind.ulpfec],
  ['flexfec-03', CodecKind.flexfec],
  ['flexfec', CodecKind.flexfec],
]);

/** The codec an encoding name of `a=rtpmap` means, in any letter case; `unknown` when there is none. */
export const codecKind = (name: string): CodecKind =>
  KINDS.get(name.toLowerCase()) ?? CodecKind.unknown;

/** Whether the codec is video that has key frames. */
export const isVideoCodec = (codec: CodecKind): boolean =>
  codec >= CodecKind.vp8 && codec <= CodecKind.av1;
