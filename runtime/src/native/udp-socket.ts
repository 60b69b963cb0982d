import { err, ok, type Result } from '@switchyard/core/base';
import type { AddressTable } from './address-table.ts';
import type { BatchSocket, SocketCounters, SocketError, UdpSocketOptions } from './batch-socket.ts';
import { AF, ERRNO, errno, errnoName, libc, MSG, SOCK } from './libc.ts';
import { NativeMemory, NULL } from './memory.ts';
import { MessageArray } from './mmsg.ts';
import { type PacketSlab, SLOT_SIZE } from './slab.ts';
import {
  ADDRESS_SIZE,
  ADDRESS_WORDS,
  addressLength,
  isIpv6Record,
  readAddress,
  type TransportAddress,
  writeAddress,
} from './socket-address.ts';

const DEFAULT_SEND_SLOTS = 256;
const DEFAULT_BUFFER_LENGTH = 4 * 1024 * 1024;
const MAX_SLOTS = 1024;

/** Limits of one message with UDP_SEGMENT: UDP_MAX_SEGMENTS of older kernels, and one IP packet. */
const MAX_SEGMENTS = 64;
const MAX_SEGMENTED_LENGTH = 65_000;

const SOL_SOCKET = 1;
const SO = { sndbuf: 7, rcvbuf: 8, sndbufForce: 32, rcvbufForce: 33 } as const;
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_TCLASS = 67;

/** The socket of Linux: `recvmmsg`, and `sendmmsg` with generic segmentation offload. */
export class UdpBatchSocket implements BatchSocket {
  readonly fd: number;
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

  readonly #slab: PacketSlab;
  readonly #addresses: AddressTable;
  readonly #receiveAt: number;
  readonly #receiveSlots: number;
  readonly #incoming: MessageArray;
  readonly #sources: NativeMemory;
  readonly #sourceWords: Int32Array;
  #received = 0;

  readonly #outgoing: MessageArray;
  readonly #sendSlots: number;
  readonly #at: Int32Array;
  readonly #lengths: Int32Array;
  /** A tuple, or `~index` of a received datagram. */
  readonly #targets: Int32Array;
  /** First packet of each planned message. */
  readonly #firsts: Int32Array;
  #queued = 0;
  #hasReplies = false;
  #maySegment: boolean;
  /** Packets before this one go out alone: their message was refused as a whole. */
  #singlesUntil = 0;
  #isOpen = true;

  /** Creates and binds a socket. */
  static open(options: UdpSocketOptions): Result<UdpBatchSocket, SocketError> {
    const record = new NativeMemory(ADDRESS_SIZE);
    const words = new Int32Array(record.bytes.buffer);
    if (!writeAddress(record.bytes, 0, { ip: options.address, port: options.port }))
      return err({ code: 'badAddress', detail: options.address });
    const isIpv6 = isIpv6Record(words, 0);
    const fd = libc().socket(
      isIpv6 ? AF.inet6 : AF.inet,
      SOCK.dgram | SOCK.nonblock | SOCK.cloexec,
      0,
    );
    if (fd < 0) return err({ code: 'socket', detail: errnoName(errno()) });
    configure(fd, isIpv6, options);
    const length = new NativeMemory(4);
    length.bytes.writeInt32LE(ADDRESS_SIZE);
    if (
      libc().bind(fd, record.base, addressLength(words, 0)) < 0 ||
      libc().getsockname(fd, record.base, length.base) < 0
    ) {
      const detail = errnoName(errno());
      libc().close(fd);
      return err({ code: 'bind', detail });
    }
    return ok(new UdpBatchSocket(fd, readAddress(record.bytes, 0).port, isIpv6, options));
  }

