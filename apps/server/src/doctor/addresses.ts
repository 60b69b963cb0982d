import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { isPrivateAddress } from '@switchyard/control/api';
import type { MediaAddress } from '../network/addresses.ts';
import type { Finding } from './check.ts';

/** Over our own interface it comes at once. */
const ECHO_MS = 1_000;

/** Whether the addresses that clients are told are ours, reachable from outside, and carry UDP. */
export async function checkAddresses(addresses: readonly MediaAddress[]): Promise<Finding[]> {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
  );
  const told = addresses.map(({ external }) => external).join(', ');
  const missing = addresses.filter(({ internal }) => !own.has(internal));
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push({
      name: 'addresses',
      status: 'fail',
      detail: `${missing.map(({ internal }) => internal).join(', ')}: not of this machine`,
      fix: 'Correct rtc.advertise; behind a NAT write "external=internal".',
    });
  else if (addresses.every(({ external }) => isPrivateAddress(external)))
    findings.push({
      name: 'addresses',
      status: 'warn',
      detail: `${told}: reached from this machine or network only`,
      fix: 'For clients on the Internet set rtc.advertise to "public=private".',
    });
  else findings.push({ name: 'addresses', status: 'ok', detail: told });
  for (const { internal } of addresses.filter(({ internal }) => own.has(internal)))
    findings.push(await checkEcho(internal));
  return findings;
}

/** Sends a datagram to itself: a firewall on this machine may stop even that. */
export async function checkEcho(address: string): Promise<Finding> {
  const problem = await echo(address);
  if (problem === null) return { name: 'UDP echo', status: 'ok', detail: address };
  return {
    name: 'UDP echo',
    status: 'fail',
    detail: `${address}: ${problem}`,
    fix: 'Let the firewall of this machine pass UDP.',
  };
}

function echo(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (problem: string | null) => {
      clearTimeout(timer);
      socket.close();
      resolve(problem);
    };
    const timer = setTimeout(() => end('nothing came back'), ECHO_MS);
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('message', () => end(null));
    socket.bind({ address, port: 0 }, () => socket.send('?', socket.address().port, address));
  });
}
