import type { Millis } from '@switchyard/core/base';
import type { IncomingMedia, OutgoingMedia, TransportId } from '@switchyard/core/media-api';
import { type RtcpKind, RtcpReader } from '@switchyard/core/rtcp';
import { RtpSession } from '../../src/peer/index.ts';
import type { RtpOutcome } from '../../src/peer/rtp-session.ts';
import type { Track } from '../../src/sfu/index.ts';
import { FakeOutlet } from './fake-outlet.ts';
import { SfuRig } from './sfu-rig.ts';

/** Our own SSRC in reports. */
export const OUR_SSRC = 0xabcd_ef01;
/** 2020-01-01 in ms since 1900. */
export const NTP_MS = 3_786_825_600_000;
const RTCP_AT = 4096;

/** The sending side of a transport that keeps the RTCP it is given, sub-packet by sub-packet. */
class SessionOutlet extends FakeOutlet {
  readonly rtcp: Uint8Array[] = [];

  constructor() {
    super(new Uint8Array(8192), 2048);
  }

  reserveRtcp(): number {
    return this.isReady ? RTCP_AT : -1;
  }

  sendRtcp(at: number, length: number): void {
    if (length > 1_180) throw new Error(`a compound of ${length} bytes`);
    this.rtcp.push(this.bytes.slice(at, at + length));
  }
}

/** One `RtpSession` in an `SfuRig`; its peer is the test. */
export class SessionRig {
  readonly sfu = new SfuRig();
  readonly outlet = new SessionOutlet();
  readonly forgotten: number[] = [];
  readonly session: RtpSession;

  constructor() {
    this.session = new RtpSession({
      transport: 1 as TransportId,
      outlet: this.outlet,
      pool: this.sfu.pool,
      clock: { ntpMs: (now) => now + NTP_MS },
      ssrc: OUR_SSRC,
      cname: 'switchyard',
      onForgotten: (ssrc) => void this.forgotten.push(ssrc),
    });
  }

  get now(): Millis {
    return this.sfu.now;
  }

  /** Opens a track for each m-line. */
  publish(...media: IncomingMedia[]): Track[] {
    this.session.setIncoming(media);
    return media.map((line) => {
      const track = this.sfu.track(line);
      this.session.openTrack(line.mid, track);
      return track;
    });
  }

  subscribe(track: Track, media: Partial<OutgoingMedia> = {}) {
    const { slot } = this.sfu.slot(media, this.outlet);
    this.session.addSlot(this.now, slot);
    slot.assign(this.now, track, { spatial: 9, temporal: 7 });
    return slot;
  }

  /** One packet of the peer, decrypted. */
  rtp(packet: Uint8Array): RtpOutcome {
    const { bytes } = this.outlet;
    bytes.set(packet, 0);
    const known = this.session.stream(new DataView(packet.buffer).getUint32(8));
    const outcome = this.session.handleRtp(this.now, 0, packet.length, known);
    for (const layer of this.sfu.context.dirty.splice(0)) layer.flush(this.now);
    this.sfu.pool.reset();
    return outcome;
  }

  rtcp(packet: Uint8Array): void {
    this.outlet.bytes.set(packet, 0);
    this.session.handleRtcp(this.now, 0, packet.length);
    this.sfu.turn();
  }

  /** Lets time pass as the worker does: never before the deadline, and it must move on. */
  pass(durationMs: number): void {
    const end = this.now + durationMs;
    for (;;) {
      const next = Math.max(this.session.nextTimeout(), this.now);
      if (next > end) break;
      this.sfu.pass(next - this.now);
      this.session.handleTimeout(this.now);
      if (this.session.nextTimeout() <= this.now)
        throw new Error('a deadline that stays in the past');
    }
    this.sfu.pass(end - this.now, 50);
  }

  /** Sub-packets sent since the last call, of one kind, each handed to `read`. */
  sent<Value>(kind: RtcpKind, read: (reader: RtcpReader) => Value): Value[] {
    const found: Value[] = [];
    for (const compound of this.outlet.rtcp) {
      const reader = new RtcpReader();
      reader.reset(compound, 0, compound.length);
      while (reader.next()) if (reader.kind === kind) found.push(read(reader));
    }
    return found;
  }

  clear(): void {
    this.outlet.rtcp.length = 0;
    this.outlet.take();
  }
}
