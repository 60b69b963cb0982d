/**
 * libdatachannel publishes by WHIP and plays by WHEP: what one side sends as RTP payload the other gets byte for byte,
 * whoever is the DTLS client.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Audio,
  cleanup,
  type Direction,
  PeerConnection,
  type Track,
  Video,
} from 'node-datachannel';
import { TestServer } from '../support/index.ts';
import { until } from '../support/until.ts';
import { postOffer } from '../support/whip.ts';

type Role = 'actpass' | 'passive';

/** What is sent of one codec: payloads that a forwarder must be able to judge, then filler. */
interface Stream {
  readonly kind: 'audio' | 'video';
  readonly payloadType: number;
  readonly ticksPerPacket: number;
  readonly add: (media: Audio & Video, payloadType: number) => void;
  readonly payload: (number: number) => Buffer;
}

const PACKET_INTERVAL_MS = 20;
const KEYFRAME_EVERY = 25;
const WANTED = 60;

const STREAMS: Readonly<Record<'opus' | 'vp8' | 'h264', Stream>> = {
  opus: {
    kind: 'audio',
    payloadType: 111,
    ticksPerPacket: 960,
    add: (media, payloadType) => media.addOpusCodec(payloadType),
    // RFC 6716 §3.1: CELT, 20 ms, mono, one frame.
    payload: (number) => body([0xf8], number, 60),
  },
  vp8: {
    kind: 'video',
    payloadType: 96,
    ticksPerPacket: 1800,
    add: (media, payloadType) => media.addVP8Codec(payloadType),
    // RFC 7741 §4.2, §4.3: S bit, then the frame tag; a keyframe of 320 x 180 has a start code.
    payload: (number) =>
      number % KEYFRAME_EVERY === 0
        ? body([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00], number, 900)
        : body([0x10, 0x11, 0x02, 0x00], number, 300),
  },
  h264: {
    kind: 'video',
    payloadType: 102,
    ticksPerPacket: 1800,
    add: (media, payloadType) => media.addH264Codec(payloadType),
    // RFC 6184 §5.7.1: a STAP-A of SPS, PPS and IDR slice, or a single slice.
    payload: (number) =>
      number % KEYFRAME_EVERY === 0
        ? stapA([
            [0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe8],
            [0x68, 0xce, 0x3c, 0x80],
            [...body([0x65, 0x88, 0x84], number, 600)],
          ])
        : body([0x41, 0x9a], number, 300),
  },
};

const WHOLE: readonly (readonly [video: 'vp8' | 'h264', role: Role])[] = [
  ['vp8', 'actpass'],
  ['h264', 'passive'],
];

for (const [video, role] of WHOLE) {
  test(`Opus and ${video} pass byte for byte, the encoder being ${role}`, async () => {
    await using server = await TestServer.start();
    const streams = [STREAMS.opus, STREAMS[video]];
    using encoder = new Peer('sendonly', streams);
    const published = await postOffer(server, 'whip', 'ndc', 'encoder', await encoder.offer(role));
    encoder.answer(published.answer);
    await until('the encoder to connect', () => encoder.isOpen);

    using player = new Peer('recvonly', streams);
    const sending = encoder.send();
    const played = await postOffer(server, 'whep', 'ndc', 'player', await player.offer('actpass'));
    player.answer(played.answer);
    await until('all payloads', () => streams.every((_, at) => player.count(at) >= WANTED));
    sending.stop();

    for (const [at, stream] of streams.entries()) player.assertGot(at, stream);
    assert.equal(await played.close(), 200);
    assert.equal(await published.close(), 200);
  });
}

test.after(() => cleanup());

/** Native objects that JavaScript forgets end in the middle of a callback: all are kept until `cleanup`. */
const kept: unknown[] = [];

/** One PeerConnection with a track for each stream. */
class Peer implements Disposable {
  readonly #pc: PeerConnection;
  readonly #streams: readonly Stream[];
  readonly #tracks: readonly Track[];
  readonly #received: Buffer[][];

