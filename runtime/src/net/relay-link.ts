import type { Duplex } from 'node:stream';
import type { TransportAddress } from '@switchyard/core/base';
import {
  RELAY_HEADER_LENGTH,
  RelayFrameReader,
  RelayKind,
  writeRelayHeader,
  writeRelayOpen,
} from '@switchyard/core/media-api';
import type { MediaConnection } from './media-connection.ts';

/** A worker that has not read so much is stuck; datagrams to it are dropped until it reads on. Bytes. */
const MAX_UNREAD = 1024 * 1024;
/** Longest `open` frame, bytes. */
const OPEN_LENGTH = 64;

/** The stream to one media worker, shared by all TCP connections whose clients it serves. */
export class RelayLink {
  readonly #stream: Duplex;
  readonly #connections = new Map<number, MediaConnection>();
  readonly #reader = new RelayFrameReader();
  #nextNumber = 1;

  /** The stream belongs to the worker's process, and ends with it: then every connection is closed. */
  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.once('close', () => this.close());
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Announces a client; returns the number its frames carry. */
  open(connection: MediaConnection, remote: TransportAddress): number {
    const number = this.#nextNumber++;
    this.#connections.set(number, connection);
    const frame = Buffer.allocUnsafe(OPEN_LENGTH);
    this.#write(frame.subarray(0, writeRelayOpen(frame, 0, number, remote)));
    return number;
  }

  /** Passes one datagram of a client on, copied. */
  send(number: number, buf: Uint8Array, length: number): void {
    if (this.#stream.writableLength > MAX_UNREAD) return;
    const frame = Buffer.allocUnsafe(RELAY_HEADER_LENGTH + length);
    writeRelayHeader(frame, 0, number, RelayKind.data, length);
    frame.set(buf.subarray(0, length), RELAY_HEADER_LENGTH);
    this.#write(frame);
  }

  /** Tells the worker that a client is gone. */
  closeConnection(number: number): void {
    if (!this.#connections.delete(number)) return;
    const frame = Buffer.allocUnsafe(RELAY_HEADER_LENGTH);
    writeRelayHeader(frame, 0, number, RelayKind.close, 0);
    this.#write(frame);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #write(frame: Buffer): void {
    if (this.#stream.writable) this.#stream.write(frame);
  }

  #read(chunk: Uint8Array): void {
    const reader = this.#reader;
    for (let at = 0; at < chunk.length && !reader.isBroken; ) {
      at = reader.read(chunk, at, chunk.length);
      if (reader.isComplete) this.#handleFrame(reader);
    }
    if (reader.isBroken) this.#stream.destroy();
  }

  #handleFrame({ connection: number, kind, payload, length }: RelayFrameReader): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    if (kind === RelayKind.data) connection.send(payload, 0, length);
    if (kind !== RelayKind.close) return;
    this.#connections.delete(number);
    connection.close();
  }
}
