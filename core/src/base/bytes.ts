/*
 * Big-endian access at byte offsets. The caller has checked the bounds once, for the whole structure;
 * no view or slice is made, so these are free on the packet path.
 */

export const u8 = (buf: Uint8Array, at: number): number => buf[at]!;

export const u16 = (buf: Uint8Array, at: number): number => (buf[at]! << 8) | buf[at + 1]!;

export const u24 = (buf: Uint8Array, at: number): number =>
  (buf[at]! << 16) | (buf[at + 1]! << 8) | buf[at + 2]!;

/** Signed 24-bit integer, as RTCP's cumulative loss. */
export const i24 = (buf: Uint8Array, at: number): number => (u24(buf, at) << 8) >> 8;

export const i16 = (buf: Uint8Array, at: number): number => (u16(buf, at) << 16) >> 16;

export const u32 = (buf: Uint8Array, at: number): number =>
  ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;

export function putU16(buf: Uint8Array, at: number, value: number): void {
  buf[at] = value >>> 8;
  buf[at + 1] = value;
}

export function putU24(buf: Uint8Array, at: number, value: number): void {
  buf[at] = value >>> 16;
  buf[at + 1] = value >>> 8;
  buf[at + 2] = value;
}

export function putU32(buf: Uint8Array, at: number, value: number): void {
  buf[at] = value >>> 24;
  buf[at + 1] = value >>> 16;
  buf[at + 2] = value >>> 8;
  buf[at + 3] = value;
}

/** Compares two byte strings in time that depends on their length alone. For authenticators. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Lower-case hexadecimal text of `bytes`. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of hexadecimal text; white space and colons are skipped. For vectors and fingerprints. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/[\s:]/g, '');
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
