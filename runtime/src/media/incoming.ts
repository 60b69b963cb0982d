import { classify, type Millis, PacketClass, type TransportAddress } from '@switchyard/core/base';
import { RtpOutcome, type WebRtcPeer } from '@switchyard/engine/peer';
import type { Track } from '@switchyard/engine/sfu';
import type { SeqpacketSocket } from '../native/index.ts';
import { DatagramSource } from './datagram-source.ts';
import type { FaultBoundary } from './fault-boundary.ts';
import { pathOf } from './paths.ts';
import type { StunRouter } from './stun-router.ts';
import type { UdpPort } from './udp-ports.ts';
import {
  BATCHES_PER_TURN,
  copyBytes,
  type PlainPort,
  RECEIVE_SLOTS,
  type WorkerState,
} from './worker-state.ts';

/** Takes what arrives on sockets, the TCP relay and pipes to whom it is for. One call stack for each datagram. */
export class Incoming {
  readonly #state: WorkerState;
  readonly #bytes: Buffer;
  readonly #stun: StunRouter;
  readonly #faults: FaultBoundary;
  readonly #source: DatagramSource;
  readonly #peerOfPath: (path: number) => WebRtcPeer | null;
  /** Of the turn, for the relay's datagrams. */
  #now: Millis;
  readonly #handleRelayed = (path: number, bytes: Uint8Array, length: number): void =>
    this.#relayed(path, bytes, length);

  constructor(state: WorkerState, stun: StunRouter, faults: FaultBoundary, now: Millis) {
    this.#state = state;
    this.#bytes = state.bytes;
    this.#stun = stun;
    this.#faults = faults;
    this.#source = new DatagramSource(state);
    this.#peerOfPath = (path) => state.paths.of(path);
    this.#now = now;
  }

  /** Takes what waits on one socket. */
  handlePort(now: Millis, port: UdpPort): void {
    const plain = this.#state.plain.get(port.number) ?? null;
    for (let batch = 0; batch < BATCHES_PER_TURN; batch++) {
      const count = port.socket.receive();
      for (let next = 0; next < count; ) next = this.#takeBatch(now, port, plain, next, count);
      this.#flushLayers(now);
      if (count < RECEIVE_SLOTS) break;
    }
  }

