/*
 * The packet path without the kernel: one publisher's video frame forwarded to 50 slots, rewritten, given a header
 * and sealed. Prints CPU per forwarded packet, heap growth over 10^6 packets and the garbage collections in
 * that time. `node tools/bench/packet-path.ts [packets]`, with --expose-gc for an exact heap figure.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { millis } from '@switchyard/core/base';
import type { CodecParameters, SlotId, TrackId } from '@switchyard/core/media-api';
import { SrtpSender, type SrtpSendStream } from '@switchyard/core/srtp';
import { type Outlet, PacketPool, SfuContext, Slot, Track } from '@switchyard/engine/sfu';
import { openSrtpCipher, PacketSlab } from '@switchyard/runtime/native';

const SLOTS = 50;
const FRAME = 4;
const PAYLOAD = 1_150;
/** Size of the first partition, start code, 640 x 360: what follows the first byte of a VP8 keyframe. */
const FRAME_HEADER = [2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
const packets = Number(process.argv[2] ?? 1_000_000);

const slab = new PacketSlab(64 + 256);
const codec: CodecParameters = {
  payloadType: 96,
  name: 'vp8',
  clockRate: 90_000,
  channels: 1,
  matchKey: 'vp8',
  fmtp: '',
  rtxPayloadType: 97,
  nack: true,
  pli: true,
  fir: true,
  remb: false,
  transportCc: true,
};
const mid = { id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' };

/** Seals in place and counts; nothing is sent. */
class SealingOutlet implements Outlet {
  readonly bytes = slab.bytes;
  readonly isReady = true;
  readonly #sender = new SrtpSender(
    openSrtpCipher(
      'AEAD_AES_128_GCM',
      { masterKey: new Uint8Array(16).fill(1), masterSalt: new Uint8Array(12).fill(2) },
      slab,
      'send',
    ),
  );
  readonly #seals: boolean;
  #next = 0;
  sent = 0;

  constructor(seals: boolean) {
    this.#seals = seals;
  }

  reserve(): number {
    return slab.slotAt(64 + (this.#next & 255)) + 256;
  }

  send(
    stream: SrtpSendStream,
    payloadAt: number,
    headerLength: number,
    payloadLength: number,
    sequenceNumber: number,
  ): void {
    const length = headerLength + payloadLength;
    if (this.#seals)
      this.#sender.sealRtp(stream, payloadAt - headerLength, headerLength, length, sequenceNumber);
    this.#next++;
    this.sent++;
  }

  sendStream(ssrc: number): SrtpSendStream {
    return this.#sender.stream(ssrc);
  }
}

async function run(seals: boolean): Promise<void> {
  const copy = (s: Uint8Array, sAt: number, n: number, t: Uint8Array, tAt: number): void =>
    void Buffer.prototype.copy.call(s, t, tAt, sAt, sAt + n);
  const context = new SfuContext(copy, { gsoPadding: false });
  const track = new Track({
    id: 1 as TrackId,
    media: {
      mid: '0',
      kind: 'video',
      codecs: [codec],
      extensions: [mid],
      rids: [],
      ssrcs: [],
      reducedSizeRtcp: true,
    },
    source: { requestKeyframe: () => {} },
    context,
  });
  const outlets = Array.from({ length: SLOTS }, () => new SealingOutlet(seals));
  outlets.forEach((outlet, index) => {
    const slot = new Slot({
      id: index as SlotId,
      media: {
        mid: '1',
        kind: 'video',
        codecs: [codec],
        extensions: [mid],
        ssrc: 1000 + index,
        rtxSsrc: 5000 + index,
        cname: 'bench',
        allowTwoByteExtensions: true,
        reducedSizeRtcp: true,
      },
      outlet,
      context,
      firstSequenceNumber: index,
    });
    slot.assign(millis(0), track, { spatial: 2, temporal: 7 });
  });
  const pool = new PacketPool(FRAME);
  const layer = track.layers[0]!;
  let sequenceNumber = 0;
  let picture = 0;
  let time = 0;
  const frame = (): void => {
    const now = millis(time);
    time += 33;
    picture = (picture + 1) & 0x7fff;
    for (let i = 0; i < FRAME; i++) {
      const at = slab.slotAt(i);
      const { bytes } = slab;
      bytes[at] = 0x80;
      bytes[at + 1] = 96 | (i === FRAME - 1 ? 0x80 : 0);
      bytes.writeUInt16BE(sequenceNumber, at + 2);
      bytes.writeUInt32BE((time * 90) >>> 0, at + 4);
      bytes.writeUInt32BE(77, at + 8);
      bytes[at + 12] = i === 0 ? 0x90 : 0x80;
      bytes[at + 13] = 0x80;
      bytes.writeUInt16BE(0x8000 | picture, at + 14);
      bytes[at + 16] = picture % 90 === 1 ? 0x10 : 0x11;
      bytes.set(FRAME_HEADER, at + 17);
      sequenceNumber = (sequenceNumber + 1) & 0xffff;
      const packet = pool.take()!;
      packet.view.parse(bytes, at, 12 + PAYLOAD);
      track.receive(now, layer, packet);
    }
    for (const dirty of context.dirty) dirty.flush(now);
    context.dirty.length = 0;
    context.events.length = 0;
    pool.reset();
  };
  const frames = Math.ceil(packets / SLOTS / FRAME);
  for (let i = 0; i < frames; i++) frame();

  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const sentBefore = outlets.reduce((sum, outlet) => sum + outlet.sent, 0);
  const cpuBefore = process.cpuUsage();
  for (let i = 0; i < frames; i++) frame();
  const cpu = process.cpuUsage(cpuBefore);
  const grown = process.memoryUsage().heapUsed - heapBefore;
  const sent = outlets.reduce((sum, outlet) => sum + outlet.sent, 0) - sentBefore;
  // Collections are told by a task of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 50));
  observer.disconnect();
  console.log(
    JSON.stringify({
      bench: seals ? 'packet path, sealed' : 'packet path, not sealed',
      packets: sent,
      cpuNsPerPacket: Math.round(((cpu.user + cpu.system) * 1000) / sent),
      heapGrowthBytes: grown,
      collections,
    }),
  );
}

await run(false);
await run(true);