  private constructor(fd: number, port: number, isIpv6: boolean, options: UdpSocketOptions) {
    const { slab, receiveAt, receiveSlots, sendSlots = DEFAULT_SEND_SLOTS } = options;
    if (!(receiveSlots >= 1 && receiveSlots <= MAX_SLOTS && sendSlots >= 1))
      throw new Error('a socket needs 1..1024 slots each way');
    slab.assertInside(receiveAt, receiveSlots * SLOT_SIZE);
    this.fd = fd;
    this.port = port;
    this.family = isIpv6 ? 6 : 4;
    this.#slab = slab;
    this.#addresses = options.addresses;
    this.#receiveAt = receiveAt;
    this.#receiveSlots = receiveSlots;
    this.#incoming = new MessageArray(receiveSlots);
    this.#sources = new NativeMemory(receiveSlots * ADDRESS_SIZE);
    this.#sourceWords = new Int32Array(this.#sources.bytes.buffer);
    for (let i = 0; i < receiveSlots; i++) {
      this.#incoming.setBuffer(i, slab.base + receiveAt + i * SLOT_SIZE, SLOT_SIZE);
      this.#incoming.setMessage(i, i, 1);
      this.#incoming.setName(i, this.#sources.base + i * ADDRESS_SIZE, ADDRESS_SIZE);
    }
    this.#outgoing = new MessageArray(sendSlots);
    this.#sendSlots = sendSlots;
    this.#at = new Int32Array(sendSlots);
    this.#lengths = new Int32Array(sendSlots);
    this.#targets = new Int32Array(sendSlots);
    this.#firsts = new Int32Array(sendSlots + 1);
    this.#maySegment = options.segmentation ?? true;
  }

  /** Whether runs leave as one message; false once the network device has refused that. */
  get usesSegmentation(): boolean {
    return this.#maySegment;
  }

  onReadable(): void {
    // The descriptor tells.
  }

