import { type Millis, putU32, u32 } from '@switchyard/core/base';
import type { TrackId, WorkerId } from '@switchyard/core/media-api';
import type { IncomingPacket, KeyframeSource, PacketSink, Track } from '@switchyard/engine/sfu';
import { type PacketSlab, SeqpacketListener, SeqpacketSocket } from '../native/index.ts';
import type { SendRing } from './send-ring.ts';

/*
 * What passes between workers on a connected SOCK_SEQPACKET socket, one packet each:
 *
 *     +--------+--------+-----------------+-----------------------------+
 *     | kind   | layer  | 0               | track, 32 bit               |  then by kind:
 *     +--------+--------+-----------------+-----------------------------+
 *     hello: track is the sender's worker number.  media: the RTP packet, decrypted.  keyframe: nothing.
 *     clock: the layer's newest sender report: NTP ms (float64), clock offset ms (float64), RTP timestamp.
 */
const PipeKind = { hello: 0, media: 1, keyframe: 2, clock: 3 } as const;
const HEADER_LENGTH = 8;
const CLOCK_LENGTH = HEADER_LENGTH + 20;
const CONNECT_RETRY_MS = 200;

/** What the worker does with what comes out of a pipe. */
export interface PipeHost {
  readonly slab: PacketSlab;
  readonly receiveAt: number;
  readonly receiveSlots: number;
  readonly ring: SendRing;
  /** The piped or own track of that number; null when it is gone. */
  track(id: number): Track | null;
  /** Takes one RTP packet of a piped track. */
  handlePiped(now: Millis, track: Track, layer: number, at: number, length: number): void;
  watch(socket: SeqpacketSocket): void;
  unwatch(socket: SeqpacketSocket): void;
}

/** A track's way to one other worker. */
class PipeSink implements PacketSink {
  readonly track: Track;
  readonly #hub: PipeHub;
  readonly #to: WorkerId;
  readonly #reported: number[] = [];

  constructor(hub: PipeHub, track: Track, to: WorkerId) {
    this.#hub = hub;
    this.track = track;
    this.#to = to;
  }

  forward(now: Millis, trackId: number, layerIndex: number, packet: IncomingPacket): void {
    const layer = this.track.layers[layerIndex]!;
    if (this.#reported[layerIndex] !== layer.senderReportTimestamp) {
      this.#reported[layerIndex] = layer.senderReportTimestamp;
      this.#hub.sendClock(now, this.#to, this.track, layerIndex);
    }
    this.#hub.sendMedia(now, this.#to, trackId, layerIndex, packet);
  }
}

/** Carries tracks between the workers of one server, each layer once per worker. */
export class PipeHub {
  readonly #self: WorkerId;
  readonly #folder: string;
  readonly #host: PipeHost;
  readonly #listener: SeqpacketListener;
  /** Connections that we opened, for media to that worker. */
  readonly #outgoing = new Map<WorkerId, SeqpacketSocket>();
  readonly #retryAt = new Map<WorkerId, number>();
  /** Connections that others opened, by the worker that said hello. */
  readonly #incoming = new Map<SeqpacketSocket, WorkerId | null>();
  readonly #sinks: { readonly sink: PipeSink; readonly to: WorkerId }[] = [];

