import type { AdvertisedAddress } from '@switchyard/control/rooms';
import type { WorkerId } from '@switchyard/core/media-api';
import type { MediaAddress } from './addresses.ts';

/** Knows where clients reach each worker, from what the workers opened. */
export class Advertiser {
  readonly #addresses: readonly MediaAddress[];
  readonly #udp = new Map<WorkerId, readonly AdvertisedAddress[]>();
  #tcp: readonly AdvertisedAddress[] = [];

  constructor(addresses: readonly MediaAddress[]) {
    this.#addresses = addresses;
  }

  /** A worker is ready with these sockets. */
  setUdp(
    worker: WorkerId,
    sockets: readonly { readonly address: string; readonly port: number }[],
  ): void {
    this.#udp.set(
      worker,
      this.#addresses.flatMap(({ external, internal }) =>
        sockets
          .filter(({ address }) => address === internal)
          .map(({ port }) => ({ protocol: 'udp' as const, address: external, port })),
      ),
    );
  }

  /** The TCP port takes media at this address (null: at all of them). */
  setTcp(host: string | null, port: number): void {
    this.#tcp = this.#addresses
      .filter(({ internal }) => host === null || internal === host)
      .map(({ external }) => ({ protocol: 'tcp', address: external, port }));
  }

  /** Best first: UDP before TCP. Empty for a worker that has never been ready. */
  addressesOf(worker: WorkerId): readonly AdvertisedAddress[] {
    const udp = this.#udp.get(worker);
    return udp === undefined ? [] : [...udp, ...this.#tcp];
  }

  /** One media port of each worker, in their order. */
  get udpPorts(): number[] {
    return this.#udp
      .entries()
      .toArray()
      .sort(([a], [b]) => a - b)
      .flatMap(([, addresses]) => addresses.slice(0, 1).map(({ port }) => port));
  }
}
