/** RTCP packet types. RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2. */
export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  bye: 203,
  app: 204,
  transportFeedback: 205,
  payloadFeedback: 206,
  extendedReport: 207,
} as const;
export type RtcpType = (typeof RtcpType)[keyof typeof RtcpType];

/** Formats of transport feedback, packet type 205. */
export const TransportFeedbackFormat = {
  nack: 1,
  /** Congestion control feedback, RFC 8888: recognised and skipped. */
  ccfb: 11,
  /** Transport-wide congestion control, draft-holmer-rmcat-transport-wide-cc-extensions-01. */
  twcc: 15,
} as const;

/** Formats of payload-specific feedback, packet type 206. */
export const PayloadFeedbackFormat = {
  pli: 1,
  fir: 4,
  /** Application layer feedback: REMB, when its body says so. */
  alfb: 15,
} as const;

/** What a sub-packet is, told by `RtcpReader.kind`. */
export const RtcpKind = {
  /** Well-formed, but of no use here: APP, CCFB, unknown types and formats. */
  other: 0,
  senderReport: 1,
  receiverReport: 2,
  sourceDescription: 3,
  bye: 4,
  nack: 5,
  twcc: 6,
  pli: 7,
  fir: 8,
  remb: 9,
  extendedReport: 10,
} as const;
export type RtcpKind = (typeof RtcpKind)[keyof typeof RtcpKind];
