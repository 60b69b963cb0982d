import { parseIp } from '@switchyard/core/base';

/**
 * Whether a literal address belongs to this machine or a private network: loopback, RFC 1918, link-local,
 * unique local (RFC 4193), also as IPv4-mapped IPv6. Anything else, names included, does not.
 */
export function isPrivateAddress(text: string): boolean {
  const ip = parseIp(text.replace(/%.*$/, ''));
  if (ip === null) return false;
  if (ip.length === 4) return isPrivateIpv4(ip);
  const isMapped = ip.subarray(0, 10).every((byte) => byte === 0) && ip[10] === 0xff;
  if (isMapped) return ip[11] === 0xff && isPrivateIpv4(ip.subarray(12));
  const isLoopback = ip.subarray(0, 15).every((byte) => byte === 0) && ip[15] === 1;
  const isUniqueLocal = (ip[0]! & 0xfe) === 0xfc;
  const isLinkLocal = ip[0] === 0xfe && (ip[1]! & 0xc0) === 0x80;
  return isLoopback || isUniqueLocal || isLinkLocal;
}

function isPrivateIpv4(ip: Uint8Array): boolean {
  const [a, b] = [ip[0]!, ip[1]!];
  if (a === 127 || a === 10) return true;
  return (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254);
}