  receive(): number {
    if (!this.#isOpen) return 0;
    if (this.#hasReplies) this.flush();
    const incoming = this.#incoming;
    for (let i = 0; i < this.#received; i++) incoming.setNameLength(i, ADDRESS_SIZE);
    const count = libc().recvmmsg(
      this.fd,
      incoming.pointer(0),
      this.#receiveSlots,
      MSG.dontWait,
      NULL,
    );
    // A failure is "nothing there", or the echo of an ICMP error, which concerns one we sent.
    this.#received = Math.max(count, 0);
    const { counters } = this;
    for (let i = 0; i < this.#received; i++) {
      counters.bytesReceived += incoming.length(i);
      if ((incoming.flags(i) & MSG.trunc) !== 0) counters.truncated++;
    }
    counters.datagramsReceived += this.#received;
    return this.#received;
  }

  positionOf(index: number): number {
    return this.#receiveAt + index * SLOT_SIZE;
  }

  lengthOf(index: number): number {
    return (this.#incoming.flags(index) & MSG.trunc) !== 0 ? 0 : this.#incoming.length(index);
  }

  tupleOf(index: number): number {
    return this.#addresses.findRecord(this.#sourceWords, index * ADDRESS_WORDS);
  }

  acquireSource(index: number): number {
    this.#assertReceived(index);
    return this.#addresses.acquireRecord(this.#sourceWords, index * ADDRESS_WORDS);
  }

  sourceOf(index: number): TransportAddress {
    this.#assertReceived(index);
    return readAddress(this.#sources.bytes, index * ADDRESS_SIZE);
  }

  queue(at: number, length: number, tuple: number): void {
    if (tuple < 0) throw new Error(`no tuple ${tuple}`);
    this.#append(at, length, tuple);
  }

  reply(index: number, at: number, length: number): void {
    this.#assertReceived(index);
    this.#append(at, length, ~index);
    this.#hasReplies = true;
  }

  flush(): void {
    let from = 0;
    while (from < this.#queued) from = this.#sendFrom(from);
    this.#queued = 0;
    this.#singlesUntil = 0;
    this.#hasReplies = false;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#queued = 0;
    libc().close(this.fd);
  }

  #append(at: number, length: number, target: number): void {
    if (!this.#isOpen) return;
    this.#slab.assertInside(at, length);
    if (this.#queued === this.#sendSlots) this.flush();
    const slot = this.#queued++;
    this.#at[slot] = at;
    this.#lengths[slot] = length;
    this.#targets[slot] = target;
  }

  /** Plans and sends the packets from `from` on; returns where to go on. */
  #sendFrom(from: number): number {
    const messageCount = this.#plan(from);
    let done = 0;
    while (done < messageCount) {
      this.counters.sendCalls++;
      const sent = libc().sendmmsg(
        this.fd,
        this.#outgoing.pointer(done),
        messageCount - done,
        MSG.dontWait | MSG.noSignal,
      );
      if (sent > 0) {
        this.#count(done, done + sent);
        done += sent;
        continue;
      }
      // An error is that of the first message not sent.
      const error = errno();
      if (error === ERRNO.intr) continue;
      const first = this.#firsts[done]!;
      if (error === ERRNO.again || error === ERRNO.noBuffers) {
        this.counters.dropped += this.#queued - first;
        return this.#queued;
      }
      const end = this.#firsts[done + 1]!;
      if (end - first > 1) {
        // EIO: the device cannot checksum segments, and never will. EINVAL, EMSGSIZE: not these.
        if (error === ERRNO.io) this.#maySegment = false;
        this.#singlesUntil = end;
        return first;
      }
      this.counters.refused++;
      done++;
    }
    return this.#queued;
  }

  /** Groups the packets from `from` on into messages; returns their number. */
  #plan(from: number): number {
    const outgoing = this.#outgoing;
    let count = 0;
    let packet = from;
    while (packet < this.#queued) {
      const end = this.#runEnd(packet);
      this.#firsts[count] = packet;
      for (let i = packet; i < end; i++)
        outgoing.setBuffer(i, this.#slab.base + this.#at[i]!, this.#lengths[i]!);
      outgoing.setMessage(count, packet, end - packet);
      const target = this.#targets[packet]!;
      if (target >= 0)
        outgoing.setName(count, this.#addresses.pointer(target), this.#addresses.length(target));
      else
        outgoing.setName(
          count,
          this.#sources.base + ~target * ADDRESS_SIZE,
          addressLength(this.#sourceWords, ~target * ADDRESS_WORDS),
        );
      if (end - packet > 1) outgoing.setSegmentLength(count, this.#lengths[packet]!);
      count++;
      packet = end;
    }
    this.#firsts[count] = packet;
    return count;
  }

  /** Behind the last packet that may share a message with packet `first`. */
  #runEnd(first: number): number {
    const segment = this.#lengths[first]!;
    let end = first + 1;
    if (!this.#maySegment || first < this.#singlesUntil || segment === 0) return end;
    let total = segment;
    while (end < this.#queued && end - first < MAX_SEGMENTS) {
      const length = this.#lengths[end]!;
      total += length;
      if (this.#targets[end] !== this.#targets[first]) break;
      if (length > segment || length === 0 || total > MAX_SEGMENTED_LENGTH) break;
      end++;
      if (length < segment) break;
    }
    return end;
  }

  #count(from: number, to: number): void {
    const { counters } = this;
    const end = this.#firsts[to]!;
    for (let i = this.#firsts[from]!; i < end; i++) counters.bytesSent += this.#lengths[i]!;
    counters.datagramsSent += end - this.#firsts[from]!;
    for (let i = from; i < to; i++)
      if (this.#firsts[i + 1]! - this.#firsts[i]! > 1) counters.segmentedMessages++;
  }

  #assertReceived(index: number): void {
    if (!(index >= 0 && index < this.#received)) throw new Error(`no received datagram ${index}`);
  }
}

/** What the system refuses here costs quality, not function: buffers and marks are wishes. */
function configure(fd: number, isIpv6: boolean, options: UdpSocketOptions): void {
  const bufferLength = options.bufferLength ?? DEFAULT_BUFFER_LENGTH;
  // The forced variants ignore net.core.*mem_max and need CAP_NET_ADMIN.
  if (!setOption(fd, SOL_SOCKET, SO.rcvbufForce, bufferLength))
    setOption(fd, SOL_SOCKET, SO.rcvbuf, bufferLength);
  if (!setOption(fd, SOL_SOCKET, SO.sndbufForce, bufferLength))
    setOption(fd, SOL_SOCKET, SO.sndbuf, bufferLength);
  if (isIpv6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  const trafficClass = ((options.dscp ?? 0) & 63) << 2;
  if (trafficClass === 0) return;
  if (isIpv6) setOption(fd, IPPROTO_IPV6, IPV6_TCLASS, trafficClass);
  else setOption(fd, IPPROTO_IP, IP_TOS, trafficClass);
}

function setOption(fd: number, level: number, name: number, value: number): boolean {
  const memory = new NativeMemory(4);
  memory.bytes.writeInt32LE(value);
  return libc().setsockopt(fd, level, name, memory.base, 4) === 0;
}
