import { writeCname, writeReceiverReport } from '@switchyard/core/rtcp';
import type { RtcpOutlet } from './ports.ts';

/** Every datagram we produce stays within 1200 bytes; SRTCP adds up to 20. */
const MAX_COMPOUND = 1_160;

/**
 * Collects sub-packets into compound packets of at most 1160 bytes. Each compound starts with a report, as
 * RFC 3550 §6.1 wants and Firefox, which offers no `rtcp-rsize` on audio, expects.
 */
export class RtcpBuilder {
  readonly #outlet: RtcpOutlet;
  readonly #ssrc: number;
  readonly #cname: Uint8Array;
  #at = -1;
  #length = 0;

  constructor(outlet: RtcpOutlet, ssrc: number, cname: Uint8Array) {
    this.#outlet = outlet;
    this.#ssrc = ssrc;
    this.#cname = cname;
  }

  get buf(): Uint8Array {
    return this.#outlet.bytes;
  }

  /**
   * Room for a sub-packet of up to `length` bytes: its position, or -1. When nothing stands in the compound
   * yet and `isReport` is false, an empty receiver report and the CNAME are put before it.
   */
  reserve(length: number, isReport: boolean): number {
    if (this.#at >= 0 && this.#length + length > MAX_COMPOUND) this.flush();
    if (this.#at < 0) {
      this.#at = this.#outlet.reserveRtcp();
      if (this.#at < 0) return -1;
      this.#length = 0;
      if (!isReport) {
        this.#length = writeReceiverReport(this.buf, this.#at, this.#ssrc, 0);
        this.cname(this.#ssrc);
      }
    }
    return this.#at + this.#length;
  }

  /** Keeps what was written at the reserved position. */
  commit(length: number): void {
    this.#length += length;
  }

  /** Appends the CNAME of an SSRC. */
  cname(ssrc: number): void {
    if (this.#at < 0) return;
    this.#length += writeCname(this.buf, this.#at + this.#length, ssrc, this.#cname);
  }

  /** Drops what was collected: it turned out that there was nothing to say. */
  abandon(): void {
    this.#at = -1;
    this.#length = 0;
  }

  /** Sends what was collected. */
  flush(): void {
    if (this.#at < 0) return;
    this.#outlet.sendRtcp(this.#at, this.#length);
    this.#at = -1;
    this.#length = 0;
  }
}
