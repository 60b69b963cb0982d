export { writeDelay, writeReferenceTime, XrBlock, XrReader } from './extended-reports.ts';
export {
  firCount,
  firSequence,
  firSsrc,
  NackReader,
  rembBps,
  rembSsrc,
  rembSsrcCount,
  writeFir,
  writeNack,
  writePli,
  writeRemb,
} from './feedback.ts';
export { compactNtp, NtpClock, PublisherClock, SenderReportMapper, unixMs } from './ntp.ts';
export {
  PayloadFeedbackFormat,
  RtcpKind,
  RtcpType,
  TransportFeedbackFormat,
} from './packet-types.ts';
export {
  MAX_REPORT_BLOCKS,
  ntpFraction,
  ntpSeconds,
  ReportBlock,
  reportTimestamp,
  roundTripMs,
  type SenderReport,
  senderOctetCount,
  senderPacketCount,
  writeReceiverReport,
  writeSenderReport,
} from './reports.ts';
export { RtcpReader } from './rtcp-reader.ts';
export { byeSsrc, CnameReader, writeBye, writeCname } from './source-packets.ts';
export {
  MAX_TRANSPORT_FEEDBACK_LENGTH,
  TransportFeedbackGenerator,
} from './transport-feedback-generator.ts';
export { TICKS_PER_MS, TransportFeedbackReader } from './transport-feedback-reader.ts';
