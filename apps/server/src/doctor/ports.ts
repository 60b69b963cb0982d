import { createServer } from 'node:net';
import type { Config } from '../config/index.ts';
import type { MediaAddress } from '../network/addresses.ts';
import { workerSettings } from '../network/media-plan.ts';
import { findPortProblem } from '../network/udp-ports.ts';
import { describePortProblem } from '../start-problem.ts';
import type { Finding } from './check.ts';

const ASK_MS = 1_000;

/** Whether the ports can be opened, or are a running server's of ours. */
export async function checkPorts(
  config: Config,
  addresses: readonly MediaAddress[],
): Promise<Finding[]> {
  const { host, port } = config.server.listen;
  const tcpProblem = await tryTcp(host, port);
  if (tcpProblem === 'EADDRINUSE' && (await isSwitchyard(host, port)))
    return [{ name: 'ports', status: 'ok', detail: `a Switchyard server runs at port ${port}` }];
  const sockets = workerSettings(config, addresses, null, 'portable').flatMap(({ udp }) => udp);
  const udpProblem = await findPortProblem(sockets);
  const place = { address: host ?? 'all addresses', port };
  return [
    tcpProblem === null
      ? { name: 'TCP port', status: 'ok', detail: `${port} is free` }
      : failed('TCP port', describePortProblem('TCP', place, tcpProblem)),
    udpProblem === null
      ? { name: 'UDP ports', status: 'ok', detail: describeUdp(sockets) }
      : failed('UDP ports', describePortProblem('UDP', udpProblem, udpProblem.code)),
  ];
}

const failed = (
  name: string,
  { message, fix }: { readonly message: string; readonly fix: string },
): Finding => ({ name, status: 'fail', detail: message, fix });

function describeUdp(sockets: readonly { readonly port: number }[]): string {
  const ports = [...new Set(sockets.map(({ port }) => port))];
  if (ports.includes(0)) return 'any free ones';
  return `${ports.join(', ')} ${ports.length === 1 ? 'is' : 'are'} free`;
}

/** The system's code of what is wrong; null: the port can be opened. */
function tryTcp(host: string | null, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, ...(host === null ? {} : { host }) }, () =>
      server.close(() => resolve(null)),
    );
  });
}

async function isSwitchyard(host: string | null, port: number): Promise<boolean> {
  const name = host === null ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(ASK_MS);
    const response = await fetch(`http://${name}:${port}/api/v1/info`, { signal });
    const info: unknown = await response.json();
    return (
      typeof info === 'object' && info !== null && 'name' in info && info.name === 'Switchyard'
    );
  } catch {
    return false;
  }
}