  constructor(direction: 'sendonly' | 'recvonly', streams: readonly Stream[]) {
    this.#streams = streams;
    this.#received = streams.map(() => []);
    this.#pc = new PeerConnection(direction, { iceServers: [], bindAddress: '127.0.0.1' });
    this.#tracks = streams.map((stream, at) => {
      // The package declares this parameter by an enumeration that it does not export.
      const way = (direction === 'sendonly' ? 'SendOnly' : 'RecvOnly') as Direction;
      const media = new (stream.kind === 'audio' ? Audio : Video)(String(at), way);
      stream.add(media as Audio & Video, stream.payloadType);
      if (direction === 'sendonly') media.addSSRC(1000 + at, 'encoder', 'stream', `track-${at}`);
      const track = this.#pc.addTrack(media);
      kept.push(media, track);
      track.onMessage((packet) => this.#take(at, packet));
      return track;
    });
  }

  /** The offer with all candidates, its DTLS role as wanted. */
  async offer(role: Role): Promise<string> {
    this.#pc.setLocalDescription();
    await until('candidates', () => this.#pc.gatheringState() === 'complete');
    const sdp = this.#pc.localDescription()?.sdp ?? '';
    return sdp.replaceAll('a=setup:actpass', `a=setup:${role}`);
  }

  answer(sdp: string): void {
    // As above.
    this.#pc.setRemoteDescription(
      sdp,
      'answer' as Parameters<PeerConnection['setRemoteDescription']>[1],
    );
  }

  get isOpen(): boolean {
    return this.#tracks.every((track) => track.isOpen());
  }

  send(): { stop(): void } {
    let number = 0;
    const timer = setInterval(() => {
      for (const [at, track] of this.#tracks.entries()) {
        const stream = this.#streams[at];
        if (stream && track.isOpen()) track.sendMessageBinary(rtp(stream, 1000 + at, number));
      }
      number++;
    }, PACKET_INTERVAL_MS);
    return { stop: () => clearInterval(timer) };
  }

  count(at: number): number {
    return this.#received[at]?.length ?? 0;
  }

  /** Every payload that came is one that was sent, without gaps from the first on. */
  assertGot(at: number, { payload, kind }: Stream): void {
    const received = this.#received[at] ?? [];
    const first = numberIn(received[0] ?? Buffer.alloc(0));
    for (const [index, got] of received.entries())
      assert.deepEqual(got, payload(first + index), `${kind} payload ${index}`);
    if (kind === 'video') assert.equal(first % KEYFRAME_EVERY, 0, 'video begins with a keyframe');
  }

  [Symbol.dispose](): void {
    kept.push(this.#pc);
    this.#pc.close();
  }

  #take(at: number, packet: Buffer): void {
    const type = packet[1] ?? 0;
    if (type >= 192 && type <= 223) return; // RTCP (RFC 5761 §4)
    const payload = payloadOf(packet);
    if (payload.length > 0) this.#received[at]?.push(payload);
  }
}

/** A payload that begins as given and ends with its number. */
function body(begin: readonly number[], number: number, length: number): Buffer {
  const payload = Buffer.alloc(length, number & 0xff);
  payload.set(begin);
  payload.writeUInt32BE(number, length - 4);
  return payload;
}

const numberIn = (payload: Buffer): number =>
  payload.length < 4 ? -1 : payload.readUInt32BE(payload.length - 4);

function stapA(units: readonly (readonly number[])[]): Buffer {
  const sized = units.map((unit) => Buffer.from([unit.length >> 8, unit.length & 0xff, ...unit]));
  return Buffer.concat([Buffer.from([0x78]), ...sized]);
}

/** RFC 3550 §5.1; every packet is a frame. */
function rtp(stream: Stream, ssrc: number, number: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = stream.payloadType | (stream.kind === 'video' ? 0x80 : 0);
  header.writeUInt16BE((number + 65_500) & 0xffff, 2);
  header.writeUInt32BE((number * stream.ticksPerPacket) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, stream.payload(number)]);
}

function payloadOf(packet: Buffer): Buffer {
  const [first = 0] = packet;
  let at = 12 + (first & 0x0f) * 4;
  if (first & 0x10) at += 4 + packet.readUInt16BE(at + 2) * 4;
  const padding = first & 0x20 ? (packet.at(-1) ?? 0) : 0;
  return Buffer.from(packet.subarray(at, packet.length - padding));
}
