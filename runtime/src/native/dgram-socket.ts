import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { err, ok, type Result, Ring } from '@switchyard/core/base';
import type { AddressTable } from './address-table.ts';
import type { BatchSocket, SocketCounters, SocketError, UdpSocketOptions } from './batch-socket.ts';
import type { PacketSlab } from './slab.ts';
import { SLOT_SIZE } from './slab.ts';
import type { TransportAddress } from './socket-address.ts';

/** Datagrams waiting for `receive`; what comes beyond is dropped as the kernel would drop it. */
const MAX_WAITING = 4096;
const DEFAULT_BUFFER_LENGTH = 4 * 1024 * 1024;

interface Waiting {
  readonly bytes: Buffer;
  readonly source: TransportAddress;
}

/**
 * The same on `node:dgram`, for systems without `recvmmsg`: correct, and some five times the cost per
 * packet. It needs Node's event loop to turn: see `onReadable`.
 */
export class DgramBatchSocket implements BatchSocket {
  readonly fd = -1;
  readonly family: 4 | 6;
  readonly port: number;
  readonly counters: SocketCounters = {
    datagramsReceived: 0,
    bytesReceived: 0,
    truncated: 0,
    datagramsSent: 0,
    bytesSent: 0,
    dropped: 0,
    refused: 0,
    sendCalls: 0,
    segmentedMessages: 0,
  };
  readonly #socket: Socket;
  readonly #slab: PacketSlab;
  readonly #addresses: AddressTable;
  readonly #receiveAt: number;
  readonly #receiveSlots: number;
  readonly #waiting = new Ring<Waiting>(MAX_WAITING);
  readonly #sources: TransportAddress[] = [];
  readonly #lengths: number[] = [];
  #onReadable: () => void = () => {};
  #isOpen = true;

  /** Creates and binds a socket. */
  static async open(options: UdpSocketOptions): Promise<Result<DgramBatchSocket, SocketError>> {
    const bufferLength = options.bufferLength ?? DEFAULT_BUFFER_LENGTH;
    const isIpv6 = isIPv6(options.address);
    const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6 });
    try {
      socket.bind(options.port, options.address);
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      return err({ code: 'bind', detail: errorCode(error) });
    }
    try {
      socket.setRecvBufferSize(bufferLength);
      socket.setSendBufferSize(bufferLength);
    } catch {
      // A wish: the system's limit stays.
    }
    return ok(new DgramBatchSocket(socket, isIpv6, options));
  }

  private constructor(socket: Socket, isIpv6: boolean, options: UdpSocketOptions) {
    const { slab, receiveAt, receiveSlots } = options;
    slab.assertInside(receiveAt, receiveSlots * SLOT_SIZE);
    this.family = isIpv6 ? 6 : 4;
    this.port = socket.address().port;
    this.#socket = socket;
    this.#slab = slab;
    this.#addresses = options.addresses;
    this.#receiveAt = receiveAt;
    this.#receiveSlots = receiveSlots;
    socket.on('message', (bytes, { address, port }) => {
      const wasEmpty = this.#waiting.size === 0;
      // Node appends the zone of link-local addresses; the table knows none.
      const ip = address.split('%')[0]!;
      if (this.#waiting.push({ bytes, source: { ip, port } }) && wasEmpty) this.#onReadable();
    });
    socket.on('error', () => {
      this.counters.refused++;
    });
  }

  onReadable(callback: () => void): void {
    this.#onReadable = callback;
  }

  receive(): number {
    let count = 0;
    while (count < this.#receiveSlots) {
      const datagram = this.#waiting.shift();
      if (datagram === undefined) break;
      const { bytes, source } = datagram;
      const fits = bytes.length <= SLOT_SIZE;
      if (fits) this.#slab.bytes.set(bytes, this.positionOf(count));
      else this.counters.truncated++;
      this.#sources[count] = source;
      this.#lengths[count] = fits ? bytes.length : 0;
      this.counters.bytesReceived += bytes.length;
      count++;
    }
    this.counters.datagramsReceived += count;
    // What is left shall wake the owner again.
    if (this.#waiting.size > 0) setImmediate(() => this.#onReadable());
    return count;
  }

  positionOf(index: number): number {
    return this.#receiveAt + index * SLOT_SIZE;
  }

  lengthOf(index: number): number {
    return this.#lengths[index]!;
  }

  tupleOf(index: number): number {
    return this.#addresses.find(this.#sources[index]!);
  }

  acquireSource(index: number): number {
    return this.#addresses.acquire(this.#sources[index]!);
  }

  sourceOf(index: number): TransportAddress {
    return this.#sources[index]!;
  }

  queue(at: number, length: number, tuple: number): void {
    this.#send(at, length, this.#addresses.address(tuple));
  }

  reply(index: number, at: number, length: number): void {
    this.#send(at, length, this.#sources[index]!);
  }

  /** Nothing waits: `queue` copies and sends. */
  flush(): void {}

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.close();
  }

  #send(at: number, length: number, target: TransportAddress): void {
    if (!this.#isOpen) return;
    this.#slab.assertInside(at, length);
    const copy = Buffer.from(this.#slab.bytes.subarray(at, at + length));
    this.counters.sendCalls++;
    this.#socket.send(copy, target.port, target.ip, (error) => {
      if (error !== null) {
        this.counters.refused++;
        return;
      }
      this.counters.datagramsSent++;
      this.counters.bytesSent += length;
    });
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
