import { parseIp } from '@switchyard/core/base';

/** [bytes of the prefix, its length in bits], from the special-purpose registries of RFC 6890. */
type Prefix = readonly [bytes: readonly number[], bits: number];

const SPECIAL_IPV4: readonly Prefix[] = [
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  // Multicast, reserved, broadcast.
  [[224], 3],
];

const GLOBAL_UNICAST: Prefix = [[0x20], 3];
/** Within 2000::/3: protocol assignments with Teredo, documentation, 6to4, which carry IPv4 addresses or nothing. */
const SPECIAL_IPV6: readonly Prefix[] = [
  [[0x20, 0x01, 0x00], 23],
  [[0x20, 0x01, 0x0d, 0xb8], 32],
  [[0x20, 0x02], 16],
  [[0x3f, 0xff, 0x00], 20],
];

/**
 * Whether a literal address is one on the Internet: what the server fetches for somebody must not reach this
 * machine or its neighbours (server-side request forgery). Mapped and translated addresses are not.
 */
export function isPublicAddress(text: string): boolean {
  const ip = parseIp(text);
  if (ip === null) return false;
  if (ip.length === 4) return !SPECIAL_IPV4.some((prefix) => isWithin(ip, prefix));
  return isWithin(ip, GLOBAL_UNICAST) && !SPECIAL_IPV6.some((prefix) => isWithin(ip, prefix));
}

function isWithin(ip: Uint8Array, [bytes, bits]: Prefix): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = 0xff << Math.max(0, 8 - (bits - bit));
    const byte = bytes[bit / 8] ?? 0;
    if (((ip[bit / 8]! ^ byte) & mask & 0xff) !== 0) return false;
  }
  return true;
}
