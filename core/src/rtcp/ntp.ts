import type { Millis } from '../base/index.ts';

/** Seconds between 1900, where NTP begins, and 1970. RFC 5905 §6. */
const NTP_UNIX_SECONDS = 2_208_988_800;
const FRACTIONS = 2 ** 32;
/** Senders' clocks are set now and then; a difference beyond this is such a step, not delay. */
const CLOCK_STEP_MS = 1000;

/** Milliseconds since 1970 of an NTP time. */
export const unixMs = (ntpSeconds: number, ntpFraction: number): number =>
  (ntpSeconds - NTP_UNIX_SECONDS) * 1000 + (ntpFraction * 1000) / FRACTIONS;

/** The middle 32 bits of an NTP time, in 1/65,536 s: what LSR and DLSR are counted in. */
export const compactNtp = (ntpSeconds: number, ntpFraction: number): number =>
  ((ntpSeconds << 16) | (ntpFraction >>> 16)) >>> 0;

/**
 * The NTP time of this process's monotonic instants, for the reports it sends. It does not follow
 * later changes of the wall clock, so that reports stay consistent.
 */
export class NtpClock {
  readonly #offsetMs: number;

  /** @param unixOffsetMs wall clock (ms since 1970) minus monotonic clock, measured once. */
  constructor(unixOffsetMs: number) {
    this.#offsetMs = unixOffsetMs + NTP_UNIX_SECONDS * 1000;
  }

  /** Seconds since 1900, modulo 2^32. */
  seconds(now: Millis): number {
    return Math.floor((now + this.#offsetMs) / 1000) % FRACTIONS;
  }

  /** 2^-32 s. */
  fraction(now: Millis): number {
    const ms = now + this.#offsetMs;
    return Math.floor(((ms - Math.floor(ms / 1000) * 1000) / 1000) * FRACTIONS);
  }

  /** The middle 32 bits. */
  compact(now: Millis): number {
    return compactNtp(this.seconds(now), this.fraction(now));
  }
}

/**
 * Where a publisher's wall clock stands on our monotonic clock. One for all streams of a publisher:
 * whatever its error, audio and video share it and stay in step.
 */
export class PublisherClock {
  #offsetMs = Number.NaN;

  /** Takes in the NTP time of a sender report. */
  handleReport(now: Millis, ntpMs: number): void {
    const sample = now - ntpMs;
    const difference = sample - this.#offsetMs;
    // The least delayed report tells best; the slow rise follows the drift of the clocks.
    if (!(Math.abs(difference) < CLOCK_STEP_MS) || difference < 0) this.#offsetMs = sample;
    else this.#offsetMs += difference * 0.01;
  }

  /** Our instant of a time on the publisher's clock (ms since 1970). */
  toLocal(ntpMs: number): number {
    return ntpMs + this.#offsetMs;
  }
}

/**
 * Relates the timestamps of one incoming stream to our clock by its sender reports (RFC 3550 §6.4.1).
 *
 * An outgoing report at `now` carries `NtpClock` times and `rewriter.mapTimestamp(timestampAt(now))`;
 * so receivers play audio and video in step, and our own round-trip times can be had from their reports.
 * The hint for a switch between layers is `old.timestampAt(new.instantOf(view.timestamp))`.
 */
export class SenderReportMapper {
  readonly #clock: PublisherClock;
  readonly #clockRate: number;
  #ntpMs = Number.NaN;
  #timestamp = 0;

  /** @param clockRate of the codec, Hz. */
  constructor(clock: PublisherClock, clockRate: number) {
    this.#clock = clock;
    this.#clockRate = clockRate;
  }

  /** Whether a report has come; the mapping means nothing before. */
  get isReady(): boolean {
    return !Number.isNaN(this.#ntpMs);
  }

  /** Takes in a sender report of the stream. One without a wall clock (NTP time 0) tells nothing. */
  handleReport(now: Millis, ntpSeconds: number, ntpFraction: number, timestamp: number): void {
    if (ntpSeconds === 0 && ntpFraction === 0) return;
    this.#ntpMs = unixMs(ntpSeconds, ntpFraction);
    this.#timestamp = timestamp;
    this.#clock.handleReport(now, this.#ntpMs);
  }

  /** The stream's timestamp at an instant, modulo 2^32. */
  timestampAt(instant: Millis): number {
    const elapsedMs = instant - this.#clock.toLocal(this.#ntpMs);
    const ticks = Math.round((elapsedMs * this.#clockRate) / 1000);
    return (this.#timestamp + ticks) >>> 0;
  }

  /** The instant of a timestamp of the stream. */
  instantOf(timestamp: number): Millis {
    const ticks = (timestamp - this.#timestamp) | 0;
    return (this.#clock.toLocal(this.#ntpMs) + (ticks * 1000) / this.#clockRate) as Millis;
  }
}
