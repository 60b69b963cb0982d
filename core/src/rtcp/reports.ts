import { i24, putU16, putU32, u32 } from '../base/index.ts';
import { RtcpKind, RtcpType } from './packet-types.ts';
import type { RtcpReader } from './rtcp-reader.ts';

/** Bytes of a sender report without report blocks. RFC 3550 §6.4.1. */
const SENDER_REPORT_LENGTH = 28;
const RECEIVER_REPORT_LENGTH = 8;
const REPORT_BLOCK_LENGTH = 24;
/** Report blocks of one packet: the count has five bits. */
export const MAX_REPORT_BLOCKS = 31;

/* Readers of a sender report; the reader's kind is `senderReport`. */

/** Seconds since 1900, the upper half of the NTP time. */
export const ntpSeconds = (reader: RtcpReader): number => u32(reader.buf, reader.bodyAt);
/** 2^-32 s, the lower half of the NTP time. */
export const ntpFraction = (reader: RtcpReader): number => u32(reader.buf, reader.bodyAt + 4);
/** RTP timestamp of the same instant. */
export const reportTimestamp = (reader: RtcpReader): number => u32(reader.buf, reader.bodyAt + 8);
export const senderPacketCount = (reader: RtcpReader): number =>
  u32(reader.buf, reader.bodyAt + 12);
export const senderOctetCount = (reader: RtcpReader): number => u32(reader.buf, reader.bodyAt + 16);

/** One report block of a sender or receiver report (RFC 3550 §6.4.1); reused. */
export class ReportBlock {
  /** The SSRC reported on. */
  ssrc = 0;
  /** Lost since the last report, in 1/256. */
  fractionLost = 0;
  /** Signed 24 bits. */
  cumulativeLost = 0;
  extendedHighest = 0;
  /** Timestamp units. */
  jitter = 0;
  /** Middle 32 bits of the NTP time of the last sender report; 0 when none came. */
  lastReport = 0;
  /** Time since then, 1/65,536 s. */
  delaySinceLastReport = 0;

  /** Reads block `index` (0..count-1) of the report; false when there is none. */
  read(reader: RtcpReader, index: number): boolean {
    const isSender = reader.kind === RtcpKind.senderReport;
    if (!isSender && reader.kind !== RtcpKind.receiverReport) return false;
    if (index < 0 || index >= reader.count) return false;
    const { buf } = reader;
    const blocksAt = reader.at + (isSender ? SENDER_REPORT_LENGTH : RECEIVER_REPORT_LENGTH);
    const at = blocksAt + index * REPORT_BLOCK_LENGTH;
    this.ssrc = u32(buf, at);
    this.fractionLost = buf[at + 4]!;
    this.cumulativeLost = i24(buf, at + 5);
    this.extendedHighest = u32(buf, at + 8);
    this.jitter = u32(buf, at + 12);
    this.lastReport = u32(buf, at + 16);
    this.delaySinceLastReport = u32(buf, at + 20);
    return true;
  }
}

export interface SenderReport {
  readonly ssrc: number;
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly timestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
}

/**
 * Writes a sender report for which `blockCount` report blocks (0..31) are, or will be, behind its 28
 * bytes (`ReceptionStatistics.writeReportBlock`). Returns the length with the blocks.
 */
export function writeSenderReport(
  buf: Uint8Array,
  at: number,
  report: SenderReport,
  blockCount: number,
): number {
  const length = SENDER_REPORT_LENGTH + blockCount * REPORT_BLOCK_LENGTH;
  writeHeader(buf, at, blockCount, RtcpType.senderReport, length);
  putU32(buf, at + 4, report.ssrc);
  putU32(buf, at + 8, report.ntpSeconds);
  putU32(buf, at + 12, report.ntpFraction);
  putU32(buf, at + 16, report.timestamp);
  putU32(buf, at + 20, report.packetCount);
  putU32(buf, at + 24, report.octetCount);
  return length;
}

/** Writes a receiver report, likewise with its blocks behind 8 bytes. RFC 3550 §6.4.2. */
export function writeReceiverReport(
  buf: Uint8Array,
  at: number,
  ssrc: number,
  blockCount: number,
): number {
  const length = RECEIVER_REPORT_LENGTH + blockCount * REPORT_BLOCK_LENGTH;
  writeHeader(buf, at, blockCount, RtcpType.receiverReport, length);
  putU32(buf, at + 4, ssrc);
  return length;
}

/** The first word of every RTCP packet; `length` in bytes is a multiple of 4. */
export function writeHeader(
  buf: Uint8Array,
  at: number,
  count: number,
  packetType: RtcpType,
  length: number,
): void {
  buf[at] = 0x80 | count;
  buf[at + 1] = packetType;
  putU16(buf, at + 2, (length >> 2) - 1);
}

/**
 * Round-trip time in milliseconds from a report block: now - LSR - DLSR, all in 1/65,536 s; -1 when
 * the other side has no report of ours, or the result makes no sense. RFC 3550 §6.4.1.
 *
 * @param nowCompact middle 32 bits of the NTP time at the block's arrival.
 */
export function roundTripMs(nowCompact: number, lastReport: number, delay: number): number {
  if (lastReport === 0) return -1;
  const elapsed = (nowCompact - lastReport - delay) | 0;
  // Clocks of both ends differ in speed; a slightly negative time is a very short one.
  if (elapsed < -655) return -1;
  return Math.max(elapsed, 0) / 65.536;
}
