import { ERRNO, errno, libc, MSG } from './libc.ts';
import type { NativeMemory } from './memory.ts';

/** What `readStream` and `writeStream` return instead of a count of bytes. */
export const StreamState = {
  /** Nothing to read, or no room to write, at the moment. */
  wouldBlock: -1,
  /** The other end is gone, or the descriptor is broken. */
  closed: -2,
} as const;

/**
 * Reads from a stream socket inherited as a descriptor, without blocking, into `memory`.
 *
 * @returns bytes read, > 0, or a `StreamState`.
 */
export function readStream(fd: number, memory: NativeMemory, at: number, length: number): number {
  memory.assertInside(at, length);
  for (;;) {
    const count = libc().recv(fd, memory.base + at, length, MSG.dontWait);
    if (count > 0) return count;
    if (count === 0) return length === 0 ? 0 : StreamState.closed;
    const error = errno();
    if (error !== ERRNO.intr)
      return error === ERRNO.again ? StreamState.wouldBlock : StreamState.closed;
  }
}

/** Writes likewise; perhaps fewer than `length` bytes. */
export function writeStream(fd: number, memory: NativeMemory, at: number, length: number): number {
  memory.assertInside(at, length);
  for (;;) {
    const count = libc().send(fd, memory.base + at, length, MSG.dontWait | MSG.noSignal);
    if (count >= 0) return count;
    const error = errno();
    if (error !== ERRNO.intr)
      return error === ERRNO.again ? StreamState.wouldBlock : StreamState.closed;
  }
}
