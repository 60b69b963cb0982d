import koffi from 'koffi';

/**
 * The address of native memory. A plain number: user-space addresses have 47 bits, `uintptr_t`
 * parameters take numbers as they are, and neither that nor arithmetic on them allocates (pointers as
 * bigint, koffi's default, are garbage when computed).
 */
export type Pointer = number;

/** The null pointer. */
export const NULL = 0 satisfies Pointer;

/**
 * Zeroed memory that stays where it is for as long as the object is reachable: the owner of a pointer
 * into it holds the object too.
 */
export class NativeMemory {
  /** On an `ArrayBuffer` of its own: a small typed array without one may live on the movable heap. */
  readonly bytes: Buffer;
  /** Address of position 0. */
  readonly base: Pointer;

  constructor(length: number) {
    this.bytes = Buffer.from(new ArrayBuffer(length));
    this.base = Number(koffi.address(this.bytes));
  }

  /** Broken only by a bug of ours; native code must not be the one to find out. */
  assertInside(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length))
      throw new Error(`[${at}, +${length}] lies outside ${this.bytes.length} bytes of memory`);
  }
}

/** Lends `secret` to native code in memory that is wiped afterwards. */
export function withSecret<T>(secret: Uint8Array, use: (secret: Pointer) => T): T {
  const memory = new NativeMemory(secret.length);
  memory.bytes.set(secret);
  try {
    return use(memory.base);
  } finally {
    memory.bytes.fill(0);
  }
}

/** Writes an address where a C structure holds one, `words` being a view of that memory. */
export function putPointer(words: Uint32Array, word: number, pointer: Pointer): void {
  const low = pointer >>> 0;
  words[word] = low; // little-endian, as all platforms we run on
  words[word + 1] = (pointer - low) / 0x1_0000_0000;
}
