import { createSocket } from 'node:dgram';

/** A UDP port that cannot be opened. */
export interface PortProblem {
  readonly address: string;
  readonly port: number;
  /** The system's code, as `EADDRINUSE`. */
  readonly code: string;
}

/**
 * Tries the media ports before the workers do, since here it can be said what is wrong with them. null:
 * all can be opened.
 */
export async function findPortProblem(
  sockets: readonly { readonly address: string; readonly port: number }[],
): Promise<PortProblem | null> {
  for (const { address, port } of sockets) {
    const code = await tryToBind(address, port);
    if (code !== null) return { address, port, code };
  }
  return null;
}

function tryToBind(address: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket({
      type: address.includes(':') ? 'udp6' : 'udp4',
      ipv6Only: address.includes(':'),
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code ?? error.message);
    });
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(null)));
  });
}
