import { parseIp } from '@switchyard/core/base';
import * as z from 'zod';

/** Where the TCP port listens. */
export interface ListenAddress {
  /** A literal address; null: every address of both families. */
  readonly host: string | null;
  /** 0: any free one. */
  readonly port: number;
}

const LISTEN = 'a port as ":7880", or an address and a port as "192.168.1.20:7880" or "[::1]:7880"';

/** Text as `:7880` or `[::1]:7880`. */
export const listenAddress = (description: string, value: string) =>
  z
    .string({ error: LISTEN })
    .transform((given, context): ListenAddress => {
      const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]*)):(\d{1,5})$/.exec(given);
      const host = (match?.[1] ?? match?.[2]) || null;
      const port = Number(match?.[3]);
      if (match !== null && port <= 0xffff && (host === null || parseIp(host) !== null))
        return { host, port };
      context.addIssue({ code: 'custom', message: LISTEN });
      return z.NEVER;
    })
    .prefault(value)
    .meta({ description });

/**
 * One entry of `rtc.advertise`: `auto`, or the address that clients are told with the one of this machine
 * that they reach it by (the same unless a NAT stands between).
 */
export type AdvertisedAddress =
  | { readonly kind: 'auto' }
  | { readonly kind: 'fixed'; readonly external: string; readonly internal: string };

const ADVERTISE =
  '"auto", an IP address of this machine, or "external=internal" behind a NAT, as "203.0.113.7=10.0.0.5"';

export const advertisedAddress = z
  .string({ error: ADVERTISE })
  .transform((given, context): AdvertisedAddress => {
    if (given === 'auto') return { kind: 'auto' };
    const [external = '', internal = external, ...rest] = given.split('=');
    const [outer, inner] = [parseIp(external), parseIp(internal)];
    if (rest.length === 0 && outer !== null && outer.length === inner?.length)
      return { kind: 'fixed', external, internal };
    context.addIssue({ code: 'custom', message: ADVERTISE });
    return z.NEVER;
  });
