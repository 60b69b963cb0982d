import type { Result } from '@switchyard/core/base';
import { ok } from '@switchyard/core/base';
import {
  AddressTable,
  type BatchSocket,
  DgramBatchSocket,
  type PacketSlab,
  type SocketError,
  UdpBatchSocket,
} from '../native/index.ts';

/** Remote addresses per socket; a tuple must fit into 16 bits. */
const ADDRESSES = 16_384;

/** One UDP socket and the remote addresses that have authenticated themselves on it. */
export interface UdpPort {
  readonly number: number;
  readonly address: string;
  readonly socket: BatchSocket;
  readonly addresses: AddressTable;
}

export interface UdpPortOptions {
  readonly number: number;
  readonly address: string;
  readonly port: number;
  readonly slab: PacketSlab;
  readonly receiveAt: number;
  readonly receiveSlots: number;
  readonly sendSlots: number;
  readonly kind: 'batch' | 'portable';
}

/** Opens a socket of the kind the settings name. */
export async function openUdpPort(options: UdpPortOptions): Promise<Result<UdpPort, SocketError>> {
  const { number, address, port, slab, receiveAt, receiveSlots, sendSlots } = options;
  const addresses = new AddressTable(ADDRESSES);
  const socketOptions = { address, port, slab, receiveAt, receiveSlots, sendSlots, addresses };
  const opened =
    options.kind === 'batch'
      ? UdpBatchSocket.open(socketOptions)
      : await DgramBatchSocket.open(socketOptions);
  return opened.ok ? ok({ number, address, socket: opened.value, addresses }) : opened;
}
