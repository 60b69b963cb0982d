import { NativeMemory, type Pointer, putPointer } from './memory.ts';

/** `struct mmsghdr` of 64-bit Linux: msghdr (56 bytes), msg_len, padding. In 4-byte words. */
const MESSAGE_WORDS = 16;
const Word = {
  name: 0,
  nameLength: 2,
  vector: 4,
  vectorLength: 6,
  control: 8,
  controlLength: 10,
  flags: 12,
  length: 14,
} as const;

/** `struct iovec`: pointer and length. */
const VECTOR_WORDS = 4;

/** Space of one control message with a 16-bit value: CMSG_SPACE(2), and the CMSG_LEN(2) inside. */
const CONTROL_SPACE = 24;
const CONTROL_LENGTH = 18;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

/**
 * The arrays that `recvmmsg` and `sendmmsg` work on: `count` message headers, as many buffer vectors
 * and control areas. Filled through 32-bit words, which neither allocates nor calls out.
 */
export class MessageArray {
  readonly #headers: NativeMemory;
  readonly #vectors: NativeMemory;
  readonly #controls: NativeMemory;
  readonly #header: Uint32Array;
  readonly #vector: Uint32Array;
  readonly #control: Uint32Array;

  constructor(count: number) {
    this.#headers = new NativeMemory(count * MESSAGE_WORDS * 4);
    this.#vectors = new NativeMemory(count * VECTOR_WORDS * 4);
    this.#controls = new NativeMemory(count * CONTROL_SPACE);
    this.#header = new Uint32Array(this.#headers.bytes.buffer);
    this.#vector = new Uint32Array(this.#vectors.bytes.buffer);
    this.#control = new Uint32Array(this.#controls.bytes.buffer);
  }

  /** Address of message `index`. */
  pointer(index: number): Pointer {
    return this.#headers.base + index * MESSAGE_WORDS * 4;
  }

  setBuffer(vector: number, pointer: Pointer, length: number): void {
    const word = vector * VECTOR_WORDS;
    putPointer(this.#vector, word, pointer);
    this.#vector[word + 2] = length;
  }

  /** Message `index` is made of `vectorCount` buffers from `firstVector` on and has no control data. */
  setMessage(index: number, firstVector: number, vectorCount: number): void {
    const word = index * MESSAGE_WORDS;
    const header = this.#header;
    putPointer(header, word + Word.vector, this.#vectors.base + firstVector * VECTOR_WORDS * 4);
    header[word + Word.vectorLength] = vectorCount;
    header[word + Word.controlLength] = 0;
  }

  setName(index: number, pointer: Pointer, length: number): void {
    const word = index * MESSAGE_WORDS;
    putPointer(this.#header, word + Word.name, pointer);
    this.#header[word + Word.nameLength] = length;
  }

  /** The kernel overwrites this on reception. */
  setNameLength(index: number, length: number): void {
    this.#header[index * MESSAGE_WORDS + Word.nameLength] = length;
  }

  /** The kernel shall cut the message into datagrams of `segmentLength` bytes. udp(7), UDP_SEGMENT. */
  setSegmentLength(index: number, segmentLength: number): void {
    const word = (index * CONTROL_SPACE) >> 2;
    this.#control[word] = CONTROL_LENGTH;
    this.#control[word + 2] = SOL_UDP;
    this.#control[word + 3] = UDP_SEGMENT;
    this.#control[word + 4] = segmentLength;
    const header = index * MESSAGE_WORDS;
    putPointer(this.#header, header + Word.control, this.#controls.base + index * CONTROL_SPACE);
    this.#header[header + Word.controlLength] = CONTROL_SPACE;
  }

  flags(index: number): number {
    return this.#header[index * MESSAGE_WORDS + Word.flags]!;
  }

  /** Bytes received in message `index`. */
  length(index: number): number {
    return this.#header[index * MESSAGE_WORDS + Word.length]!;
  }
}
