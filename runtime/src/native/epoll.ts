import { type Millis, millis } from '@switchyard/core/base';
import { errno, errnoName, libc } from './libc.ts';
import { NativeMemory } from './memory.ts';

const EPOLL_CLOEXEC = 0x80000;
const Operation = { add: 1, remove: 2, modify: 3 } as const;

/** What a descriptor is ready for; the bits of `events`. */
export const Ready = { read: 0x1, write: 0x4, error: 0x8, hangUp: 0x10 } as const;

/** Bytes of `struct epoll_event`: packed on x86-64, aligned elsewhere. */
const EVENT_SIZE = process.arch === 'x64' ? 12 : 16;
const TOKEN_AT = EVENT_SIZE - 8;

/**
 * Waits for many descriptors at once, level-triggered. Blocks the thread: for a media worker, whose
 * thread has nothing else to do.
 */
export class Epoll {
  readonly #fd: number;
  readonly #capacity: number;
  readonly #events: NativeMemory;
  readonly #event = new NativeMemory(EVENT_SIZE);
  #isOpen = true;

  /** @param capacity events taken in one `wait`, >= 1; more stay for the next one. */
  constructor(capacity: number) {
    this.#fd = libc().epollCreate(EPOLL_CLOEXEC);
    if (this.#fd < 0) throw new Error(`epoll_create1: ${errnoName(errno())}`);
    this.#capacity = capacity;
    this.#events = new NativeMemory(capacity * EVENT_SIZE);
  }

  /**
   * Watches `fd`.
   *
   * @param token what `token(i)` will say, 0..2^32-1.
   * @param events bits of `Ready`; errors and hang-ups are always told.
   */
  add(fd: number, token: number, events: number = Ready.read): void {
    this.#control(Operation.add, fd, token, events);
  }

  /** Changes what `fd` is watched for. */
  modify(fd: number, token: number, events: number): void {
    this.#control(Operation.modify, fd, token, events);
  }

  /** Stops watching; do this before closing `fd`. */
  remove(fd: number): void {
    this.#control(Operation.remove, fd, 0, 0);
  }

  /**
   * Sleeps until something is ready or the time is over.
   *
   * @param timeoutMs rounded up to whole milliseconds; 0 only looks, Infinity waits for ever.
   * @returns how many are ready; 0 also when a signal came.
   */
  wait(timeoutMs: number): number {
    const timeout = timeoutMs < 0x7fffffff ? Math.max(0, Math.ceil(timeoutMs)) : -1;
    const count = libc().epollWait(this.#fd, this.#events.base, this.#capacity, timeout);
    return Math.max(count, 0);
  }

  /** The token of ready descriptor `index`. */
  token(index: number): number {
    return this.#events.bytes.readUInt32LE(index * EVENT_SIZE + TOKEN_AT);
  }

  /** What ready descriptor `index` is ready for. */
  events(index: number): number {
    return this.#events.bytes.readUInt32LE(index * EVENT_SIZE);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc().close(this.#fd);
  }

  #control(operation: number, fd: number, token: number, events: number): void {
    this.#event.bytes.writeUInt32LE(events, 0);
    this.#event.bytes.writeUInt32LE(token, TOKEN_AT);
    if (libc().epollCtl(this.#fd, operation, fd, this.#event.base) < 0)
      throw new Error(`epoll_ctl: ${errnoName(errno())}`);
  }
}

/** The monotonic clock of this machine. 60 ns: read it once a turn. */
export const now = (): Millis => millis(performance.now());
