import { parseIp, type TransportAddress, toHex } from '@switchyard/core/base';

/** The remote end of a TCP socket. */
export interface RemoteEnd {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Its address, IPv4 also when it came in on an IPv6 socket; null when the connection is gone already. */
export function remoteOf({ remoteAddress, remotePort }: RemoteEnd): TransportAddress | null {
  if (remoteAddress === undefined || remotePort === undefined) return null;
  const ip = parseIp(remoteAddress.replace(/%.*$/, ''));
  return ip === null ? null : { ip: withoutMapping(ip), port: remotePort };
}

/** The IPv4 address inside `::ffff:0:0/96` (RFC 4291 §2.5.5.2); others as they are. */
function withoutMapping(ip: Uint8Array): Uint8Array {
  const mapped =
    ip.length === 16 &&
    ip[10] === 0xff &&
    ip[11] === 0xff &&
    ip.subarray(0, 10).every((byte) => byte === 0);
  return mapped ? ip.slice(12) : ip;
}

export function isLoopback(ip: Uint8Array): boolean {
  if (ip.length === 4) return ip[0] === 127;
  return ip[15] === 1 && ip.subarray(0, 15).every((byte) => byte === 0);
}

/** What counts as one source: an IPv4 address, or an IPv6 /64, which is what one customer has at least. */
export const sourceOf = (ip: Uint8Array): string => toHex(ip.length === 4 ? ip : ip.subarray(0, 8));
