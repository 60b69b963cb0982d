import { networkInterfaces } from 'node:os';
import { parseIp } from '@switchyard/core/base';
import type { AdvertisedAddress } from '../config/index.ts';

/** Where a media port is open, and what clients are told instead. */
export interface MediaAddress {
  readonly external: string;
  readonly internal: string;
}

/** An address of a network interface, as Node tells it. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  readonly internal: boolean;
}

/** Bridges to containers and virtual machines: nobody outside of this machine reaches it by their addresses. */
const BRIDGE = /^(?:docker|br-|veth|virbr|cni|flannel|cali|lxc|lxd|podman|vmnet|vboxnet)/;

const LOOPBACK = ['127.0.0.1', '::1'];

export function systemAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map(({ address, internal }) => ({ name, address, internal })),
  );
}

/**
 * The addresses for media, best first: as configured, `auto` replaced by those of the interfaces (no
 * link-local ones, and loopback when `withLoopback`, or when there is nothing else).
 */
export function mediaAddresses(
  advertise: readonly AdvertisedAddress[],
  interfaces: readonly InterfaceAddress[],
  withLoopback: boolean,
): MediaAddress[] {
  const found = advertise.flatMap((entry) =>
    entry.kind === 'fixed'
      ? [entry]
      : autoAddresses(interfaces, withLoopback).map((address) => ({
          external: address,
          internal: address,
        })),
  );
  const seen = new Set<string>();
  return found
    .filter(({ internal }) => !seen.has(internal) && seen.add(internal))
    .map(({ external, internal }) => ({ external, internal }));
}

function autoAddresses(interfaces: readonly InterfaceAddress[], withLoopback: boolean): string[] {
  const outside = reachableAddresses(interfaces);
  const available = new Set(interfaces.map(({ address }) => address));
  const loopback = LOOPBACK.filter((address) => available.has(address));
  return withLoopback || outside.length === 0 ? [...outside, ...loopback] : outside;
}

/** Addresses by which other machines may reach this one: IPv4 first. */
export function reachableAddresses(interfaces: readonly InterfaceAddress[]): string[] {
  return interfaces
    .filter(
      ({ name, address, internal }) => !internal && !BRIDGE.test(name) && !isLinkLocal(address),
    )
    .map(({ address }) => address)
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
}

/** RFC 3927 and RFC 4291 §2.5.6: 169.254.0.0/16, fe80::/10. */
function isLinkLocal(address: string): boolean {
  const ip = parseIp(address);
  if (ip === null) return true;
  return ip.length === 4
    ? ip[0] === 169 && ip[1] === 254
    : ip[0] === 0xfe && (ip[1]! & 0xc0) === 0x80;
}
