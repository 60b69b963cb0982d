import { after, diff16, earlier, type Millis, millis, NEVER } from '../base/index.ts';

/** A packet is asked for when it is this late, or when this many newer ones have come. */
const REORDER_GUARD_MS = 20;
const REORDER_GUARD_PACKETS = 2;
const MIN_REPEAT_MS = 20;
const MAX_REPEAT_MS = 200;
const INITIAL_RTT_MS = 100;
const MAX_TRIES = 10;
const MAX_AGE_MS = 1000;
/** Missing packets followed at once; more is an outage that only a key frame mends. */
const CAPACITY = 512;

/**
 * Finds the holes of one incoming stream and says what to ask for again (RFC 4585 §6.2.1). A hole that
 * is too old, asked for too often, or too large is given up, which sets `needsKeyframe`.
 *
 * After each `handle…` call drain `pollNack` and arm a timer for `nextTimeout`. Allocates nothing
 * after construction.
 */
export class NackGenerator {
  /** A hole was given up: video cannot be decoded without a key frame. The owner sets it back. */
  needsKeyframe = false;
  /** Packets that filled a hole after they had been asked for. */
  recoveredCount = 0;
  /** Requests made, each of one packet. */
  requestCount = 0;

  /** The missing packets, in ascending order; extended sequence numbers. */
  readonly #missing = new Float64Array(CAPACITY);
  readonly #missingSince = new Float64Array(CAPACITY);
  readonly #askedAt = new Float64Array(CAPACITY);
  readonly #tries = new Uint8Array(CAPACITY);
  #count = 0;
  /** Extended; -1 before the first packet. */
  #highest = -1;
  #now: Millis = millis(0);
  #repeatMs = INITIAL_RTT_MS;
  #next: Millis = NEVER;

  /** Packets missing at present. */
  get missingCount(): number {
    return this.#count;
  }

  /** Sets the round-trip time to the sender, which spaces the repetitions. */
  setRtt(rttMs: number): void {
    this.#repeatMs = Math.min(Math.max(rttMs, MIN_REPEAT_MS), MAX_REPEAT_MS);
    this.#next = this.#earliestDue();
  }

  /**
   * Takes in a packet of the stream. Retransmitted ones count like others, under their original number.
   * Returns whether the packet had been missing.
   */
  handlePacket(now: Millis, sequenceNumber: number, isRetransmission: boolean): boolean {
    this.#now = now;
    if (this.#highest < 0) {
      this.#highest = sequenceNumber + 0x10000;
      return false;
    }
    const ahead = diff16(sequenceNumber, this.#highest & 0xffff);
    if (ahead <= 0) return this.#fill(this.#highest + ahead, isRetransmission);
    if (ahead > 1) this.#noteHole(now, this.#highest + 1, ahead - 1);
    this.#highest += ahead;
    if (this.#count > 0) this.#next = this.#earliestDue();
    return false;
  }

  /** Advances time. */
  handleTimeout(now: Millis): void {
    this.#now = now;
  }

  /** When something is to be asked for or given up next; `NEVER` without holes. */
  nextTimeout(): Millis {
    return this.#next;
  }

  /**
   * Writes the sequence numbers to ask for now, in ascending order, and returns how many. When `out`
   * is full the rest follows with the next call.
   */
  pollNack(out: Uint16Array): number {
    const now = this.#now;
    if (now < this.#next) return 0;
    let asked = 0;
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (now - this.#missingSince[i]! >= MAX_AGE_MS) {
        this.needsKeyframe = true;
        continue;
      }
      let isAsked = false;
      if (asked < out.length && this.#dueAt(i) <= now) {
        if (this.#tries[i]! >= MAX_TRIES) {
          this.needsKeyframe = true;
          continue;
        }
        out[asked++] = this.#missing[i]! & 0xffff;
        isAsked = true;
      }
      this.#missing[kept] = this.#missing[i]!;
      this.#missingSince[kept] = this.#missingSince[i]!;
      this.#askedAt[kept] = isAsked ? now : this.#askedAt[i]!;
      this.#tries[kept] = this.#tries[i]! + (isAsked ? 1 : 0);
      kept++;
    }
    this.#count = kept;
    this.requestCount += asked;
    this.#next = this.#earliestDue();
    return asked;
  }

  /** Forgets the holes before a packet, as a key frame that begins there makes them needless. */
  forgetBefore(sequenceNumber: number): void {
    if (this.#count === 0) return;
    const start = this.#highest + diff16(sequenceNumber, this.#highest & 0xffff);
    let gone = 0;
    while (gone < this.#count && this.#missing[gone]! < start) gone++;
    this.#remove(0, gone);
  }

  #noteHole(now: Millis, first: number, length: number): void {
    if (this.#count + length > CAPACITY) {
      this.#count = 0;
      this.needsKeyframe = true;
      if (length > CAPACITY) return;
    }
    for (let i = 0; i < length; i++) {
      const index = this.#count++;
      this.#missing[index] = first + i;
      this.#missingSince[index] = now;
      this.#askedAt[index] = -1;
      this.#tries[index] = 0;
    }
  }

  #fill(sequence: number, isRetransmission: boolean): boolean {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#missing[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    if (low === this.#count || this.#missing[low] !== sequence) return false;
    if (isRetransmission || this.#tries[low]! > 0) this.recoveredCount++;
    this.#remove(low, 1);
    return true;
  }

  #remove(index: number, length: number): void {
    if (length === 0) return;
    const from = index + length;
    this.#missing.copyWithin(index, from, this.#count);
    this.#missingSince.copyWithin(index, from, this.#count);
    this.#askedAt.copyWithin(index, from, this.#count);
    this.#tries.copyWithin(index, from, this.#count);
    this.#count -= length;
    this.#next = this.#earliestDue();
  }

  #dueAt(index: number): Millis {
    if (this.#tries[index]! > 0) return millis(this.#askedAt[index]! + this.#repeatMs);
    const since = this.#missingSince[index]!;
    const isOvertaken = this.#highest - this.#missing[index]! >= REORDER_GUARD_PACKETS;
    return millis(isOvertaken ? since : since + REORDER_GUARD_MS);
  }

  #earliestDue(): Millis {
    let earliest = NEVER;
    for (let i = 0; i < this.#count; i++) {
      earliest = earlier(earliest, this.#dueAt(i));
      earliest = earlier(earliest, after(millis(this.#missingSince[i]!), MAX_AGE_MS));
    }
    return earliest;
  }
}
