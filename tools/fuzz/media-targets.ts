import { type Millis, millis } from '@switchyard/core/base';
import type { SlotId, TrackId, TransportId } from '@switchyard/core/media-api';
import {
  CodecKind,
  DependencyDescriptor,
  describePayload,
  ExtensionIds,
  extensionUri,
  FrameInfo,
  isRtxProbe,
  OutgoingHeader,
  RtpExtension,
  RtpView,
  rewriteVp8,
  unwrapRtx,
} from '@switchyard/core/rtp';
import { SrtpSendStream } from '@switchyard/core/srtp';
import { RtpSession } from '@switchyard/engine/peer';
import { PacketPool, SfuContext, Slot, Track } from '@switchyard/engine/sfu';
import { DEPENDENCY_DESCRIPTORS, PAYLOADS, RTCP, RTP } from './corpus.ts';
import { type FuzzTarget, readBetween } from './target.ts';

const CODECS = Object.values(CodecKind);

const rtp: FuzzTarget = {
  name: 'rtp',
  corpus: RTP,
  run: (input) =>
    void readBetween(input, (buf, at, length) => {
      const view = new RtpView();
      if (!view.parse(buf, at, length)) return false;
      const { headerLength, payloadLength, paddingLength } = view;
      if (headerLength + payloadLength + paddingLength !== length || payloadLength < 0)
        throw new Error('the parts are not the whole');
      const extensions: unknown[] = [];
      for (let id = 0; id < 256; id++)
        if (view.findExtension(id)) {
          if (view.extensionAt + view.extensionLength > view.payloadAt)
            throw new Error('an extension in the payload');
          extensions.push([id, view.extensionAt, view.extensionLength]);
        }
      const out = new Uint8Array(2048);
      const all = new ExtensionIds(Object.values(RtpExtension).map((kind) => [kind, kind]));
      const header = new OutgoingHeader({
        ssrc: 1,
        payloadType: 96,
        mid: 'abc',
        extensions: all,
        allowTwoByte: true,
      });
      const written = header.write(out, 512, view.marker, 1, 2, view, all);
      const reread = new RtpView();
      if (written > 0 && !reread.parse(out, 512 - written, written))
        throw new Error('the header we made of it cannot be read');
      return [headerLength, payloadLength, view.ssrc, extensions, written];
    }),
};

const rtx: FuzzTarget = {
  name: 'rtx',
  corpus: RTP,
  run(input) {
    const buf = new Uint8Array(input.length + 64).fill(0x5a);
    buf.set(input, 16);
    const view = new RtpView();
    if (!view.parse(buf, 16, input.length)) return;
    const { payloadLength } = view;
    const isProbe = isRtxProbe(view);
    if (unwrapRtx(buf, view, 96, 77)) {
      if (isProbe || view.ssrc !== 77 || view.payloadType !== 96)
        throw new Error('not the original');
      if (view.payloadLength !== payloadLength - 2) throw new Error('the payload has changed');
    }
    const end = 16 + input.length;
    if (buf.subarray(0, 16).some((byte) => byte !== 0x5a)) throw new Error('it wrote before');
    if (buf.subarray(end).some((byte) => byte !== 0x5a)) throw new Error('it wrote behind');
  },
};

const payloads: FuzzTarget = {
  name: 'payloads',
  corpus: PAYLOADS,
  run: (input) =>
    void readBetween(input, (buf, at, length) =>
      CODECS.map((codec) => {
        const info = new FrameInfo();
        if (!describePayload(codec, buf, at, length, true, info)) return false;
        if (info.pictureIdAt >= at + length || info.tl0At >= at + length)
          throw new Error('a field beyond the payload');
        if (info.descriptorLength > length) throw new Error('a descriptor beyond the payload');
        if (info.temporalId > 7 || info.spatialId > 7) throw new Error('no such layer');
        if (codec === CodecKind.vp8) rewriteVp8(buf.slice(), info, 0, 0x7fff, 255);
        return { ...info };
      }),
    ),
};

/** Keeps its template structure from one descriptor to the next, as a track does. */
const live = new DependencyDescriptor();
const dependencyDescriptor: FuzzTarget = {
  name: 'dependency-descriptor',
  corpus: DEPENDENCY_DESCRIPTORS,
  run(input) {
    readBetween(input, (buf, at, length) => {
      const descriptor = new DependencyDescriptor();
      const parsed = descriptor.parse(buf, at, length);
      return [parsed, parsed ? JSON.stringify(descriptor) : null];
    });
    live.parse(input, 0, input.length);
  },
};

const SLOT_LENGTH = 2048;

const codec = (name: 'vp8' | 'h264' | 'vp9' | 'av1' | 'opus', payloadType: number) => ({
  payloadType,
  name,
  clockRate: name === 'opus' ? 48_000 : 90_000,
  channels: 1,
  matchKey: name,
  fmtp: '',
  rtxPayloadType: name === 'opus' ? null : payloadType + 1,
  nack: true,
  pli: true,
  fir: true,
  remb: true,
  transportCc: true,
});
const VIDEO = [codec('vp8', 96), codec('h264', 98), codec('vp9', 100), codec('av1', 102)];
const EXTENSIONS = [
  RtpExtension.mid,
  RtpExtension.rid,
  RtpExtension.rrid,
  RtpExtension.transportCc,
];

/**
 * A whole transport behind its cryptography, as a participant with keys can reach it: packets go into a
 * session whose track has a slot on the same session, RTCP serves both.
 */
class Transport {
  readonly bytes = new Uint8Array(4 * SLOT_LENGTH);
  readonly isReady = true;
  readonly session: RtpSession;
  #now: Millis = millis(100_000);
  readonly #pool = new PacketPool(64);
  readonly #context: SfuContext;
  #next = 0;
  #lastSent = 0;

