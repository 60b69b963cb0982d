/** Randomness, given to a core by its owner: the system's generator in the server, a seeded one in tests. */
export interface Random {
  /** Fills `out` with random bytes. */
  fill(out: Uint8Array): void;
}

/** A random integer in 0..2^32-1. */
export function randomU32(random: Random): number {
  const bytes = new Uint8Array(4);
  random.fill(bytes);
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}

const ICE_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Random text of the 64 `ice-char`s (RFC 8839 §5.4): 6 bits a character. Also a safe alphabet for ids. */
export function randomIceChars(random: Random, length: number): string {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return Array.from(bytes, (byte) => ICE_CHARS[byte & 63]!).join('');
}

/** Structured logging. Nothing is logged per packet. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
