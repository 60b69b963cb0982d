import { putU16, type TransportAddress, u16 } from '../base/index.ts';
import { HEADER_LENGTH } from './constants.ts';
import type { StunView } from './view.ts';

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;

/** Bytes of the value of an address attribute. RFC 8489 §14.1. */
export const addressValueLength = (address: TransportAddress): number => 4 + address.ip.length;

/**
 * Writes the value of XOR-MAPPED-ADDRESS and its kin (RFC 8489 §14.2) at `at`; the message starts at
 * `messageAt`, whose bytes 4..19 (cookie and transaction id) are the mask.
 */
export function putXorAddress(
  buf: Uint8Array,
  at: number,
  address: TransportAddress,
  messageAt: number,
): void {
  buf[at] = 0;
  buf[at + 1] = address.ip.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
  putU16(buf, at + 2, address.port ^ u16(buf, messageAt + 4));
  for (let i = 0; i < address.ip.length; i++)
    buf[at + 4 + i] = address.ip[i]! ^ buf[messageAt + 4 + i]!;
}

/** Reads an XOR address attribute as `view.find` returned it; null when malformed. Allocates. */
export function readXorAddress(view: StunView, valueAt: number): TransportAddress | null {
  const { buf, at } = view;
  const length = view.lengthOf(valueAt) - 4;
  if (length < 4) return null;
  const family = buf[valueAt + 1]!;
  if (family === FAMILY_IPV4 ? length !== 4 : family !== FAMILY_IPV6 || length !== 16) return null;
  const ip = new Uint8Array(length);
  const maskAt = at + HEADER_LENGTH - 16;
  for (let i = 0; i < length; i++) ip[i] = buf[valueAt + 4 + i]! ^ buf[maskAt + i]!;
  return { ip, port: u16(buf, valueAt + 2) ^ u16(buf, maskAt) };
}
