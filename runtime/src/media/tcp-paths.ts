import type { TransportAddress } from '@switchyard/core/base';
import {
  parseRelayOpen,
  RELAY_HEADER_LENGTH,
  RelayFrameReader,
  RelayKind,
  writeRelayHeader,
} from '@switchyard/core/media-api';
import { NativeMemory, readStream, StreamState, writeStream } from '../native/index.ts';
import { pathOf, TCP_PORT } from './paths.ts';

const CHUNK = 65_536;
/** Media for connections that do not drain is dropped beyond this. */
const MAX_PENDING = 1024 * 1024;
const MAX_CONNECTIONS = 4_096;

interface TcpConnection {
  readonly connection: number;
  readonly address: TransportAddress;
}

/**
 * The worker's end of the stream on which the main process relays ICE-TCP connections (RFC 6544). Each open
 * connection is a path; the main process frames and unframes (RFC 4571) and drops when a client lags.
 */
export class TcpPaths {
  readonly fd: number;
  readonly #memory = new NativeMemory(CHUNK);
  readonly #outgoing = new NativeMemory(MAX_PENDING);
  #outgoingLength = 0;
  readonly #reader = new RelayFrameReader();
  /** Place in the path of each connection of the main process. */
  readonly #places = new Map<number, number>();
  readonly #connections: (TcpConnection | null)[] = [];
  readonly #closed: number[] = [];
  dropped = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  get hasPending(): boolean {
    return this.#outgoingLength > 0;
  }

  address(path: number): TransportAddress | null {
    return this.#connections[path & 0xffff]?.address ?? null;
  }

  /** Reads what came; `handle(path, bytes, length)` is called for every datagram. False when the stream has ended. */
  read(handle: (path: number, bytes: Uint8Array, length: number) => void): boolean {
    for (;;) {
      const count = readStream(this.fd, this.#memory, 0, CHUNK);
      if (count === StreamState.wouldBlock) return true;
      if (count < 0) return false;
      const { bytes } = this.#memory;
      const reader = this.#reader;
      for (let at = 0; at < count && !reader.isBroken; ) {
        at = reader.read(bytes, at, count);
        if (reader.isComplete) this.#handleFrame(handle);
      }
      if (reader.isBroken) return false;
    }
  }

  /** Paths whose connections have ended since the last call. */
  takeClosed(): number[] {
    return this.#closed.splice(0);
  }

  /** Sends one datagram over the connection of `path`. */
  send(path: number, bytes: Buffer, at: number, length: number): void {
    const entry = this.#connections[path & 0xffff];
    if (entry === null || entry === undefined) return;
    const total = RELAY_HEADER_LENGTH + length;
    if (this.#outgoingLength + total > MAX_PENDING) {
      this.dropped++;
      return;
    }
    const out = this.#outgoing.bytes;
    writeRelayHeader(out, this.#outgoingLength, entry.connection, RelayKind.data, length);
    bytes.copy(out, this.#outgoingLength + RELAY_HEADER_LENGTH, at, at + length);
    this.#outgoingLength += total;
  }

  flush(): void {
    let done = 0;
    while (done < this.#outgoingLength) {
      const written = writeStream(this.fd, this.#outgoing, done, this.#outgoingLength - done);
      if (written <= 0) break;
      done += written;
    }
    if (done === 0) return;
    this.#outgoing.bytes.copyWithin(0, done, this.#outgoingLength);
    this.#outgoingLength -= done;
  }

  #handleFrame(handle: (path: number, bytes: Uint8Array, length: number) => void): void {
    const { connection, kind, payload, length } = this.#reader;
    const place = this.#places.get(connection);
    if (kind === RelayKind.open) {
      const address = parseRelayOpen(payload, 0, length);
      if (address.ok && place === undefined) this.#open(connection, address.value);
    } else if (place === undefined) return;
    else if (kind === RelayKind.close) {
      this.#places.delete(connection);
      this.#connections[place] = null;
      this.#closed.push(pathOf(TCP_PORT, place));
    } else handle(pathOf(TCP_PORT, place), payload, length);
  }

  #open(connection: number, address: TransportAddress): void {
    let place = this.#connections.indexOf(null);
    if (place < 0) place = this.#connections.length;
    if (place >= MAX_CONNECTIONS) return;
    this.#connections[place] = { connection, address };
    this.#places.set(connection, place);
  }
}
