import { Ring, type TransportAddress } from '../base/index.ts';

/** More than this nobody leaves undrained; the rest is lost, as on any network. */
const CAPACITY = 128;

export interface OutgoingDatagram {
  /** The owner's number of the local socket. */
  readonly base: number;
  readonly to: TransportAddress;
  readonly bytes: Uint8Array;
}

/** Datagrams written by an agent and not yet taken by its owner. */
export class Outbox {
  readonly #queue = new Ring<OutgoingDatagram>(CAPACITY);

  push(base: number, to: TransportAddress, bytes: Uint8Array): void {
    this.#queue.push({ base, to, bytes });
  }

  shift(): OutgoingDatagram | undefined {
    return this.#queue.shift();
  }
}
