import { u16, u32 } from '@switchyard/core/base';
import { HEADER_LENGTH, MAGIC_COOKIE } from '@switchyard/core/stun';

/** What a connection to the one TCP port begins with. `more`: it cannot be told yet. */
export type Protocol = 'tls' | 'http' | 'media' | 'unknown' | 'more';

/** Most bytes that `classifyFirstBytes` wants to see. */
export const FIRST_BYTES = 10;

/** TLS record type `handshake` (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
/** Longest frame that is taken over TCP. */
const MAX_FRAME = 2048;

/*
 *     TLS      16 | version ...
 *     HTTP     a method: capital letters
 *     media    length, 2 bytes | STUN: 00.. type | length | cookie at 6    (RFC 4571 §2, RFC 6544 §4.1)
 */

/** Tells by its first `length` bytes what a connection speaks. */
export function classifyFirstBytes(buf: Uint8Array, length: number): Protocol {
  if (length === 0) return 'more';
  const first = buf[0]!;
  if (first === TLS_HANDSHAKE) return 'tls';
  if (first >= 0x41 && first <= 0x5a) return 'http';
  if (first > MAX_FRAME >> 8) return 'unknown';
  if (length < FIRST_BYTES) return 'more';
  const frame = u16(buf, 0);
  const isStun = buf[2]! < 4 && u32(buf, 6) === MAGIC_COOKIE;
  return isStun && frame >= HEADER_LENGTH && frame <= MAX_FRAME ? 'media' : 'unknown';
}
