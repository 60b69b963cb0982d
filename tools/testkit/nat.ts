import type { TransportAddress } from '@switchyard/core/base';
import { printIp } from '@switchyard/core/base';

/** The four classic behaviours (RFC 3489 §5), in terms of RFC 4787: mapping and filtering. */
export type NatKind = 'fullCone' | 'restricted' | 'portRestricted' | 'symmetric';

interface Mapping {
  readonly inside: TransportAddress;
  readonly outsidePort: number;
  /** Addresses the inside has sent to, as the filter sees them. */
  readonly permitted: Set<string>;
}

export const addressKey = (address: TransportAddress): string =>
  `${printIp(address.ip)}|${address.port}`;

/** A network address translator for UDP. Mappings last until `rebind`. */
export class Nat {
  readonly publicIp: Uint8Array;
  readonly kind: NatKind;
  #mappings = new Map<string, Mapping>();
  #byPort = new Map<number, Mapping>();
  #nextPort = 40_000;

  constructor(publicIp: Uint8Array, kind: NatKind) {
    this.publicIp = publicIp;
    this.kind = kind;
  }

  /** Translates the source of an outgoing datagram, making a mapping if there is none. */
  translateOut(inside: TransportAddress, remote: TransportAddress): TransportAddress {
    const isSymmetric = this.kind === 'symmetric';
    const key = addressKey(inside) + (isSymmetric ? `>${addressKey(remote)}` : '');
    let mapping = this.#mappings.get(key);
    if (mapping === undefined) {
      mapping = { inside, outsidePort: this.#nextPort++, permitted: new Set() };
      this.#mappings.set(key, mapping);
      this.#byPort.set(mapping.outsidePort, mapping);
    }
    mapping.permitted.add(this.#filterKey(remote));
    return { ip: this.publicIp, port: mapping.outsidePort };
  }

  /** Where an incoming datagram goes inside; null when the NAT drops it. */
  translateIn(remote: TransportAddress, outsidePort: number): TransportAddress | null {
    const mapping = this.#byPort.get(outsidePort);
    if (mapping === undefined) return null;
    const isPermitted = this.kind === 'fullCone' || mapping.permitted.has(this.#filterKey(remote));
    return isPermitted ? mapping.inside : null;
  }

  /** Forgets every mapping: what follows comes from new ports. */
  rebind(): void {
    this.#mappings = new Map();
    this.#byPort = new Map();
  }

  #filterKey(remote: TransportAddress): string {
    return this.kind === 'restricted' ? printIp(remote.ip) : addressKey(remote);
  }
}
