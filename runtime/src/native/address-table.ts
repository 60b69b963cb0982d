import { randomBytes } from 'node:crypto';
import { NativeMemory, type Pointer } from './memory.ts';
import {
  ADDRESS_SIZE,
  ADDRESS_WORDS,
  addressLength,
  isIpv6Record,
  readAddress,
  type TransportAddress,
  writeAddress,
} from './socket-address.ts';

const FREE = -1;
const DEFAULT_CAPACITY = 16_384;

/**
 * Gives each remote transport address in use a small integer, its tuple, so that the packet path
 * compares numbers and the kernel is handed a ready-made `sockaddr`. Reference-counted and bounded;
 * only addresses that have authenticated themselves should be acquired.
 *
 * Open addressing at half load with a secret seed: the cost of a lookup cannot be driven up from
 * outside.
 */
export class AddressTable {
  readonly capacity: number;
  readonly #records: NativeMemory;
  readonly #words: Int32Array;
  readonly #references: Int32Array;
  /** The tuple in each place of the hash table, or FREE. */
  readonly #places: Int32Array;
  readonly #mask: number;
  readonly #seed = randomBytes(4).readInt32LE();
  /** Unused tuples, a stack. */
  readonly #unused: Int32Array;
  #unusedCount: number;
  readonly #scratch = new NativeMemory(ADDRESS_SIZE);
  readonly #scratchWords = new Int32Array(this.#scratch.bytes.buffer);

  /** @param capacity addresses at most. */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.capacity = capacity;
    this.#records = new NativeMemory(capacity * ADDRESS_SIZE);
    this.#words = new Int32Array(this.#records.bytes.buffer);
    this.#references = new Int32Array(capacity);
    const places = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#places = new Int32Array(places).fill(FREE);
    this.#mask = places - 1;
    this.#unused = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#unusedCount = capacity;
  }

  /** Addresses in use. */
  get size(): number {
    return this.capacity - this.#unusedCount;
  }

  /** The tuple of an address; -1 when it is not in use. */
  find(address: TransportAddress): number {
    if (!writeAddress(this.#scratch.bytes, 0, address)) return -1;
    return this.findRecord(this.#scratchWords, 0);
  }

  /** Takes a reference; a new tuple when the address had none. -1 when full or not an address. */
  acquire(address: TransportAddress): number {
    if (!writeAddress(this.#scratch.bytes, 0, address)) return -1;
    return this.acquireRecord(this.#scratchWords, 0);
  }

  /** One more reference to a tuple in use. */
  retain(tuple: number): void {
    this.#assertUsed(tuple);
    this.#references[tuple]!++;
  }

  /** Gives a reference back; with the last one the tuple may come to mean another address. */
  release(tuple: number): void {
    this.#assertUsed(tuple);
    if (--this.#references[tuple]! > 0) return;
    this.#remove(tuple);
    this.#unused[this.#unusedCount++] = tuple;
  }

  /** For logs and descriptions; builds an object. */
  address(tuple: number): TransportAddress {
    this.#assertUsed(tuple);
    return readAddress(this.#records.bytes, tuple * ADDRESS_SIZE);
  }

  isIpv6(tuple: number): boolean {
    return isIpv6Record(this.#words, tuple * ADDRESS_WORDS);
  }

  /** For sockets: `find` by a record at word `at`. */
  findRecord(words: Int32Array, at: number): number {
    let place = this.#hash(words, at);
    for (;;) {
      const tuple = this.#places[place]!;
      if (tuple === FREE || this.#equals(tuple, words, at)) return tuple;
      place = (place + 1) & this.#mask;
    }
  }

  /** For sockets: `acquire` by a record at word `at`. */
  acquireRecord(words: Int32Array, at: number): number {
    let tuple = this.findRecord(words, at);
    if (tuple === FREE) {
      if (this.#unusedCount === 0) return -1;
      tuple = this.#unused[--this.#unusedCount]!;
      for (let i = 0; i < ADDRESS_WORDS; i++)
        this.#words[tuple * ADDRESS_WORDS + i] = words[at + i]!;
      let place = this.#hash(words, at);
      while (this.#places[place] !== FREE) place = (place + 1) & this.#mask;
      this.#places[place] = tuple;
    }
    this.#references[tuple]!++;
    return tuple;
  }

  /** For sockets: the record as the kernel wants it. A bug of ours gives a tuple out of range. */
  pointer(tuple: number): Pointer {
    if (!(tuple >= 0 && tuple < this.capacity)) throw new Error(`no tuple ${tuple}`);
    return this.#records.base + tuple * ADDRESS_SIZE;
  }

  /** For sockets: the length of the record as the kernel wants it. */
  length(tuple: number): number {
    return addressLength(this.#words, tuple * ADDRESS_WORDS);
  }

  #assertUsed(tuple: number): void {
    if (!(this.#references[tuple]! > 0)) throw new Error(`tuple ${tuple} is not in use`);
  }

  /** Closes the gap, so that lookups may stop at the first free place. */
  #remove(tuple: number): void {
    const mask = this.#mask;
    let gap = this.#hash(this.#words, tuple * ADDRESS_WORDS);
    while (this.#places[gap] !== tuple) gap = (gap + 1) & mask;
    for (let place = (gap + 1) & mask; this.#places[place] !== FREE; place = (place + 1) & mask) {
      const home = this.#hash(this.#words, this.#places[place]! * ADDRESS_WORDS);
      if (((place - home) & mask) >= ((place - gap) & mask)) {
        this.#places[gap] = this.#places[place]!;
        gap = place;
      }
    }
    this.#places[gap] = FREE;
  }

  #hash(words: Int32Array, at: number): number {
    let hash = mix(this.#seed, words[at]!);
    if (isIpv6Record(words, at)) for (let i = 2; i <= 6; i++) hash = mix(hash, words[at + i]!);
    else hash = mix(hash, words[at + 1]!);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** Family, port and address; for IPv6 the scope too, but not the flow label. */
  #equals(tuple: number, words: Int32Array, at: number): boolean {
    const mine = this.#words;
    const start = tuple * ADDRESS_WORDS;
    if (mine[start] !== words[at]) return false;
    if (!isIpv6Record(words, at)) return mine[start + 1] === words[at + 1];
    for (let i = 2; i <= 6; i++) if (mine[start + i] !== words[at + i]) return false;
    return true;
  }
}

/** One round of MurmurHash3. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
