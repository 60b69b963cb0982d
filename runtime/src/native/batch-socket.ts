import type { AddressTable } from './address-table.ts';
import type { PacketSlab } from './slab.ts';
import type { TransportAddress } from './socket-address.ts';

/** Monotonic counts since the socket was opened. */
export interface SocketCounters {
  datagramsReceived: number;
  bytesReceived: number;
  /** Datagrams longer than a slot takes; not shown to anyone. */
  truncated: number;
  datagramsSent: number;
  bytesSent: number;
  /** Datagrams not sent because the kernel's buffer was full. */
  dropped: number;
  /** Datagrams not sent because the kernel refused them (no route, firewall, too long). */
  refused: number;
  /** System calls for sending. */
  sendCalls: number;
  /** Messages that carried more than one datagram. */
  segmentedMessages: number;
}

export interface UdpSocketOptions {
  /** Local address to bind; of the address family that the socket will speak. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly slab: PacketSlab;
  /** Position of the first slot for received datagrams; `receiveSlots` slots from there are ours. */
  readonly receiveAt: number;
  /** Datagrams that one `receive` may bring, 1..1024. 64 by default of the caller's choice. */
  readonly receiveSlots: number;
  readonly addresses: AddressTable;
  /** Datagrams that may wait for `flush`. Default 256. */
  readonly sendSlots?: number;
  /** Differentiated services code point of everything sent, 0..63 (RFC 8837). Default 0. */
  readonly dscp?: number;
  /** Receive and send buffer of the kernel in bytes. Default 4 MiB. */
  readonly bufferLength?: number;
  /** Lets the kernel cut runs of datagrams (UDP_SEGMENT) where it can. Default true. */
  readonly segmentation?: boolean;
}

/** Why a socket could not be opened. */
export interface SocketError {
  /** Which step failed. */
  readonly code: 'badAddress' | 'socket' | 'bind' | 'connect' | 'listen';
  /** The system's word for it, as `EADDRINUSE`. */
  readonly detail: string;
}

/**
 * A UDP socket that moves datagrams in batches between the network and the slab. Nothing allocates
 * but where said.
 *
 * One turn: `receive()`, look at the datagrams, `queue` what is to be sent, `flush()`.
 */
export interface BatchSocket {
  /** For an event loop; -1 where the platform has no descriptor to offer (see `onReadable`). */
  readonly fd: number;
  readonly family: 4 | 6;
  /** The port bound. */
  readonly port: number;
  readonly counters: Readonly<SocketCounters>;

  /** For sockets without `fd`: called when `receive` would bring something after it brought nothing. */
  onReadable(callback: () => void): void;

  /**
   * Takes waiting datagrams, at most `receiveSlots`; never blocks. Overwrites the previous ones, and
   * flushes pending replies to them first.
   */
  receive(): number;
  /** Where datagram `index` of the last `receive` lies. */
  positionOf(index: number): number;
  /** Its length; 0 for an empty or truncated one. */
  lengthOf(index: number): number;
  /** The tuple of its source; -1 when that address is not in the table. */
  tupleOf(index: number): number;
  /** Takes a reference to its source in the table; -1 when the table is full. */
  acquireSource(index: number): number;
  /** Its source; builds an object. */
  sourceOf(index: number): TransportAddress;

  /**
   * Sends `length` bytes at position `at` to the address `tuple`, at the next `flush`: until then
   * they must stay as they are. Flushes by itself when full. Runs of datagrams of one length to one
   * address, the last one perhaps shorter, go out as one message.
   */
  queue(at: number, length: number, tuple: number): void;
  /** The same to the source of datagram `index` of the last `receive`. */
  reply(index: number, at: number, length: number): void;
  /** Sends what is queued. Errors concern single datagrams and are counted. */
  flush(): void;
  close(): void;
}
