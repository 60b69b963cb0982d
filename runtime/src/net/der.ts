/*
 * The part of DER (X.690) that a certificate needs. Every function returns one whole element:
 * identifier, length, contents.
 */

/** An element of any type: `tag` is the identifier octet. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(body.length)), body]);
}

/** X.690 §8.1.3: short form below 128, else the number of length octets and then these. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => element(0x31, ...parts);
export const octetString = (contents: Uint8Array): Uint8Array => element(0x04, contents);
export const utf8String = (text: string): Uint8Array => element(0x0c, Buffer.from(text, 'utf8'));
export const boolean = (value: boolean): Uint8Array =>
  element(0x01, Uint8Array.of(value ? 0xff : 0));

/** `[number]` in its constructed, explicit form. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  element(0xa0 | number, ...parts);

/** `[number]` in its primitive, implicit form. */
export const implicit = (number: number, contents: Uint8Array): Uint8Array =>
  element(0x80 | number, contents);

/** A bit string; `unusedBits` (0..7) of its last octet do not count. */
export const bitString = (contents: Uint8Array, unusedBits = 0): Uint8Array =>
  element(0x03, Uint8Array.of(unusedBits), contents);

/** A non-negative integer from its big-endian bytes, in the shortest form (X.690 §8.3.2). */
export function integer(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const digits = bytes.subarray(at);
  return digits[0]! >= 0x80 ? element(0x02, Uint8Array.of(0), digits) : element(0x02, digits);
}

/** An object identifier from its dotted text, as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128))
      groups.unshift(0x80 | (high % 128));
    return groups;
  });
  return element(0x06, Uint8Array.from(octets));
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from then on; whole seconds. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : element(0x18, Buffer.from(digits, 'latin1'));
}