  /** Takes what waits on the TCP relay; false when it has ended. */
  handleTcp(now: Millis): boolean {
    const { tcp, paths } = this.#state;
    if (tcp === null) return false;
    this.#now = now;
    const isOpen = tcp.read(this.#handleRelayed);
    for (const path of tcp.takeClosed()) paths.removePath(path);
    return isOpen;
  }

  handlePipe(now: Millis, socket: SeqpacketSocket): void {
    this.#state.pipes?.receive(now, socket);
    this.#flushLayers(now);
  }

  /** A packet of a track of another worker. */
  handlePiped(now: Millis, track: Track, layer: number, at: number, length: number): void {
    const { pool, counters } = this.#state;
    const packet = pool.take();
    if (packet === null || !packet.view.parse(this.#bytes, at, length)) return;
    this.#faults.subject = null;
    try {
      const target = track.layers[layer]!; // the hub has looked
      target.setSsrc(packet.view.ssrc);
      counters.pipedReceived++;
      track.receive(now, target, packet);
    } catch (error) {
      this.#faults.handle(now, error);
    }
  }

  /** Handles the datagrams of a batch from `next` on; returns where to go on, behind one that ended its peer. */
  #takeBatch(
    now: Millis,
    port: UdpPort,
    plain: PlainPort | null,
    next: number,
    count: number,
  ): number {
    const { socket } = port;
    let i = next;
    try {
      for (; i < count; i++) {
        const length = socket.lengthOf(i);
        if (length === 0) continue;
        if (plain === null) this.#handleDatagram(now, port, i, socket.positionOf(i), length);
        else this.#handlePlain(now, plain, i, socket.positionOf(i), length);
      }
    } catch (error) {
      this.#faults.handle(now, error);
    }
    return i + 1;
  }

  #handleDatagram(now: Millis, port: UdpPort, index: number, at: number, length: number): void {
    const kind = classify(this.#bytes, at, length);
    if (kind === PacketClass.stun) {
      this.#source.move(port, index);
      this.#handleStun(now, at, length);
      return;
    }
    const tuple = port.socket.tupleOf(index);
    const path = tuple < 0 ? -1 : pathOf(port.number, tuple);
    const peer = this.#state.paths.of(path);
    if (peer === null) this.#state.counters.unknownSource++;
    else this.#handlePeerPacket(now, peer, path, kind, at, length);
  }

  #relayed(path: number, bytes: Uint8Array, length: number): void {
    const now = this.#now;
    try {
      // Slot 0 of the receive region: no batch is being worked on.
      copyBytes(bytes, 0, length, this.#bytes, 0);
      this.#dispatch(now, path, length, this.#state.tcp?.address(path) ?? null);
    } catch (error) {
      this.#faults.handle(now, error);
    }
    this.#flushLayers(now);
  }

  /** A datagram of the TCP relay: its path exists before it has authenticated. */
  #dispatch(now: Millis, path: number, length: number, address: TransportAddress | null): void {
    if (address === null) return;
    const kind = classify(this.#bytes, 0, length);
    if (kind === PacketClass.stun) {
      this.#source.moveTcp(path, address);
      this.#handleStun(now, 0, length);
      return;
    }
    const peer = this.#state.paths.of(path);
    if (peer === null) this.#state.counters.unknownSource++;
    else this.#handlePeerPacket(now, peer, path, kind, 0, length);
  }

  #handlePeerPacket(
    now: Millis,
    peer: WebRtcPeer,
    path: number,
    kind: PacketClass,
    at: number,
    length: number,
  ): void {
    const { counters, peers } = this.#state;
    this.#faults.subject = peer;
    switch (kind) {
      case PacketClass.rtp: {
        const outcome = peer.handleRtp(now, path, at, length);
        if (outcome === RtpOutcome.taken) counters.rtpReceived++;
        else counters.countRtp(outcome);
        break;
      }
      case PacketClass.rtcp:
        counters.countRtcp(peer.handleRtcp(now, path, at, length));
        break;
      case PacketClass.dtls:
        if (!peer.isHandshaking && peer.state === 'connecting' && this.#tooManyHandshakes()) {
          counters.handshakesRefused++;
          return;
        }
        if (!peer.handleDtls(now, path, at, length)) counters.dtlsDropped++;
        break;
      default:
        counters.unknownKind++;
        return;
    }
    peers.arm(peer);
  }

  #handleStun(now: Millis, at: number, length: number): void {
    const { counters, ring, peers } = this.#state;
    counters.stunReceived++;
    this.#faults.subject = null; // until the router knows
    const outAt = ring.reserve();
    const bytes = this.#bytes;
    const peer = this.#stun.handle(
      now,
      bytes,
      at,
      length,
      this.#source,
      bytes,
      outAt,
      this.#peerOfPath,
      this.#faults,
    );
    if (peer === null) return;
    peers.arm(peer);
    const path = this.#source.known();
    if (path >= 0 && this.#stun.isClaim) this.#state.paths.claim(peer, path);
  }

  #handlePlain(now: Millis, plain: PlainPort, index: number, at: number, length: number): void {
    const { peer, port } = plain;
    this.#faults.subject = peer;
    let tuple = port.socket.tupleOf(index);
    if (peer.remote < 0) {
      tuple = port.socket.acquireSource(index);
      peer.remote = tuple;
    }
    // Symmetric RTP with one latch: others cannot take the leg over.
    if (tuple < 0 || tuple !== peer.remote) return;
    const { counters } = this.#state;
    const kind = classify(this.#bytes, at, length);
    const { session } = peer;
    if (kind === PacketClass.rtp) {
      const ssrc = this.#bytes.readUInt32BE(at + 8);
      counters.countRtp(session.handleRtp(now, at, length, session.stream(ssrc)));
    } else if (kind === PacketClass.rtcp) session.handleRtcp(now, at, length);
  }

  /** Hands what came to the slots, and gives the batch's packets back. */
  #flushLayers(now: Millis): void {
    const { context, pool } = this.#state;
    const { dirty } = context;
    for (let next = 0; next < dirty.length; ) next = this.#flushFrom(now, next);
    dirty.length = 0;
    pool.reset();
  }

  /** Flushes the dirty layers from `next` on; returns where to go on, behind one whose flush ended a peer. */
  #flushFrom(now: Millis, next: number): number {
    const { dirty } = this.#state.context;
    this.#faults.subject = null;
    let i = next;
    try {
      for (; i < dirty.length; i++) dirty[i]!.flush(now);
    } catch (error) {
      this.#faults.handle(now, error);
    }
    return i + 1;
  }

  #tooManyHandshakes(): boolean {
    const { peers, settings } = this.#state;
    return peers.handshakeCount >= settings.limits.pendingHandshakes;
  }
}
