import { type Millis, putU16 } from '@switchyard/core/base';
import type { OutgoingHeader } from '@switchyard/core/rtp';
import type { SrtpSendStream } from '@switchyard/core/srtp';
import { IncomingPacket } from './incoming-packet.ts';
import { readPacket } from './keyframe-replay.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { Outlet } from './ports.ts';
import { SentLog } from './sent-log.ts';
import type { Track } from './track.ts';

/** A NACK for the same packet is served again only after this, ms, or one round trip if longer. */
const MIN_REPEAT_MS = 20;
/** Retransmissions per second of a slot, as a share of what it sends (PROTOCOLS: 25 %), with a floor in bytes. */
const REPEAT_SHARE = 0.25;
const REPEAT_FLOOR_BYTES = 30_000;

/** One SSRC's packets: their header and their keys. */
export interface OutgoingStream {
  readonly header: OutgoingHeader;
  readonly srtp: SrtpSendStream;
}

export interface RetransmitterOptions {
  readonly outlet: Outlet;
  readonly writer: PacketWriter;
  readonly media: OutgoingStream;
  /** Null when RTX was not negotiated. */
  readonly rtx: OutgoingStream | null;
  /** Of the RTX stream. */
  readonly firstSequenceNumber: number;
}

/**
 * Remembers what a slot has sent and sends it again when the receiver misses it: over RTX if that was negotiated
 * (RFC 4588), as it was otherwise.
 */
export class Retransmitter {
  /** RTX's payload type for the codec in use; -1 for none. */
  rtxPayloadType = -1;
  readonly #outlet: Outlet;
  readonly #writer: PacketWriter;
  readonly #media: OutgoingStream;
  readonly #rtx: OutgoingStream | null;
  #rtxSequenceNumber: number;
  /** Made with the first packet: most slots of a large layout stay empty. */
  #log: SentLog | null = null;
  readonly #packet = new IncomingPacket();
  #budgetAt = 0;
  #budgetBytes = 0;

  constructor({ outlet, writer, media, rtx, firstSequenceNumber }: RetransmitterOptions) {
    this.#outlet = outlet;
    this.#writer = writer;
    this.#media = media;
    this.#rtx = rtx;
    this.#rtxSequenceNumber = firstSequenceNumber;
  }

  /** What the log holds, to write to: on the packet path one object less than through here. */
  get log(): SentLog {
    this.#log ??= new SentLog();
    return this.#log;
  }

  /** What was sent cannot be made again. */
  forget(): void {
    this.#log?.clear();
  }

  /** Sends a packet again, within the budget and once per round trip; false when it does not. */
  retransmit(
    now: Millis,
    track: Track,
    sequenceNumber: number,
    rttMs: number,
    rateBps: number,
  ): boolean {
    const log = this.#log;
    if (log === null || !log.find(sequenceNumber)) return false;
    const history = track.layers[log.layer]?.history;
    if (history === null || history === undefined) return false;
    if (!log.mayRepeat(sequenceNumber, now, Math.max(MIN_REPEAT_MS, rttMs))) return false;
    const packet = this.#packet;
    if (track.codec === null) return false;
    if (!readPacket(history, log.sourceSequenceNumber, packet.view)) return false;
    if (!this.#takeBudget(now, packet.view.length, rateBps)) return false;
    packet.describe(track.codec.kind);
    const payloadAt = this.#outlet.reserve();
    if (payloadAt < 0) return true;
    if (this.#rtx !== null && this.rtxPayloadType >= 0)
      this.#sendRtx(this.#rtx, payloadAt, track, log, sequenceNumber);
    else this.#sendAgain(payloadAt, track, log, sequenceNumber);
    return true;
  }

  /** RFC 4588 §4: the original number stands before the payload. */
  #sendRtx(
    rtx: OutgoingStream,
    payloadAt: number,
    track: Track,
    log: SentLog,
    sequenceNumber: number,
  ): void {
    const { view } = this.#packet;
    const number = this.#rtxSequenceNumber;
    this.#rtxSequenceNumber = (number + 1) & 0xffff;
    const headerLength = this.#write(rtx.header, payloadAt, track, log, number, 2);
    putU16(this.#outlet.bytes, payloadAt, sequenceNumber);
    this.#outlet.send(rtx.srtp, payloadAt, headerLength, view.payloadLength + 2, number);
  }

  /** The same index must carry the same bytes: repeat the padding, and only while the header is what it was. */
  #sendAgain(payloadAt: number, track: Track, log: SentLog, sequenceNumber: number): void {
    const { view } = this.#packet;
    const { header, srtp } = this.#media;
    const headerLength = this.#write(header, payloadAt, track, log, sequenceNumber, 0);
    const padding = this.#writer.pad(payloadAt, headerLength, view, log.padding);
    const length = view.payloadLength + padding;
    this.#outlet.send(srtp, payloadAt, headerLength, length, sequenceNumber);
  }

  #write(
    header: OutgoingHeader,
    payloadAt: number,
    track: Track,
    log: SentLog,
    number: number,
    shift: number,
  ): number {
    const { view, info } = this.#packet;
    const { timestamp, pictureId, tl0PicIdx } = log;
    return this.#writer.write(
      header,
      payloadAt,
      view,
      info,
      track.ids,
      number,
      timestamp,
      shift,
      pictureId,
      tl0PicIdx,
    );
  }

  #takeBudget(now: Millis, length: number, rateBps: number): boolean {
    if (now - this.#budgetAt >= 1_000) {
      this.#budgetAt = now;
      this.#budgetBytes = 0;
    }
    const limit = Math.max(REPEAT_FLOOR_BYTES, (rateBps / 8) * REPEAT_SHARE);
    if (this.#budgetBytes + length > limit) return false;
    this.#budgetBytes += length;
    return true;
  }
}
