export { AudioLevelMeter } from './audio-level-meter.ts';
export { CodecKind, codecKind, isVideoCodec } from './codec-kind.ts';
export type { CopyBytes } from './copy-bytes.ts';
export { DecodeTargetIndication, DependencyDescriptor } from './dependency-descriptor.ts';
export { DependencyStructure } from './dependency-structure.ts';
export { FrameInfo } from './frame-info.ts';
export { NackGenerator } from './nack-generator.ts';
export {
  MAX_OUTGOING_HEADER_LENGTH,
  OutgoingHeader,
  type OutgoingHeaderOptions,
} from './outgoing-header.ts';
export { PacketHistory, type PacketHistoryOptions } from './packet-history.ts';
export { describePayload } from './payload-descriptor.ts';
export { REPORT_BLOCK_LENGTH, ReceptionStatistics } from './reception-statistics.ts';
export { ExtensionIds, extensionKind, extensionUri, RtpExtension } from './rtp-extension.ts';
export { RTP_FIXED_HEADER_LENGTH, RtpView } from './rtp-view.ts';
export { isRtxProbe, RTX_OSN_LENGTH, unwrapRtx, writePadding, writeRtx } from './rtx.ts';
export { StreamRewriter, type StreamRewriterOptions } from './stream-rewriter.ts';
export { rewriteVp8 } from './vp8-payload.ts';
