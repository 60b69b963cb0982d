import { after, diff16, type Millis, millis, NEVER, putU16, putU24 } from '../base/index.ts';
import { writeFeedbackHeader } from './feedback.ts';
import { RtcpType, TransportFeedbackFormat } from './packet-types.ts';
import { TICKS_PER_MS } from './transport-feedback-reader.ts';

const MIN_INTERVAL_MS = 50;
const DEFAULT_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 250;
/** So many packets are reported at once, whatever the interval. */
const MAX_WAITING = 100;
/** Feedback may take this share of the bandwidth; a packet of it has about so many bits. */
const BANDWIDTH_SHARE = 0.05;
const FEEDBACK_BITS = 68 * 8;
/** Packets remembered, a power of two: late ones are reported again together with what follows them. */
const WINDOW = 2048;
const FIXED_LENGTH = 20;
/** Keeps a feedback packet, encrypted and in UDP, within any path's MTU. */
const MAX_LENGTH = 1000;
const TICKS_PER_REFERENCE = 256;
const NOT_RECEIVED = -1;

/** Bytes to keep free for `pollFeedback`. */
export const MAX_TRANSPORT_FEEDBACK_LENGTH = MAX_LENGTH + 4;

/**
 * The receiver's side of transport-wide congestion control
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): notes when each packet of a transport arrived
 * and reports it. Every packet with the extension counts, also padding, RTX and those of unknown SSRCs:
 * Chrome's estimate is stuck at its start otherwise. Allocates nothing after construction.
 */
export class TransportFeedbackGenerator {
  /** The SSRC the feedback names as its subject; any one of the transport. */
  mediaSsrc = 0;
  readonly #senderSsrc: number;
  /** By extended sequence number modulo the window: arrival in ticks of 250 µs. */
  readonly #arrivals = new Float64Array(WINDOW).fill(NOT_RECEIVED);
  /** Statuses of the packet being written. */
  readonly #symbols = new Uint8Array(WINDOW);
  /** First extended number of the next feedback, and the highest received; -1 before the first. */
  #begin = -1;
  #highest = -1;
  #waiting = 0;
  #feedbackCount = 0;
  #intervalMs = DEFAULT_INTERVAL_MS;
  #sentAt: Millis = millis(Number.NEGATIVE_INFINITY);
  #due: Millis = NEVER;

  constructor(senderSsrc: number) {
    this.#senderSsrc = senderSsrc;
  }

  /** Spaces the feedback so that it takes at most 5 % of what can be sent to the peer. */
  setSendRate(bps: number): void {
    const interval = (FEEDBACK_BITS * 1000) / (BANDWIDTH_SHARE * Math.max(bps, 1));
    this.#intervalMs = Math.min(Math.max(interval, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
  }

