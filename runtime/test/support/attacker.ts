import { SeededRandom } from '@switchyard/tools/testkit';
import { AddressTable, PacketSlab, SLOT_SIZE, UdpBatchSocket } from '../../src/native/index.ts';
import { hostilePackets, type Overheard } from './hostile-packets.ts';

const SEND_SLOTS = 256;
const RECEIVE_SLOTS = 256;

/** Sends hostile datagrams to a worker as fast as the system takes them, and counts what comes back. */
export class Attacker {
  sentCount = 0;
  sentBytes = 0;
  receivedCount = 0;
  receivedBytes = 0;
  readonly #random: SeededRandom;
  readonly #overheard: Overheard;
  readonly #slab = new PacketSlab(SEND_SLOTS + RECEIVE_SLOTS);
  readonly #socket: UdpBatchSocket;
  readonly #target: number;
  readonly #makers: ReturnType<typeof hostilePackets>;
  #queued = 0;

  constructor(port: number, seed: number, overheard: Overheard) {
    this.#random = new SeededRandom(seed);
    this.#overheard = overheard;
    this.#makers = hostilePackets(overheard);
    const addresses = new AddressTable();
    const opened = UdpBatchSocket.open({
      address: '127.0.0.1',
      port: 0,
      slab: this.#slab,
      receiveAt: SEND_SLOTS * SLOT_SIZE,
      receiveSlots: RECEIVE_SLOTS,
      sendSlots: SEND_SLOTS,
      addresses,
    });
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    this.#socket = opened.value;
    this.#target = addresses.acquire({ ip: '127.0.0.1', port });
  }

  /** The next hostile datagram, for somebody else's socket. */
  make(): Buffer {
    return this.#makers[this.#random.below(this.#makers.length)]!(this.#random, this.#overheard);
  }

  /** Sends `count` datagrams of all classes. */
  burst(count: number): void {
    for (let i = 0; i < count; i++) this.send(this.make());
    this.flush();
    this.drain();
  }

  send(packet: Buffer): void {
    if (this.#queued === SEND_SLOTS) this.flush();
    const at = this.#queued++ * SLOT_SIZE;
    packet.copy(this.#slab.bytes, at);
    this.#socket.queue(at, packet.length, this.#target);
    this.sentCount++;
    this.sentBytes += packet.length;
  }

  flush(): void {
    this.#socket.flush();
    this.#queued = 0;
  }

  /** Counts the answers that wait. */
  drain(): void {
    for (let count = this.#socket.receive(); count > 0; count = this.#socket.receive())
      for (let i = 0; i < count; i++) {
        this.receivedCount++;
        this.receivedBytes += this.#socket.lengthOf(i);
      }
  }

  close(): void {
    this.#socket.close();
  }
}
