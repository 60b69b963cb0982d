import { rmSync } from 'node:fs';
import { err, ok, type Result } from '@switchyard/core/base';
import type { SocketError } from './batch-socket.ts';
import { AF, ERRNO, errno, errnoName, libc, MSG, SOCK } from './libc.ts';
import { NativeMemory, NULL } from './memory.ts';
import { MessageArray } from './mmsg.ts';
import { type PacketSlab, SLOT_SIZE } from './slab.ts';

const SOCKET_TYPE = SOCK.seqpacket | SOCK.nonblock | SOCK.cloexec;
/** Bytes of `sun_path`, its terminating zero included. */
const MAX_PATH = 108;
const BACKLOG = 64;

export interface SeqpacketOptions {
  readonly slab: PacketSlab;
  /** Position of the first slot for received packets; `receiveSlots` slots from there are ours. */
  readonly receiveAt: number;
  /** Packets that one `receive` may bring. */
  readonly receiveSlots: number;
  /** Packets that may wait for `flush`. Default 256. */
  readonly sendSlots?: number;
}

/** Accepts connections of other processes of this machine on a path in the file system. */
export class SeqpacketListener {
  readonly fd: number;
  readonly path: string;
  #isOpen = true;

  /** Takes over `path`, replacing what a dead process left there. The folder decides who may connect. */
  static open(path: string): Result<SeqpacketListener, SocketError> {
    const address = unixAddress(path);
    if (address === undefined) return err({ code: 'badAddress', detail: path });
    const fd = libc().socket(AF.unix, SOCKET_TYPE, 0);
    if (fd < 0) return err({ code: 'socket', detail: errnoName(errno()) });
    rmSync(path, { force: true });
    const isBound = libc().bind(fd, address.base, address.bytes.length) === 0;
    if (!isBound || libc().listen(fd, BACKLOG) < 0) {
      const detail = errnoName(errno());
      libc().close(fd);
      return err({ code: isBound ? 'listen' : 'bind', detail });
    }
    return ok(new SeqpacketListener(fd, path));
  }

  private constructor(fd: number, path: string) {
    this.fd = fd;
    this.path = path;
  }

  /** The next waiting connection; undefined when there is none. */
  accept(options: SeqpacketOptions): SeqpacketSocket | undefined {
    const fd = libc().accept4(this.fd, NULL, NULL, SOCK.nonblock | SOCK.cloexec);
    return fd < 0 ? undefined : new SeqpacketSocket(fd, options);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc().close(this.fd);
    rmSync(this.path, { force: true });
  }
}

/**
 * A connection that keeps packets apart (unix(7), SOCK_SEQPACKET), in batches through the slab: what
 * media crosses between workers of one machine.
 */
export class SeqpacketSocket {
  readonly fd: number;
  /** Packets not sent because the other side does not read fast enough. */
  dropped = 0;
  readonly #slab: PacketSlab;
  readonly #receiveAt: number;
  readonly #receiveSlots: number;
  readonly #sendSlots: number;
  readonly #incoming: MessageArray;
  readonly #outgoing: MessageArray;
  #queued = 0;
  #isEnded = false;
  #isOpen = true;

  /** Connects to a listener of this machine. */
  static connect(path: string, options: SeqpacketOptions): Result<SeqpacketSocket, SocketError> {
    const address = unixAddress(path);
    if (address === undefined) return err({ code: 'badAddress', detail: path });
    const fd = libc().socket(AF.unix, SOCKET_TYPE, 0);
    if (fd < 0) return err({ code: 'socket', detail: errnoName(errno()) });
    if (libc().connect(fd, address.base, address.bytes.length) < 0) {
      const detail = errnoName(errno());
      libc().close(fd);
      return err({ code: 'connect', detail });
    }
    return ok(new SeqpacketSocket(fd, options));
  }

  /** @param fd connected and owned from now on. */
  constructor(fd: number, { slab, receiveAt, receiveSlots, sendSlots = 256 }: SeqpacketOptions) {
    slab.assertInside(receiveAt, receiveSlots * SLOT_SIZE);
    this.fd = fd;
    this.#slab = slab;
    this.#receiveAt = receiveAt;
    this.#receiveSlots = receiveSlots;
    this.#sendSlots = sendSlots;
    this.#incoming = new MessageArray(receiveSlots);
    this.#outgoing = new MessageArray(sendSlots);
    for (let i = 0; i < receiveSlots; i++) {
      this.#incoming.setBuffer(i, slab.base + receiveAt + i * SLOT_SIZE, SLOT_SIZE);
      this.#incoming.setMessage(i, i, 1);
    }
    for (let i = 0; i < sendSlots; i++) this.#outgoing.setMessage(i, i, 1);
  }

  /** Whether the other side has gone; what came before has been received. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Takes waiting packets; never blocks. Packet `i` lies at `positionOf(i)`. */
  receive(): number {
    if (!this.#isOpen || this.#isEnded) return 0;
    const count = libc().recvmmsg(
      this.fd,
      this.#incoming.pointer(0),
      this.#receiveSlots,
      MSG.dontWait,
      NULL,
    );
    if (count < 0) {
      const error = errno();
      if (error !== ERRNO.again && error !== ERRNO.intr) this.#isEnded = true;
      return 0;
    }
    // We send no empty packets: one means the end.
    for (let i = 0; i < count; i++)
      if (this.#incoming.length(i) === 0) {
        this.#isEnded = true;
        return i;
      }
    return count;
  }

  positionOf(index: number): number {
    return this.#receiveAt + index * SLOT_SIZE;
  }

  /** Length of received packet `index`; 0 when it was longer than a slot. */
  lengthOf(index: number): number {
    return (this.#incoming.flags(index) & MSG.trunc) !== 0 ? 0 : this.#incoming.length(index);
  }

  /** Sends `length` bytes (>= 1) at position `at` at the next `flush`; they must stay until then. */
  queue(at: number, length: number): void {
    if (length < 1) throw new Error('an empty packet means the end of the connection');
    this.#slab.assertInside(at, length);
    if (this.#queued === this.#sendSlots) this.flush();
    this.#outgoing.setBuffer(this.#queued++, this.#slab.base + at, length);
  }

  flush(): void {
    let done = 0;
    while (done < this.#queued && this.#isOpen && !this.#isEnded) {
      const sent = libc().sendmmsg(
        this.fd,
        this.#outgoing.pointer(done),
        this.#queued - done,
        MSG.dontWait | MSG.noSignal,
      );
      if (sent > 0) done += sent;
      else if (errno() !== ERRNO.intr) break;
    }
    this.dropped += this.#queued - done;
    this.#queued = 0;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc().close(this.fd);
  }
}

/** `struct sockaddr_un`; undefined when the path does not fit. */
function unixAddress(path: string): NativeMemory | undefined {
  if (path === '' || path.includes('\0') || Buffer.byteLength(path) >= MAX_PATH) return undefined;
  const address = new NativeMemory(2 + MAX_PATH);
  address.bytes.writeUInt16LE(AF.unix, 0);
  address.bytes.write(path, 2);
  return address;
}
