/** A socket address as numbers. The bytes of `ip` are not modified by whoever holds it. */
export interface TransportAddress {
  /** 4 bytes (IPv4) or 16 bytes (IPv6), network order. */
  readonly ip: Uint8Array;
  /** 0..65535. */
  readonly port: number;
}

export function isSameAddress(a: TransportAddress, b: TransportAddress): boolean {
  if (a.port !== b.port || a.ip.length !== b.ip.length) return false;
  for (let i = 0; i < a.ip.length; i++) if (a.ip[i] !== b.ip[i]) return false;
  return true;
}

/**
 * The bytes of a literal IP address: 4 or 16; null for anything else (names, octal or hexadecimal
 * IPv4 parts, zone ids). Never resolves and never throws.
 */
export function parseIp(text: string): Uint8Array | null {
  if (text.length > 45) return null;
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const ip = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    ip[i] = Number(part);
  }
  return ip;
}

/** RFC 4291 §2.2, with the dotted form for the last 32 bits. */
function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const count = head.length + tail.length;
  if (halves.length === 1 ? count !== 16 : count > 14) return null;
  const ip = new Uint8Array(16);
  ip.set(head, 0);
  ip.set(tail, 16 - tail.length);
  return ip;
}

/** Bytes of colon-separated groups; the last may be a dotted IPv4 when `isEnd`. */
function parseGroups(text: string, isEnd: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (isEnd && i === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** Canonical text of 4 or 16 bytes; IPv6 as RFC 5952 §4 (lower case, longest run of zeros shortened). */
export function printIp(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (ip[2 * i]! << 8) | ip[2 * i + 1]!);
  const [start, count] = longestZeroRun(groups);
  const print = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (count < 2) return print(groups);
  return `${print(groups.slice(0, start))}::${print(groups.slice(start + count))}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, count: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best[1]) best = [start, i - start];
    start = i + 1;
  }
  return best;
}
