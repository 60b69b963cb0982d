import koffi from 'koffi';
import type { Pointer } from './memory.ts';

/*
 * The C library of Linux. Declared on first use, so that other platforms can load this folder and
 * run on the portable sockets. Every pointer is a number; failures are -1 with `errno()`.
 */

/** Numbers of Linux on x86-64 and arm64, which agree. */
export const AF = { unix: 1, inet: 2, inet6: 10 } as const;
export const SOCK = { dgram: 2, seqpacket: 5, nonblock: 0x800, cloexec: 0x80000 } as const;
export const MSG = { trunc: 0x20, dontWait: 0x40, noSignal: 0x4000 } as const;
export const ERRNO = {
  intr: 4,
  io: 5,
  again: 11,
  invalid: 22,
  messageSize: 90,
  noBuffers: 105,
} as const;

const lib = koffi.load(null);

function declare() {
  return {
    socket: lib.func('int socket(int domain, int type, int protocol)') as (
      domain: number,
      type: number,
      protocol: number,
    ) => number,
    close: lib.func('int close(int fd)') as (fd: number) => number,
    bind: lib.func('int bind(int fd, uintptr_t address, uint length)') as AddressCall,
    connect: lib.func('int connect(int fd, uintptr_t address, uint length)') as AddressCall,
    listen: lib.func('int listen(int fd, int backlog)') as (fd: number, backlog: number) => number,
    accept4: lib.func('int accept4(int fd, uintptr_t address, uintptr_t length, int flags)') as (
      fd: number,
      address: Pointer,
      length: Pointer,
      flags: number,
    ) => number,
    getsockname: lib.func('int getsockname(int fd, uintptr_t address, uintptr_t length)') as (
      fd: number,
      address: Pointer,
      length: Pointer,
    ) => number,
    setsockopt: lib.func(
      'int setsockopt(int fd, int level, int name, uintptr_t value, uint length)',
    ) as (fd: number, level: number, name: number, value: Pointer, length: number) => number,
    recvmmsg: lib.func(
      'int recvmmsg(int fd, uintptr_t messages, uint count, int flags, uintptr_t timeout)',
    ) as (fd: number, messages: Pointer, count: number, flags: number, timeout: 0) => number,
    sendmmsg: lib.func('int sendmmsg(int fd, uintptr_t messages, uint count, int flags)') as (
      fd: number,
      messages: Pointer,
      count: number,
      flags: number,
    ) => number,
    recv: lib.func('int64_t recv(int fd, uintptr_t buf, size_t length, int flags)') as StreamCall,
    send: lib.func('int64_t send(int fd, uintptr_t buf, size_t length, int flags)') as StreamCall,
    epollCreate: lib.func('int epoll_create1(int flags)') as (flags: number) => number,
    epollCtl: lib.func('int epoll_ctl(int epoll, int operation, int fd, uintptr_t event)') as (
      epoll: number,
      operation: number,
      fd: number,
      event: Pointer,
    ) => number,
    epollWait: lib.func('int epoll_wait(int epoll, uintptr_t events, int count, int timeout)') as (
      epoll: number,
      events: Pointer,
      count: number,
      timeoutMs: number,
    ) => number,
  } as const;
}

type AddressCall = (fd: number, address: Pointer, length: number) => number;
type StreamCall = (fd: number, buf: Pointer, length: number, flags: number) => number;

let declared: ReturnType<typeof declare> | undefined;

/** The functions; throws on platforms other than Linux. */
export function libc(): ReturnType<typeof declare> {
  declared ??= declare();
  return declared;
}

/** The error of the last call of this thread. */
export const errno = (): number => koffi.errno();

/** An error number by name, for messages: `EADDRINUSE`. */
export function errnoName(value: number): string {
  for (const [name, number] of Object.entries(koffi.os.errno)) if (number === value) return name;
  return `errno ${value}`;
}