  /** Opens this worker's listening socket in `folder`, which only this server's user may enter. */
  constructor(self: WorkerId, folder: string, host: PipeHost) {
    this.#self = self;
    this.#folder = folder;
    this.#host = host;
    const opened = SeqpacketListener.open(this.#path(self));
    if (!opened.ok) throw new Error(`pipe socket: ${opened.error.code} ${opened.error.detail}`);
    this.#listener = opened.value;
  }

  get fd(): number {
    return this.#listener.fd;
  }

  /** Sends `track` to another worker from now on. */
  addSink(track: Track, to: WorkerId): void {
    if (this.#sinks.some((entry) => entry.sink.track === track && entry.to === to)) return;
    const sink = new PipeSink(this, track, to);
    this.#sinks.push({ sink, to });
    track.addSink(sink);
  }

  removeSink(track: Track, to: WorkerId): void {
    const index = this.#sinks.findIndex((entry) => entry.sink.track === track && entry.to === to);
    if (index < 0) return;
    track.removeSink(this.#sinks[index]!.sink);
    this.#sinks.splice(index, 1);
  }

  removeTrack(track: Track): void {
    for (const { sink, to } of [...this.#sinks])
      if (sink.track === track) this.removeSink(track, to);
  }

  /** Asks the worker that a piped track comes from for keyframes. */
  keyframeSource(id: TrackId, from: WorkerId): KeyframeSource {
    return {
      requestKeyframe: (_now, _ssrc, layer) => {
        for (const [socket, worker] of this.#incoming)
          if (worker === from) this.#send(socket, PipeKind.keyframe, layer, id, HEADER_LENGTH);
      },
    };
  }

  sendMedia(now: Millis, to: WorkerId, track: number, layer: number, packet: IncomingPacket): void {
    const socket = this.#connection(now, to);
    if (socket === null) return;
    const { view } = packet;
    const { ring } = this.#host;
    (view.buf as Buffer).copy(
      ring.bytes,
      ring.reserve() + HEADER_LENGTH,
      view.at,
      view.at + view.length,
    );
    this.#send(socket, PipeKind.media, layer, track, HEADER_LENGTH + view.length);
  }

  sendClock(now: Millis, to: WorkerId, track: Track, layerIndex: number): void {
    const socket = this.#connection(now, to);
    const layer = track.layers[layerIndex]!;
    if (socket === null || Number.isNaN(layer.senderReportNtpMs)) return;
    const { ring } = this.#host;
    const at = ring.reserve() + HEADER_LENGTH;
    ring.bytes.writeDoubleBE(layer.senderReportNtpMs, at);
    ring.bytes.writeDoubleBE(track.ntpOffsetMs, at + 8);
    putU32(ring.bytes, at + 16, layer.senderReportTimestamp);
    this.#send(socket, PipeKind.clock, layerIndex, track.id, CLOCK_LENGTH);
  }

  /** Takes waiting connections. */
  accept(): void {
    const { slab, receiveAt, receiveSlots } = this.#host;
    for (;;) {
      const socket = this.#listener.accept({ slab, receiveAt, receiveSlots });
      if (socket === undefined) return;
      this.#incoming.set(socket, null);
      this.#host.watch(socket);
    }
  }

  /** Takes what waits on one connection, of either direction. */
  receive(now: Millis, socket: SeqpacketSocket): void {
    const count = socket.receive();
    for (let i = 0; i < count; i++)
      this.#handle(now, socket, socket.positionOf(i), socket.lengthOf(i));
    if (socket.isEnded) this.#forget(socket);
  }

  flush(): void {
    for (const socket of this.#outgoing.values()) socket.flush();
    for (const socket of this.#incoming.keys()) socket.flush();
  }

  close(): void {
    for (const socket of [...this.#outgoing.values(), ...this.#incoming.keys()]) socket.close();
    this.#listener.close();
  }

  #handle(now: Millis, socket: SeqpacketSocket, at: number, length: number): void {
    if (length < HEADER_LENGTH) return;
    const { bytes } = this.#host.slab;
    const kind = bytes[at]!;
    const layer = bytes[at + 1]!;
    const id = u32(bytes, at + 4);
    if (kind === PipeKind.hello) {
      this.#incoming.set(socket, id as WorkerId);
      return;
    }
    const track = this.#host.track(id);
    const target = track?.layers[layer];
    if (track === null || target === undefined) return;
    if (kind === PipeKind.media)
      this.#host.handlePiped(now, track, layer, at + HEADER_LENGTH, length - HEADER_LENGTH);
    else if (kind === PipeKind.keyframe) target.wantKeyframe(now);
    else if (kind === PipeKind.clock && length >= CLOCK_LENGTH) {
      target.senderReportNtpMs = bytes.readDoubleBE(at + 8);
      track.ntpOffsetMs = bytes.readDoubleBE(at + 16);
      target.senderReportTimestamp = u32(bytes, at + 24);
    }
  }

  #connection(now: Millis, to: WorkerId): SeqpacketSocket | null {
    const known = this.#outgoing.get(to);
    if (known !== undefined) return known;
    if (now < (this.#retryAt.get(to) ?? 0)) return null;
    const { slab, receiveAt, receiveSlots } = this.#host;
    const opened = SeqpacketSocket.connect(this.#path(to), { slab, receiveAt, receiveSlots });
    if (!opened.ok) {
      this.#retryAt.set(to, now + CONNECT_RETRY_MS);
      return null;
    }
    const socket = opened.value;
    this.#outgoing.set(to, socket);
    this.#host.watch(socket);
    this.#send(socket, PipeKind.hello, 0, this.#self, HEADER_LENGTH);
    return socket;
  }

  #send(socket: SeqpacketSocket, kind: number, layer: number, track: number, length: number): void {
    const { ring } = this.#host;
    const at = ring.reserve();
    const { bytes } = ring;
    bytes[at] = kind;
    bytes[at + 1] = layer;
    bytes[at + 2] = 0;
    bytes[at + 3] = 0;
    putU32(bytes, at + 4, track);
    socket.queue(at, length);
    ring.take();
  }

  #forget(socket: SeqpacketSocket): void {
    this.#host.unwatch(socket);
    this.#incoming.delete(socket);
    for (const [worker, other] of this.#outgoing)
      if (other === socket) this.#outgoing.delete(worker);
    socket.close();
  }

  #path(worker: WorkerId): string {
    return `${this.#folder}/worker-${worker}.sock`;
  }
}
