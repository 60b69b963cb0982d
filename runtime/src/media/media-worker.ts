import { randomBytes, randomInt } from 'node:crypto';
import {
  classify,
  DeadlineHeap,
  earlier,
  type Millis,
  millis,
  NEVER,
  PacketClass,
  parseIp,
  type Random,
  type TransportAddress,
} from '@switchyard/core/base';
import type {
  MediaCommand,
  MediaNotice,
  TrackId,
  TransportId,
  TransportState,
  WorkerSettings,
} from '@switchyard/core/media-api';
import type { SrtpCipher, SrtpMasterKeys, SrtpProfile } from '@switchyard/core/srtp';
import {
  type PeerHost,
  type PlainHost,
  PlainPeer,
  RtpOutcome,
  type WallClock,
  WebRtcPeer,
} from '@switchyard/engine/peer';
import { PacketPool, SfuContext, Slot, Track } from '@switchyard/engine/sfu';
import {
  OpensslDtlsContext,
  openSrtpCipher,
  PacketSlab,
  type SeqpacketSocket,
} from '../native/index.ts';
import { Counters } from './counters.ts';
import { Housekeeping } from './housekeeping.ts';
import { pathOf, portOf, remoteOf, TCP_PORT } from './paths.ts';
import { PipeHub } from './pipe-hub.ts';
import { SendRing } from './send-ring.ts';
import { stunCrypto } from './stun-crypto.ts';
import { StunRouter, type StunSource } from './stun-router.ts';
import type { TcpPaths } from './tcp-paths.ts';
import { openUdpPort, type UdpPort } from './udp-ports.ts';

/** Datagrams taken by one system call; also the most packets that are worked on together. */
const RECEIVE_SLOTS = 128;
/** Outgoing datagrams between two flushes at most. */
const SEND_SLOTS = 256;
/** Batches per socket and turn: then timers and the other sockets have their turn. */
const BATCHES_PER_TURN = 4;
/** A replay of a keyframe cache goes on in the next turn, which comes after this. */
const REPLAY_INTERVAL_MS = 5;
/** Seconds from 1900 (NTP) to 1970. */
const NTP_EPOCH_S = 2_208_988_800;

const random: Random = { fill: (out) => void out.set(randomBytes(out.length)) };

/** Plain transports' sockets are numbered from here; the shared ones below. */
const FIRST_PLAIN_PORT = 300;

/** What the loop has to wait on besides the sockets that it found at the start. */
export interface LoopHooks {
  watchPipe(socket: SeqpacketSocket, watch: boolean): void;
  watchPort(port: UdpPort, watch: boolean): void;
}

type Peer = WebRtcPeer | PlainPeer;
interface PlainPort {
  readonly peer: PlainPeer;
  readonly port: UdpPort;
}

/**
 * Everything of one media worker but the loop that calls it: sockets, transports, tracks, slots. One turn:
 * `handlePort` for each readable socket, then `finishTurn`. Commands come between turns.
 */
export class MediaWorker implements PeerHost, PlainHost {
  readonly bytes: Buffer;
  readonly counters = new Counters();
  readonly ports: UdpPort[] = [];
  /** Set when the server relays TCP. */
  tcp: TcpPaths | null = null;
  pipes: PipeHub | null = null;
  readonly tracks = new Map<number, Track>();
  readonly slots = new Map<number, Slot>();
  readonly peers = new Map<number, Peer>();
  readonly notices: MediaNotice[] = [];
  readonly context: SfuContext;