  /** Notes a packet's arrival; the first arrival counts when there are several. */
  handlePacket(now: Millis, sequenceNumber: number): void {
    if (this.#highest < 0) {
      this.#highest = sequenceNumber + 0x10000;
      this.#begin = this.#highest;
    }
    const sequence = this.#highest + diff16(sequenceNumber, this.#highest & 0xffff);
    if (sequence <= this.#highest - WINDOW) return;
    if (sequence > this.#highest) this.#advance(sequence);
    const slot = sequence & (WINDOW - 1);
    if (this.#arrivals[slot] !== NOT_RECEIVED) return;
    this.#arrivals[slot] = Math.round(now * TICKS_PER_MS);
    // Late, and reported as lost: the next feedback starts with it.
    if (sequence < this.#begin) this.#begin = sequence;
    this.#waiting++;
    if (this.#waiting >= MAX_WAITING) this.#due = now;
    else if (this.#due === NEVER) {
      const due = after(this.#sentAt, this.#intervalMs);
      this.#due = due > now ? due : after(now, MIN_INTERVAL_MS);
    }
  }

  /** When feedback is to be sent next; `NEVER` when no packet waits for it. */
  nextTimeout(): Millis {
    return this.#due;
  }

  /**
   * Writes the feedback that is due, if any, as one RTCP packet of at most
   * `MAX_TRANSPORT_FEEDBACK_LENGTH` bytes; returns its length, 0 when none is due. Call until 0: large
   * gaps in time or number take several packets.
   */
  pollFeedback(now: Millis, buf: Uint8Array, at: number): number {
    if (now < this.#due) return 0;
    const base = this.#begin;
    const count = this.#plan(base);
    if (count === 0) {
      this.#due = NEVER;
      this.#waiting = 0;
      return 0;
    }
    const chunksEnd = this.#writeChunks(buf, at + FIXED_LENGTH, count);
    const reference = this.#referenceTime(base, count);
    const end = this.#writeDeltas(buf, chunksEnd, base, count, reference * TICKS_PER_REFERENCE);
    const padding = -(end - at) & 3;
    const length = end - at + padding;
    writeFeedbackHeader(
      buf,
      at,
      TransportFeedbackFormat.twcc,
      RtcpType.transportFeedback,
      length,
      this.#senderSsrc,
      this.mediaSsrc,
    );
    putU16(buf, at + 12, base & 0xffff);
    putU16(buf, at + 14, count);
    putU24(buf, at + 16, reference & 0xffffff);
    buf[at + 19] = this.#feedbackCount;
    if (padding > 0) {
      for (let i = end; i < at + length; i++) buf[i] = 0;
      buf[at] = buf[at]! | 0x20;
      buf[at + length - 1] = padding;
    }
    this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
    this.#begin = base + count;
    if (this.#begin > this.#highest) {
      this.#due = NEVER;
      this.#waiting = 0;
    }
    this.#sentAt = now;
    return length;
  }

  #advance(sequence: number): void {
    const steps = Math.min(sequence - this.#highest, WINDOW);
    for (let i = 0; i < steps; i++) this.#arrivals[(sequence - i) & (WINDOW - 1)] = NOT_RECEIVED;
    this.#highest = sequence;
    this.#begin = Math.max(this.#begin, sequence - WINDOW + 1);
  }

  /**
   * Works out the statuses from `base` on and returns how many one packet takes: up to the last received
   * one that fits in size and whose distance in time from the one before fits into 16 bits.
   */
  #plan(base: number): number {
    let deltaLength = 0;
    let count = 0;
    let last = NOT_RECEIVED;
    for (let sequence = base; sequence <= this.#highest; sequence++) {
      const arrival = this.#arrivals[sequence & (WINDOW - 1)]!;
      const index = sequence - base;
      if (arrival === NOT_RECEIVED) {
        this.#symbols[index] = 0;
        continue;
      }
      // The first delta counts from the reference time, which is less than 64 ms before.
      const delta = last === NOT_RECEIVED ? 0 : arrival - last;
      if (delta < -0x8000 || delta > 0x7fff) break;
      const symbol = delta >= 0 && delta <= 0xff ? 1 : 2;
      const chunkLength = 2 * Math.ceil((index + 1) / 7);
      if (FIXED_LENGTH + chunkLength + deltaLength + symbol > MAX_LENGTH) break;
      this.#symbols[index] = symbol;
      deltaLength += symbol;
      count = index + 1;
      last = arrival;
    }
    return count;
  }

  /** Runs where they are longer than what a vector holds, else vectors. Returns the end. */
  #writeChunks(buf: Uint8Array, start: number, count: number): number {
    const symbols = this.#symbols;
    let at = start;
    for (let i = 0; i < count; ) {
      const symbol = symbols[i]!;
      let run = 1;
      while (i + run < count && symbols[i + run] === symbol) run++;
      const isSmall = this.#fitsOneBit(i, Math.min(i + 14, count));
      const capacity = isSmall ? 14 : 7;
      if (run >= Math.min(capacity, count - i)) {
        putU16(buf, at, (symbol << 13) | run);
        i += run;
      } else {
        const bits = isSmall ? 1 : 2;
        let chunk = isSmall ? 0x8000 : 0xc000;
        const used = Math.min(capacity, count - i);
        for (let j = 0; j < used; j++) chunk |= symbols[i + j]! << (bits * (capacity - 1 - j));
        putU16(buf, at, chunk);
        i += used;
      }
      at += 2;
    }
    return at;
  }

  #fitsOneBit(from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (this.#symbols[i] === 2) return false;
    return true;
  }

  /** The first arrival, in units of 64 ms. */
  #referenceTime(base: number, count: number): number {
    for (let i = 0; i < count; i++) {
      const arrival = this.#arrivals[(base + i) & (WINDOW - 1)]!;
      if (arrival !== NOT_RECEIVED) return Math.floor(arrival / TICKS_PER_REFERENCE);
    }
    return 0;
  }

  #writeDeltas(
    buf: Uint8Array,
    start: number,
    base: number,
    count: number,
    referenceTicks: number,
  ): number {
    let at = start;
    let last = referenceTicks;
    for (let i = 0; i < count; i++) {
      const symbol = this.#symbols[i]!;
      if (symbol === 0) continue;
      const arrival = this.#arrivals[(base + i) & (WINDOW - 1)]!;
      const delta = arrival - last;
      last = arrival;
      if (symbol === 2) {
        putU16(buf, at, delta & 0xffff);
        at += 2;
      } else buf[at++] = delta;
    }
    return at;
  }
}
