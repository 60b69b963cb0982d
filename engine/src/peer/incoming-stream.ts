import { NackGenerator, ReceptionStatistics } from '@switchyard/core/rtp';
import type { SrtpReceiveStream } from '@switchyard/core/srtp';
import type { IncomingLine } from './incoming-line.ts';

/** One authenticated SSRC that a peer sends to us, bound to an m-line. */
export class IncomingStream {
  readonly ssrc: number;
  readonly line: IncomingLine;
  /** Simulcast layer; 0 without simulcast. */
  readonly layer: number;
  /** The stream that this one repairs (RFC 4588); null for media itself. */
  readonly repairs: IncomingStream | null;
  readonly statistics: ReceptionStatistics;
  /** Asks for what is missing; null where retransmission was not negotiated. */
  readonly nack: NackGenerator | null;
  /** Replay protection; null on transports without SRTP. */
  srtp: SrtpReceiveStream | null = null;
  /** A receiver report about it was sent. */
  reported = false;

  constructor(options: {
    ssrc: number;
    line: IncomingLine;
    layer: number;
    repairs: IncomingStream | null;
    clockRate: number;
    nack: boolean;
  }) {
    this.ssrc = options.ssrc;
    this.line = options.line;
    this.layer = options.layer;
    this.repairs = options.repairs;
    this.statistics = new ReceptionStatistics(options.ssrc, options.clockRate);
    this.nack = options.nack ? new NackGenerator() : null;
  }
}
