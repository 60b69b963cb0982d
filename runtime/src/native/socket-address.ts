import { isIPv4, isIPv6 } from 'node:net';

/** A transport address as the machines speak of it. */
export interface TransportAddress {
  /** Text of an IPv4 or IPv6 address, without brackets or zone. */
  readonly ip: string;
  readonly port: number;
}

/** Bytes of one record: `struct sockaddr_in6` and padding. */
export const ADDRESS_SIZE = 32;
export const ADDRESS_WORDS = ADDRESS_SIZE / 4;

const INET = 2;
const INET6 = 10;

/*
 * A record is Linux's `struct sockaddr_in` or `sockaddr_in6`, on every platform: family in host order
 * (2 bytes), port (2), then IPv4 (4 bytes at 4) or flow (4), IPv6 (16 bytes at 8), scope (4 at 24).
 */

/** Writes a record; false when `ip` is no address or the port none. */
export function writeAddress(record: Buffer, at: number, address: TransportAddress): boolean {
  const { ip, port } = address;
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) return false;
  record.fill(0, at, at + ADDRESS_SIZE);
  if (isIPv4(ip)) {
    record.writeUInt16LE(INET, at);
    const parts = ip.split('.');
    for (let i = 0; i < 4; i++) record[at + 4 + i] = Number(parts[i]);
  } else if (isIPv6(ip) && !ip.includes('%')) {
    record.writeUInt16LE(INET6, at);
    writeIpv6(record, at + 8, ip);
  } else return false;
  record.writeUInt16BE(port, at + 2);
  return true;
}

/** Reads a record. IPv6 text is uncompressed hexadecimal groups made short by RFC 5952. */
export function readAddress(record: Buffer, at: number): TransportAddress {
  const port = record.readUInt16BE(at + 2);
  if (record.readUInt16LE(at) === INET)
    return { ip: record.subarray(at + 4, at + 8).join('.'), port };
  const groups = Array.from({ length: 8 }, (_, i) => record.readUInt16BE(at + 8 + 2 * i));
  return { ip: formatIpv6(groups), port };
}

/** Length that the system wants beside a record. */
export const addressLength = (words: Int32Array, word: number): number =>
  (words[word]! & 0xffff) === INET ? 16 : 28;

export const isIpv6Record = (words: Int32Array, word: number): boolean =>
  (words[word]! & 0xffff) === INET6;

function writeIpv6(out: Buffer, at: number, text: string): void {
  let ip = text;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted !== null) {
    const [a, b, c, d] = dotted.slice(2).map(Number) as [number, number, number, number];
    ip = `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head = '', tail] = ip.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  first.forEach((group, i) => {
    out.writeUInt16BE(Number.parseInt(group, 16), at + 2 * i);
  });
  last.forEach((group, i) => {
    out.writeUInt16BE(Number.parseInt(group, 16), at + 2 * (8 - last.length + i));
  });
}

/** RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function formatIpv6(groups: readonly number[]): string {
  let bestAt = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      bestAt = i;
      bestLength = length;
    }
  }
  const hex = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(':');
  if (bestAt < 0) return hex(groups);
  return `${hex(groups.slice(0, bestAt))}::${hex(groups.slice(bestAt + bestLength))}`;
}
