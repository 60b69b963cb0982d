import type {
  MediaNotice,
  TransportId,
  TransportState,
  WorkerSettings,
} from '@switchyard/core/media-api';
import type { PlainPeer } from '@switchyard/engine/peer';
import { PacketPool, SfuContext, type Slot, type Track } from '@switchyard/engine/sfu';
import { PacketSlab } from '../native/index.ts';
import { Counters } from './counters.ts';
import { PathOwners } from './path-owners.ts';
import { portOf, remoteOf, TCP_PORT } from './paths.ts';
import { type Peer, PeerTable } from './peer-table.ts';
import type { PipeHub } from './pipe-hub.ts';
import { SendRing } from './send-ring.ts';
import type { TcpPaths } from './tcp-paths.ts';
import type { UdpPort } from './udp-ports.ts';

/** Datagrams taken by one system call; also the most packets that are worked on together. */
export const RECEIVE_SLOTS = 128;
/** Outgoing datagrams between two flushes at most. */
export const SEND_SLOTS = 256;
/** Batches per socket and turn: then timers and the other sockets have their turn. */
export const BATCHES_PER_TURN = 4;

/** A plain transport and the socket that is its own. */
export interface PlainPort {
  readonly peer: PlainPeer;
  readonly port: UdpPort;
}

/** What the parts of one media worker share: memory, sockets, and what lives in them. It decides nothing. */
export class WorkerState {
  readonly settings: WorkerSettings;
  readonly slab: PacketSlab;
  /** The arena of all packets: slots to receive in, then slots to send from. */
  readonly bytes: Buffer;
  readonly ring: SendRing;
  readonly pool = new PacketPool(RECEIVE_SLOTS * BATCHES_PER_TURN);
  readonly context: SfuContext;
  readonly counters = new Counters();
  readonly ports: UdpPort[] = [];
  /** By socket number. */
  readonly plain = new Map<number, PlainPort>();
  /** Set when the server relays TCP. */
  tcp: TcpPaths | null = null;
  pipes: PipeHub | null = null;
  readonly peers = new PeerTable();
  readonly paths = new PathOwners((path) => {
    const port = portOf(path);
    if (port !== TCP_PORT) this.ports[port]?.addresses.release(remoteOf(path));
  });
  readonly tracks = new Map<number, Track>();
  readonly slots = new Map<number, Slot>();
  /** The transport of each track and slot; piped tracks have none. */
  readonly homes = new Map<Track | Slot, Peer>();
  readonly notices: MediaNotice[] = [];

  constructor(settings: WorkerSettings) {
    this.settings = settings;
    this.slab = new PacketSlab(RECEIVE_SLOTS * BATCHES_PER_TURN + SEND_SLOTS);
    this.bytes = this.slab.bytes;
    this.ring = new SendRing(this.slab, RECEIVE_SLOTS * BATCHES_PER_TURN, SEND_SLOTS, () =>
      this.flush(),
    );
    this.context = new SfuContext(copyBytes, { gsoPadding: settings.gsoPadding });
  }

  /** Sends everything that is queued. */
  flush(): void {
    for (const port of this.ports) port.socket.flush();
    for (const { port } of this.plain.values()) port.socket.flush();
    this.pipes?.flush();
    this.tcp?.flush();
  }

  notifyState(transport: TransportId, state: TransportState, detail: string): void {
    this.notices.push({ kind: 'transportState', transport, state, detail });
  }

  /** How a socket of this worker is opened. */
  portOptions(number: number, address: string, port: number) {
    return {
      number,
      address,
      port,
      slab: this.slab,
      receiveAt: 0,
      receiveSlots: RECEIVE_SLOTS,
      sendSlots: SEND_SLOTS,
      kind: this.settings.sockets,
    };
  }
}

/** `Buffer.copy` is the fastest copy that Node has for the sizes of packets. */
export function copyBytes(
  source: Uint8Array,
  sourceAt: number,
  length: number,
  target: Uint8Array,
  targetAt: number,
): void {
  Buffer.prototype.copy.call(source, target, targetAt, sourceAt, sourceAt + length);
}
