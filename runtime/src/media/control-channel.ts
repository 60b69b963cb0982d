import {
  ControlFrameReader,
  encodeControlBatch,
  encodeControlFrame,
  type MediaCommand,
  type MediaNotice,
  type WorkerSettings,
} from '@switchyard/core/media-api';
import { NativeMemory, readStream, StreamState, writeStream } from '../native/index.ts';

const CHUNK = 65_536;
/** A main process that reads so slowly is gone or stuck. */
const MAX_PENDING = 16 * 1024 * 1024;

/**
 * The worker's end of the control stream. Reads and writes without blocking; what the kernel does not take
 * waits here for the next turn.
 */
export class ControlChannel {
  readonly fd: number;
  readonly #reader = new ControlFrameReader<WorkerSettings | MediaCommand[]>();
  readonly #memory = new NativeMemory(CHUNK);
  readonly #pending: Uint8Array[] = [];
  #pendingLength = 0;
  /** The main process is gone: the worker's work is over. */
  isClosed = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** Whether something waits to be written. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** The frames that have arrived. */
  read(): (WorkerSettings | MediaCommand[])[] {
    const frames: (WorkerSettings | MediaCommand[])[] = [];
    for (;;) {
      const count = readStream(this.fd, this.#memory, 0, CHUNK);
      if (count === StreamState.wouldBlock) return frames;
      if (count < 0) {
        this.isClosed = true;
        return frames;
      }
      const read = this.#reader.read(Uint8Array.from(this.#memory.bytes.subarray(0, count)));
      if (!read.ok) {
        this.isClosed = true;
        return frames;
      }
      frames.push(...read.value);
    }
  }

  send(notices: readonly MediaNotice[]): void {
    if (notices.length === 0 || this.isClosed) return;
    for (const frame of encodeControlBatch(notices)) {
      this.#pending.push(frame);
      this.#pendingLength += frame.length;
    }
    this.flush();
    if (this.#pendingLength > MAX_PENDING) this.isClosed = true;
  }

  /** An empty batch: the worker has nothing to say but that it lives. Not while something waits to be read. */
  sendSignOfLife(): void {
    if (this.hasPending || this.isClosed) return;
    const frame = encodeControlFrame([]);
    this.#pending.push(frame);
    this.#pendingLength += frame.length;
    this.flush();
  }

  /** Writes what the kernel takes. */
  flush(): void {
    for (;;) {
      const frame = this.#pending[0];
      if (frame === undefined) return;
      const length = Math.min(frame.length, CHUNK);
      this.#memory.bytes.set(frame.subarray(0, length));
      const written = writeStream(this.fd, this.#memory, 0, length);
      if (written === StreamState.wouldBlock) return;
      if (written < 0) {
        this.isClosed = true;
        return;
      }
      this.#pendingLength -= written;
      if (written === frame.length) this.#pending.shift();
      else this.#pending[0] = frame.subarray(written);
    }
  }
}
