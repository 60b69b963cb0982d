import type { Socket } from 'node:net';
import {
  classify,
  FRAME_HEADER_LENGTH,
  FrameReader,
  PacketClass,
  writeFrameLength,
} from '@switchyard/core/base';

/** With more than this unsent, media is dropped: it would come too late anyway. Bytes. */
const MAX_QUEUED = 256 * 1024;
/** With something unsent for longer than this, likewise. Milliseconds. */
const MAX_QUEUED_MS = 500;
/** Unsent frames that are remembered with their time; a power of two. */
const TIMED_FRAMES = 1024;
/** Clients check consent every 5 s (RFC 7675 §5.1): one that was quiet for so long is gone. */
const IDLE_MS = 60_000;

export interface MediaConnectionEvents {
  /** One datagram of the client; the bytes are valid during the call. */
  onDatagram(buf: Uint8Array, length: number): void;
  /** The connection is gone; not told after `close`. */
  onClose(): void;
}

/** A client's TCP connection as a way for datagrams (RFC 4571 §2): frames in, frames out, bounded. */
export class MediaConnection {
  /** Media frames that were dropped because the client did not take them fast enough. */
  droppedCount = 0;

  readonly #socket: Socket;
  readonly #now: () => number;
  readonly #reader = new FrameReader();
  /** When each unsent frame was queued, by its running number. */
  readonly #queuedAt = new Float64Array(TIMED_FRAMES);
  #queued = 0;
  #sent = 0;
  readonly #onSent = () => {
    this.#sent++;
  };
  #events: MediaConnectionEvents | null;

  constructor(socket: Socket, events: MediaConnectionEvents, now: () => number) {
    this.#socket = socket;
    this.#events = events;
    this.#now = now;
    socket.setNoDelay(true);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.#closed());
    socket.on('error', () => socket.destroy());
  }

  /** Queues one datagram, copied from `buf`; a media packet is dropped while the client lags behind. */
  send(buf: Uint8Array, at: number, length: number): void {
    if (this.#events === null) return;
    if (this.#isBehind() && isMedia(buf, at, length)) {
      this.droppedCount++;
      return;
    }
    const frame = Buffer.allocUnsafe(FRAME_HEADER_LENGTH + length);
    writeFrameLength(frame, 0, length);
    frame.set(buf.subarray(at, at + length), FRAME_HEADER_LENGTH);
    this.#queuedAt[this.#queued++ & (TIMED_FRAMES - 1)] = this.#now();
    this.#socket.write(frame, this.#onSent);
  }

  close(): void {
    this.#events = null;
    this.#socket.destroy();
  }

  #isBehind(): boolean {
    const unsent = this.#queued - this.#sent;
    if (unsent === 0) return false;
    if (unsent >= TIMED_FRAMES || this.#socket.writableLength > MAX_QUEUED) return true;
    return this.#now() - this.#queuedAt[this.#sent & (TIMED_FRAMES - 1)]! > MAX_QUEUED_MS;
  }

  #read(chunk: Uint8Array): void {
    const reader = this.#reader;
    for (let at = 0; at < chunk.length && this.#events !== null; ) {
      at = reader.read(chunk, at, chunk.length);
      if (reader.frameLength > 0) this.#events.onDatagram(reader.frame, reader.frameLength);
    }
  }

  #closed(): void {
    const events = this.#events;
    this.#events = null;
    events?.onClose();
  }
}

function isMedia(buf: Uint8Array, at: number, length: number): boolean {
  const kind = classify(buf, at, length);
  return kind === PacketClass.rtp || kind === PacketClass.rtcp;
}
