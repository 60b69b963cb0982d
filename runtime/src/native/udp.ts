import type { Result } from '@switchyard/core/base';
import type { BatchSocket, SocketError, UdpSocketOptions } from './batch-socket.ts';
import { DgramBatchSocket } from './dgram-socket.ts';
import { UdpBatchSocket } from './udp-socket.ts';

/** Opens the best socket that this platform has. */
export async function openUdpSocket(
  options: UdpSocketOptions,
): Promise<Result<BatchSocket, SocketError>> {
  return process.platform === 'linux'
    ? UdpBatchSocket.open(options)
    : await DgramBatchSocket.open(options);
}
