import type { DropReason } from '@switchyard/core/media-api';
import { RtpOutcome } from '@switchyard/engine/peer';
import type { UdpPort } from './udp-ports.ts';

/** Monotonic counts of a worker: every dropped packet has a reason here. */
export class Counters {
  rtpReceived = 0;
  rtcpReceived = 0;
  stunReceived = 0;
  pipedReceived = 0;
  sent = 0;
  /** Not STUN, from an address that has not authenticated itself. */
  unknownSource = 0;
  unknownKind = 0;
  /** Bad header, or a repair packet of nothing. */
  malformed = 0;
  /** SRTP and SRTCP whose tag is wrong: forged, damaged, or of other keys. RFC 3711 §3.3. */
  srtpUnauthenticated = 0;
  srtcpUnauthenticated = 0;
  /** Accepted before, or too old to tell. RFC 3711 §3.3.2. */
  srtpReplayed = 0;
  srtcpReplayed = 0;
  /** Of one transport more SSRCs than it may have. */
  tooManyStreams = 0;
  /** DTLS that could not belong to the association, by its record headers. */
  dtlsDropped = 0;
  unbound = 0;
  unpublished = 0;
  padding = 0;
  overload = 0;
  handshakesRefused = 0;

  countRtp(outcome: RtpOutcome): void {
    switch (outcome) {
      case RtpOutcome.malformed:
        this.malformed++;
        break;
      case RtpOutcome.unauthenticated:
        this.srtpUnauthenticated++;
        break;
      case RtpOutcome.replayed:
        this.srtpReplayed++;
        break;
      case RtpOutcome.tooManyStreams:
        this.tooManyStreams++;
        break;
      case RtpOutcome.unbound:
        this.unbound++;
        break;
      case RtpOutcome.unpublished:
        this.unpublished++;
        break;
      case RtpOutcome.padding:
        this.padding++;
        break;
      case RtpOutcome.overload:
        this.overload++;
        break;
      default:
        this.rtpReceived++;
    }
  }

  countRtcp(outcome: RtpOutcome): void {
    this.rtcpReceived++;
    if (outcome === RtpOutcome.unauthenticated) this.srtcpUnauthenticated++;
    else if (outcome === RtpOutcome.replayed) this.srtcpReplayed++;
    else if (outcome === RtpOutcome.unbound) this.unbound++;
  }

  /** What was dropped, by reason. */
  drops(): Record<DropReason, number> {
    const { unknownSource, unknownKind, malformed, unbound, unpublished, overload } = this;
    const { srtpUnauthenticated, srtcpUnauthenticated, srtpReplayed, srtcpReplayed } = this;
    const { tooManyStreams, dtlsDropped, handshakesRefused } = this;
    return {
      unknownSource,
      unknownKind,
      malformed,
      unbound,
      unpublished,
      overload,
      srtpUnauthenticated,
      srtcpUnauthenticated,
      srtpReplayed,
      srtcpReplayed,
      tooManyStreams,
      dtlsDropped,
      handshakesRefused,
    };
  }

  /** Name and value of everything, with the sockets' own counts added up. */
  snapshot(ports: readonly UdpPort[], stunRefused: number): Record<string, number> {
    const sum = (pick: (port: UdpPort) => number): number =>
      ports.reduce((total, port) => total + pick(port), 0);
    return {
      ...Object.fromEntries<number>(Object.entries(this)),
      stunRefused,
      datagramsReceived: sum(({ socket }) => socket.counters.datagramsReceived),
      bytesReceived: sum(({ socket }) => socket.counters.bytesReceived),
      datagramsSent: sum(({ socket }) => socket.counters.datagramsSent),
      bytesSent: sum(({ socket }) => socket.counters.bytesSent),
      sendDropped: sum(({ socket }) => socket.counters.dropped),
      sendRefused: sum(({ socket }) => socket.counters.refused),
      sendCalls: sum(({ socket }) => socket.counters.sendCalls),
      segmentedMessages: sum(({ socket }) => socket.counters.segmentedMessages),
    };
  }
}
