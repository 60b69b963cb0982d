import koffi from 'koffi';

/**
 * The address of native memory. A plain number: user-space addresses have 47 bits, `uintptr_t`
 * parameters take numbers as they are, and neither that nor arithmetic on them allocates (pointers as
 * bigint, koffi's default, cost 20 ns more each and garbage when computed).
 */
export type Pointer = number;

/** The null pointer. */
export const NULL: Pointer = 0;

/**
 * Zeroed memory that stays where it is for as long as the buffer is reachable: the owner of a pointer
 * into it holds the buffer too. (A small typed array of its own would live on the movable heap.)
 */
export const allocateNative = (length: number): Buffer => Buffer.from(new ArrayBuffer(length));

/** Where `buffer`, made by `allocateNative`, lies. */
export const addressOf = (buffer: Uint8Array): Pointer => Number(koffi.address(buffer));