  constructor() {
    this.#context = new SfuContext(
      (source, sourceAt, length, target, targetAt) =>
        target.set(source.subarray(sourceAt, sourceAt + length), targetAt),
      { gsoPadding: true },
    );
    this.session = new RtpSession({
      transport: 1 as TransportId,
      outlet: this,
      pool: this.#pool,
      clock: { ntpMs: (now) => now + 3e12 },
      ssrc: 1,
      cname: 'fuzz',
    });
    const extensions = EXTENSIONS.map((kind) => ({ id: kind, uri: extensionUri(kind) }));
    const media = {
      mid: 'h',
      kind: 'video' as const,
      codecs: VIDEO,
      extensions,
      rids: ['a', 'b'],
      ssrcs: [1000, 1001, 1002].map((ssrc) => ({ ssrc, rtxSsrc: ssrc + 10 })),
      reducedSizeRtcp: true,
    };
    this.session.setIncoming([media]);
    const track = new Track({
      id: 1 as TrackId,
      media,
      source: this.session,
      context: this.#context,
    });
    this.session.openTrack('h', track);
    for (const ssrc of [20, 30]) {
      const slot = new Slot({
        id: ssrc as SlotId,
        media: { ...media, ssrc, rtxSsrc: ssrc + 1, cname: 'fuzz', allowTwoByteExtensions: true },
        outlet: this,
        context: this.#context,
        firstSequenceNumber: 1,
      });
      this.session.addSlot(this.#now, slot);
      slot.assign(this.#now, track, { spatial: ssrc === 20 ? 1 : 0, temporal: 7 });
    }
  }

  feed(input: Uint8Array): void {
    this.#now = millis(this.#now + 7);
    const now = this.#now;
    const { session } = this;
    const isRtcp = (input[1] ?? 0) >= 192 && (input[1] ?? 0) < 224;
    // As the layers below guarantee: a slot's worth of bytes, and the fixed header.
    if (input.length >= 12 && input.length <= 1_500) {
      this.bytes.fill(0, 0, SLOT_LENGTH);
      this.bytes.set(input, 0);
      if (input.length % 4 !== 0) this.#steer(isRtcp);
      if (isRtcp) session.handleRtcp(now, 0, input.length);
      else {
        const ssrc = new DataView(input.buffer, input.byteOffset).getUint32(8);
        session.handleRtp(now, 0, input.length, session.stream(ssrc));
      }
    }
    for (const layer of this.#context.dirty.splice(0)) layer.flush(now);
    this.#pool.reset();
    for (const slot of this.#context.replaying) slot.replay(now);
    for (const layer of this.#context.wanting) {
      if (layer.keyframes.poll(now)) layer.track.requestKeyframe(now, layer);
      if (!layer.keyframes.isWanted) this.#context.wanting.delete(layer);
    }
    this.#context.events.length = 0;
    if (now >= session.nextTimeout()) {
      session.handleTimeout(now);
      if (session.nextTimeout() <= now) throw new Error('a deadline that stays in the past');
    }
    if ([...session.binder.streams()].length > 64) throw new Error('too many streams');
  }

  /** Most packets would be too old, and most NACKs about nothing: makes them the next, and about the last. */
  #steer(isRtcp: boolean): void {
    const view = new DataView(this.bytes.buffer);
    if (isRtcp) view.setUint16(12, this.#lastSent);
    else {
      // One codec for a while: each change begins anew.
      const { payloadType } = VIDEO[(this.#next >> 8) % VIDEO.length]!;
      view.setUint8(1, (view.getUint8(1) & 0x80) | payloadType);
      view.setUint16(2, this.#next++ & 0xffff);
      view.setUint32(4, this.#next * 3_000);
    }
  }

  reserve(): number {
    return SLOT_LENGTH + 256;
  }

  send(_stream: SrtpSendStream, payloadAt: number, headerLength: number, length: number): void {
    const view = new RtpView();
    const start = payloadAt - headerLength;
    if (start < SLOT_LENGTH || payloadAt + length > 2 * SLOT_LENGTH)
      throw new Error('a packet beyond its slot');
    if (!view.parse(this.bytes, start, headerLength + length))
      throw new Error('a malformed packet was sent');
    this.#lastSent = view.sequenceNumber;
  }

  sendStream(ssrc: number): SrtpSendStream {
    return new SrtpSendStream(ssrc);
  }

  reserveRtcp(): number {
    return 2 * SLOT_LENGTH;
  }

  sendRtcp(_at: number, length: number): void {
    if (length > 1_200) throw new Error(`RTCP of ${length} bytes`);
  }
}

const transport = new Transport();
const session: FuzzTarget = {
  name: 'session',
  corpus: [...RTP, ...RTCP, ...mediaPackets()],
  run: (input) => transport.feed(input),
};

/** Packets that bind, describe and forward: every codec's payload on both layers, and RTX of them. */
function mediaPackets(): Uint8Array[] {
  return VIDEO.flatMap(({ payloadType }) =>
    PAYLOADS.flatMap((payload, i) =>
      [0, 1].map((layer) => {
        const isRtx = i % 5 === 4;
        const head = [0x80, payloadType + (isRtx ? 1 : 0), 0, i, 0, 0, i, 0, 0, 0];
        const ssrc = 1000 + layer + (isRtx ? 10 : 0);
        const original = isRtx ? [0, i - 1] : [];
        return Uint8Array.from([...head, ssrc >> 8, ssrc & 0xff, ...original, ...payload]);
      }),
    ),
  );
}

export const mediaTargets: readonly FuzzTarget[] = [
  rtp,
  rtx,
  payloads,
  dependencyDescriptor,
  session,
];