  readonly #settings: WorkerSettings;
  readonly #slab: PacketSlab;
  readonly #ring: SendRing;
  readonly #pool = new PacketPool(RECEIVE_SLOTS * BATCHES_PER_TURN);
  readonly #dtls = new OpensslDtlsContext();
  readonly #stun: StunRouter;
  readonly #deadlines = new DeadlineHeap();
  /** Peers by their small number, for the deadlines. */
  readonly #byIndex: (WebRtcPeer | null)[] = [];
  readonly #free: number[] = [];
  /** Owner of each path: per socket, by tuple. */
  readonly #owners = new Map<number, (WebRtcPeer | null)[]>();
  readonly #pathsOf = new Map<WebRtcPeer, Set<number>>();
  readonly #plain = new Map<number, PlainPort>();
  readonly #homes = new Map<Track | Slot, Peer>();
  readonly #housekeeping: Housekeeping;
  readonly #source: DatagramSource;
  readonly #peerOfPath = (path: number): WebRtcPeer | null =>
    this.#owners.get(portOf(path))?.[remoteOf(path)] ?? null;
  readonly #clock: WallClock;
  readonly #hooks: LoopHooks;
  #nextPlainPort = FIRST_PLAIN_PORT;

  constructor(settings: WorkerSettings, now: Millis, hooks: LoopHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#slab = new PacketSlab(RECEIVE_SLOTS * BATCHES_PER_TURN + SEND_SLOTS);
    this.bytes = this.#slab.bytes;
    this.#ring = new SendRing(this.#slab, RECEIVE_SLOTS * BATCHES_PER_TURN, SEND_SLOTS, () =>
      this.flush(),
    );
    this.context = new SfuContext(copyBytes, { gsoPadding: settings.gsoPadding });
    this.#stun = new StunRouter(
      settings.limits.unauthenticatedChecksPerSecond,
      randomInt(0x7fffffff),
    );
    this.#source = new DatagramSource(this);
    // One offset for the life of the process: sender reports must not jump when the system's clock is set.
    const offsetMs = Date.now() + NTP_EPOCH_S * 1000 - now;
    this.#clock = { ntpMs: (instant) => instant + offsetMs };
    this.#housekeeping = new Housekeeping(this, now);
  }

  get fingerprint() {
    return this.#dtls.fingerprint;
  }

  /** Opens the sockets of the settings. Rejects with a sentence when one cannot be had. */
  async open(): Promise<void> {
    for (const { address, port } of this.#settings.udp) {
      const opened = await openUdpPort({ ...this.#portOptions(), address, port });
      if (!opened.ok)
        throw new Error(
          `udp ${address} port ${port}: ${opened.error.code} (${opened.error.detail})`,
        );
      this.ports.push(opened.value);
    }
    const { pipeFolder, worker } = this.#settings;
    if (pipeFolder !== null && this.#settings.sockets === 'batch')
      this.pipes = new PipeHub(worker, pipeFolder, {
        slab: this.#slab,
        receiveAt: 0,
        receiveSlots: RECEIVE_SLOTS,
        ring: this.#ring,
        track: (id) => this.tracks.get(id) ?? null,
        handlePiped: (now, track, layer, at, length) =>
          this.#handlePiped(now, track, layer, at, length),
        watch: (socket) => this.#hooks.watchPipe(socket, true),
        unwatch: (socket) => this.#hooks.watchPipe(socket, false),
      });
  }

  // --- incoming -----------------------------------------------------------------------------------

  /** Takes what waits on one socket. */
  handlePort(now: Millis, port: UdpPort): void {
    const { socket } = port;
    for (let batch = 0; batch < BATCHES_PER_TURN; batch++) {
      const count = socket.receive();
      for (let i = 0; i < count; i++) {
        const length = socket.lengthOf(i);
        if (length > 0) this.#handleDatagram(now, port, i, socket.positionOf(i), length);
      }
      this.#flushLayers(now);
      if (count < RECEIVE_SLOTS) break;
    }
  }

  /** Takes what waits on the TCP relay; false when it has ended. */
  handleTcp(now: Millis): boolean {
    const { tcp } = this;
    if (tcp === null) return false;
    const isOpen = tcp.read((path, bytes, length) => {
      // Slot 0 of the receive region: no batch is being worked on.
      copyBytes(bytes, 0, length, this.bytes, 0);
      this.#dispatch(now, path, 0, length, tcp.address(path));
      this.#flushLayers(now);
    });
    for (const path of tcp.takeClosed()) {
      const peer = this.#peerOfPath(path);
      if (peer !== null) this.#disown(peer, path);
    }
    return isOpen;
  }

  handlePipe(now: Millis, socket: SeqpacketSocket): void {
    this.pipes?.receive(now, socket);
    this.#flushLayers(now);
  }

  #handleDatagram(now: Millis, port: UdpPort, index: number, at: number, length: number): void {
    const plain = this.#plain.get(port.number);
    if (plain !== undefined) {
      this.#handlePlain(now, plain, index, at, length);
      return;
    }
    const kind = classify(this.bytes, at, length);
    if (kind === PacketClass.stun) {
      this.#source.move(port, index);
      this.#handleStun(now, at, length);
      return;
    }
    const tuple = port.socket.tupleOf(index);
    const peer = tuple < 0 ? null : (this.#owners.get(port.number)?.[tuple] ?? null);
    if (peer === null) this.counters.unknownSource++;
    else this.#handlePeerPacket(now, peer, pathOf(port.number, tuple), kind, at, length);
  }

  /** A datagram of the TCP relay: its path exists before it has authenticated. */
  #dispatch(
    now: Millis,
    path: number,
    at: number,
    length: number,
    address: TransportAddress | null,
  ): void {
    if (address === null) return;
    const kind = classify(this.bytes, at, length);
    if (kind === PacketClass.stun) {
      this.#source.moveTcp(path, address);
      this.#handleStun(now, at, length);
      return;
    }
    const peer = this.#peerOfPath(path);
    if (peer === null) this.counters.unknownSource++;
    else this.#handlePeerPacket(now, peer, path, kind, at, length);
  }

  #handlePeerPacket(
    now: Millis,
    peer: WebRtcPeer,
    path: number,
    kind: PacketClass,
    at: number,
    length: number,
  ): void {
    switch (kind) {
      case PacketClass.rtp: {
        const outcome = peer.handleRtp(now, path, at, length);
        if (outcome === RtpOutcome.taken) this.counters.rtpReceived++;
        else this.counters.countRtp(outcome);
        break;
      }
      case PacketClass.rtcp:
        this.counters.rtcpReceived++;
        peer.handleRtcp(now, path, at, length);
        break;
      case PacketClass.dtls:
        if (!peer.isHandshaking && peer.state === 'connecting' && this.#tooManyHandshakes()) {
          this.counters.handshakesRefused++;
          return;
        }
        peer.handleDtls(now, path, at, length);
        break;
      default:
        this.counters.unknownKind++;
        return;
    }
    this.#arm(peer);
  }

  #handleStun(now: Millis, at: number, length: number): void {
    this.counters.stunReceived++;
    const outAt = this.#ring.reserve();
    const peer = this.#stun.handle(
      now,
      this.bytes,
      at,
      length,
      this.#source,
      this.bytes,
      outAt,
      this.#peerOfPath,
    );
    if (peer !== null) this.#arm(peer);
  }

  #handlePlain(now: Millis, plain: PlainPort, index: number, at: number, length: number): void {
    const { peer, port } = plain;
    let tuple = port.socket.tupleOf(index);
    if (peer.remote < 0) {
      tuple = port.socket.acquireSource(index);
      peer.remote = tuple;
    }
    // Symmetric RTP with one latch: others cannot take the leg over.
    if (tuple < 0 || tuple !== peer.remote) return;
    const kind = classify(this.bytes, at, length);
    const { session } = peer;
    if (kind === PacketClass.rtp) {
      const ssrc = this.bytes.readUInt32BE(at + 8);
      this.counters.countRtp(session.handleRtp(now, at, length, session.stream(ssrc)));
    } else if (kind === PacketClass.rtcp) session.handleRtcp(now, at, length);
  }

  #handlePiped(now: Millis, track: Track, layer: number, at: number, length: number): void {
    const packet = this.#pool.take();
    if (packet === null || !packet.view.parse(this.bytes, at, length)) return;
    const target = track.layers[layer]!;
    target.setSsrc(packet.view.ssrc);
    this.counters.pipedReceived++;
    track.receive(now, target, packet);
  }

  /** Hands what came to the slots, and gives the batch's packets back. */
  #flushLayers(now: Millis): void {
    const { dirty } = this.context;
    for (let i = 0; i < dirty.length; i++) dirty[i]!.flush(now);
    dirty.length = 0;
    this.#pool.reset();
  }

  // --- the end of a turn --------------------------------------------------------------------------

  /** Timers, replays, keyframe requests, notices, and the last flush. */
  finishTurn(now: Millis): void {
    for (let index = this.#deadlines.popDue(now); index >= 0; index = this.#deadlines.popDue(now)) {
      const peer = this.#byIndex[index] ?? null;
      if (peer === null) continue;
      peer.armedAt = NEVER;
      peer.handleTimeout(now);
      this.#arm(peer);
    }
    for (const { peer } of this.#plain.values())
      if (now >= peer.nextTimeout()) peer.handleTimeout(now);
    for (const slot of this.context.replaying) slot.replay(now);
    for (const layer of this.context.wanting) {
      if (layer.keyframes.poll(now)) layer.track.requestKeyframe(now, layer);
      if (!layer.keyframes.isWanted) this.context.wanting.delete(layer);
    }
    this.#housekeeping.handleTimeout(now);
    this.#drainEvents(now);
    this.flush();
  }

  nextTimeout(): Millis {
    let next = earlier(this.#deadlines.earliest, this.#housekeeping.nextTimeout());
    if (this.context.replaying.size > 0) next = earlier(next, millis(this.#replayAt()));
    for (const layer of this.context.wanting) next = earlier(next, layer.keyframes.nextTimeout());
    for (const { peer } of this.#plain.values()) next = earlier(next, peer.nextTimeout());
    return next;
  }

  flush(): void {
    for (const port of this.ports) port.socket.flush();
    for (const { port } of this.#plain.values()) port.socket.flush();
    this.pipes?.flush();
    this.tcp?.flush();
  }

  #replayAt(): number {
    return performance.now() + REPLAY_INTERVAL_MS;
  }

  #drainEvents(now: Millis): void {
    const { events } = this.context;
    for (const event of events)
      if (event.kind === 'slotSwitched') {
        const { slot, track, rtpTimestamp } = event;
        this.notices.push({
          kind: 'slotSwitched',
          slot: slot as never,
          track: track as TrackId,
          rtpTimestamp,
        });
        const owner = this.slots.get(slot);
        if (owner !== undefined) this.#homes.get(owner)?.session.reportSoon(now);
      } else if (event.kind === 'slotUnavailable')
        this.notices.push({
          kind: 'slotUnavailable',
          slot: event.slot as never,
          track: event.track as TrackId,
          reason: 'codec',
        });
      else this.#housekeeping.announce(event.track);
    events.length = 0;
  }

  // --- commands -----------------------------------------------------------------------------------

  handleCommand(now: Millis, command: MediaCommand): void {
    switch (command.kind) {
      case 'openTransport':
        this.#openTransport(command);
        return;
      case 'restartIce': {
        const peer = this.#webrtcPeer(command.transport);
        if (peer === null) return;
        this.#stun.add(command.ice.localUfrag, peer);
        peer.restartIce(now, command.ice);
        this.#arm(peer);
        return;
      }
      case 'openPlainTransport':
        void this.#openPlain(command);
        return;
      case 'closeTransport':
        this.#closeTransport(now, command.transport);
        return;
      case 'setIncoming':
        this.peers.get(command.transport)?.session.setIncoming(command.media);
        return;
      case 'openTrack':
        this.#openTrack(command);
        return;
      case 'closeTrack':
        this.#closeTrack(now, command.track);
        return;
      case 'muteTrack':
        this.tracks.get(command.track)?.setMuted(command.muted);
        return;
      case 'requestKeyframe':
        for (const layer of this.tracks.get(command.track)?.layers ?? []) layer.wantKeyframe(now);
        return;
      case 'openSlot':
        this.#openSlot(now, command);
        return;
      case 'closeSlot':
        this.#closeSlot(now, command.slot);
        return;
      case 'assignSlot': {
        const track = command.track === null ? null : (this.tracks.get(command.track) ?? null);
        this.slots.get(command.slot)?.assign(now, track, command.layers);
        return;
      }
      case 'pipeTrack': {
        const track = this.tracks.get(command.track);
        if (track !== undefined) this.pipes?.addSink(track, command.to);
        return;
      }
      case 'unpipeTrack': {
        const track = this.tracks.get(command.track);
        if (track !== undefined) this.pipes?.removeSink(track, command.to);
        return;
      }
      case 'receivePipedTrack': {
        if (this.pipes === null || this.tracks.has(command.track)) return;
        const source = this.pipes.keyframeSource(command.track, command.from);
        const { track: id, media } = command;
        this.tracks.set(id, new Track({ id, media, source, context: this.context }));
        return;
      }
      case 'getStatistics':
        this.notices.push({
          kind: 'statistics',
          id: command.id,
          load: this.#housekeeping.load(now),
          counters: this.counters.snapshot(this.ports, this.#stun.refused),
        });
    }
  }

  #openTransport(command: MediaCommand & { kind: 'openTransport' }): void {
    const { transport, ice, dtlsRole, fingerprints } = command;
    if (this.peers.size >= this.#settings.limits.transports) {
      this.#notifyState(transport, 'failed', 'the worker has as many transports as it may');
      return;
    }
    const peer = new WebRtcPeer({
      id: transport,
      host: this,
      ice,
      dtlsRole,
      fingerprints,
      dtls: this.#dtls,
      stunCrypto,
      random,
      pool: this.#pool,
      clock: this.#clock,
      ssrc: randomInt(1, 0xffffffff),
      cname: 'switchyard',
    });
    peer.index = this.#free.pop() ?? this.#byIndex.length;
    this.#byIndex[peer.index] = peer;
    this.#pathsOf.set(peer, new Set());
    this.peers.set(transport, peer);
    this.#stun.add(ice.localUfrag, peer);
  }

  async #openPlain(command: MediaCommand & { kind: 'openPlainTransport' }): Promise<void> {
    const { transport, localAddress, localPort, remote } = command;
    const number = this.#nextPlainPort++;
    const options = { ...this.#portOptions(), number, address: localAddress, port: localPort };
    const opened = await openUdpPort(options);
    if (!opened.ok) {
      const { code, detail } = opened.error;
      this.#notifyState(transport, 'failed', `udp ${localAddress}: ${code} (${detail})`);
      return;
    }
    const peer = new PlainPeer({
      id: transport,
      host: this,
      pool: this.#pool,
      clock: this.#clock,
      ssrc: randomInt(1, 0xffffffff),
      cname: 'switchyard',
    });
    const port = opened.value;
    if (remote !== null)
      peer.remote = port.addresses.acquire({ ip: remote.address, port: remote.port });
    this.peers.set(transport, peer);
    this.#plain.set(number, { peer, port });
    this.#hooks.watchPort(port, true);
    this.notices.push({ kind: 'plainTransportOpened', transport, localPort: port.socket.port });
  }

  #closeTransport(now: Millis, id: TransportId): void {
    const peer = this.peers.get(id);
    if (peer === undefined) return;
    this.peers.delete(id);
    for (const [thing, home] of [...this.#homes])
      if (home === peer) {
        if (thing instanceof Track) this.#closeTrack(now, thing.id);
        else this.#closeSlot(now, thing.id);
      }
    peer.close(now);
    if (peer instanceof PlainPeer) {
      for (const [number, { peer: owner, port }] of this.#plain)
        if (owner === peer) {
          this.#hooks.watchPort(port, false);
          port.socket.close();
          this.#plain.delete(number);
        }
      return;
    }
    this.flush(); // close_notify, while its address is still known
    for (const path of this.#pathsOf.get(peer) ?? []) this.#disown(peer, path);
    this.#pathsOf.delete(peer);
    this.#stun.removePeer(peer);
    this.#deadlines.delete(peer.index);
    this.#byIndex[peer.index] = null;
    this.#free.push(peer.index);
  }

  #openTrack(command: MediaCommand & { kind: 'openTrack' }): void {
    const peer = this.peers.get(command.transport);
    const line = peer?.session.binder.line(command.mid);
    if (peer === undefined || line === null || line === undefined) return;
    const track = new Track({
      id: command.track,
      media: line.media,
      source: peer.session,
      context: this.context,
    });
    this.tracks.set(command.track, track);
    this.#homes.set(track, peer);
    peer.session.openTrack(command.mid, track);
  }

  #closeTrack(now: Millis, id: TrackId): void {
    const track = this.tracks.get(id);
    if (track === undefined) return;
    this.tracks.delete(id);
    this.pipes?.removeTrack(track);
    this.#homes.get(track)?.session.closeTrack(track);
    this.#homes.delete(track);
    track.close(now);
  }

  #openSlot(now: Millis, command: MediaCommand & { kind: 'openSlot' }): void {
    const peer = this.peers.get(command.transport);
    if (peer === undefined) return;
    if (peer.session.slots.length >= this.#settings.limits.slotsPerTransport) return;
    const slot = new Slot({
      id: command.slot,
      media: command.media,
      outlet: peer,
      context: this.context,
      firstSequenceNumber: randomInt(0x8000),
    });
    this.slots.set(command.slot, slot);
    this.#homes.set(slot, peer);
    peer.session.addSlot(now, slot);
  }

  #closeSlot(now: Millis, id: number): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    this.slots.delete(id);
    slot.close(now);
    this.#homes.get(slot)?.session.removeSlot(slot);
    this.#homes.delete(slot);
  }

  // --- PeerHost and PlainHost ---------------------------------------------------------------------

  reserve(): number {
    return this.#ring.reserve();
  }

  send(path: number, at: number, length: number): void {
    this.counters.sent++;
    const port = portOf(path);
    if (port === TCP_PORT) {
      this.tcp?.send(path, this.bytes, at, length);
      return;
    }
    const target = this.ports[port];
    if (target === undefined || path < 0) return;
    target.socket.queue(at, length, remoteOf(path));
    this.#ring.take();
  }

  sendPlain(peer: PlainPeer, tuple: number, at: number, length: number): void {
    for (const entry of this.#plain.values())
      if (entry.peer === peer) {
        entry.port.socket.queue(at, length, tuple);
        this.#ring.take();
        return;
      }
  }

  pathValidated(peer: WebRtcPeer, path: number): void {
    const paths = this.#pathsOf.get(peer);
    if (paths === undefined || paths.has(path)) return;
    paths.add(path);
    const port = portOf(path);
    let owners = this.#owners.get(port);
    if (owners === undefined) {
      owners = [];
      this.#owners.set(port, owners);
    }
    owners[remoteOf(path)] = peer;
    this.#stun.keptPath = path;
  }

  pathReleased(peer: WebRtcPeer, path: number): void {
    this.#disown(peer, path);
  }

  ufragRetired(peer: WebRtcPeer, ufrag: string): void {
    this.#stun.remove(ufrag, peer);
  }

  stateChanged(peer: WebRtcPeer, state: TransportState, detail: string): void {
    this.#notifyState(peer.id, state, detail);
  }

  openCipher(
    profile: SrtpProfile,
    keys: SrtpMasterKeys,
    direction: 'send' | 'receive',
  ): SrtpCipher {
    return openSrtpCipher(profile, keys, this.#slab, direction);
  }

  close(now: Millis): void {
    for (const id of [...this.peers.keys()]) this.#closeTransport(now, id as TransportId);
    this.flush();
    for (const port of this.ports) port.socket.close();
    this.pipes?.close();
  }

  // --- inside -------------------------------------------------------------------------------------

  #portOptions() {
    return {
      number: this.ports.length,
      slab: this.#slab,
      receiveAt: 0,
      receiveSlots: RECEIVE_SLOTS,
      sendSlots: SEND_SLOTS,
      kind: this.#settings.sockets,
    };
  }

  #webrtcPeer(id: TransportId): WebRtcPeer | null {
    const peer = this.peers.get(id);
    return peer instanceof WebRtcPeer ? peer : null;
  }

  #arm(peer: WebRtcPeer): void {
    const deadline = peer.nextTimeout();
    if (deadline === peer.armedAt || this.#byIndex[peer.index] !== peer) return;
    peer.armedAt = deadline;
    this.#deadlines.set(peer.index, deadline);
  }

  #disown(peer: WebRtcPeer, path: number): void {
    if (!this.#pathsOf.get(peer)?.delete(path)) return;
    const port = portOf(path);
    const owners = this.#owners.get(port);
    if (owners?.[remoteOf(path)] === peer) owners[remoteOf(path)] = null;
    if (port !== TCP_PORT) this.ports[port]?.addresses.release(remoteOf(path));
  }

  #tooManyHandshakes(): boolean {
    let count = 0;
    for (const peer of this.peers.values())
      if (peer instanceof WebRtcPeer && peer.isHandshaking) count++;
    return count >= this.#settings.limits.pendingHandshakes;
  }

  #notifyState(transport: TransportId, state: TransportState, detail: string): void {
    this.notices.push({ kind: 'transportState', transport, state, detail });
  }
}

/** The source of the STUN datagram in hand; one object for all. */
class DatagramSource implements StunSource {
  readonly #worker: MediaWorker;
  #port: UdpPort | null = null;
  #index = 0;
  #tcpPath = -1;
  #tcpAddress: TransportAddress | null = null;

  constructor(worker: MediaWorker) {
    this.#worker = worker;
  }

  move(port: UdpPort, index: number): void {
    this.#port = port;
    this.#index = index;
    this.#tcpAddress = null;
  }

  moveTcp(path: number, address: TransportAddress): void {
    this.#port = null;
    this.#tcpPath = path;
    this.#tcpAddress = address;
  }

  acquire(): number {
    if (this.#port === null) return this.#tcpPath;
    const tuple = this.#port.socket.acquireSource(this.#index);
    return tuple < 0 ? -1 : pathOf(this.#port.number, tuple);
  }

  release(path: number): void {
    this.#port?.addresses.release(remoteOf(path));
  }

  known(): number {
    if (this.#port === null) return this.#tcpPath;
    const tuple = this.#port.socket.tupleOf(this.#index);
    return tuple < 0 ? -1 : pathOf(this.#port.number, tuple);
  }

  address(): TransportAddress {
    if (this.#tcpAddress !== null) return this.#tcpAddress;
    const { ip, port } = this.#port!.socket.sourceOf(this.#index);
    return { ip: parseIp(ip)!, port };
  }

  reply(at: number, length: number): void {
    if (this.#port === null) this.#worker.tcp?.send(this.#tcpPath, this.#worker.bytes, at, length);
    else {
      // Written into the reserved slot: it has to last until the reply has left.
      this.#port.socket.reply(this.#index, at, length);
      this.#port.socket.flush();
    }
  }
}

function copyBytes(
  source: Uint8Array,
  sourceAt: number,
  length: number,
  target: Uint8Array,
  targetAt: number,
): void {
  Buffer.prototype.copy.call(source, target, targetAt, sourceAt, sourceAt + length);
}
