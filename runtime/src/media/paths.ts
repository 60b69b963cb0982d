/*
 * A path is a local socket and a remote address as one small integer: the worker's number of the socket in the
 * upper bits, the remote's number within that socket (a tuple, or a TCP connection) in the lower 16.
 */

/** The socket number that stands for the TCP relay. */
export const TCP_PORT = 255;

export const pathOf = (port: number, remote: number): number => (port << 16) | remote;
export const portOf = (path: number): number => path >> 16;
export const remoteOf = (path: number): number => path & 0xffff;
