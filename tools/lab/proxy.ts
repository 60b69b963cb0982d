import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { DelayQueue } from './delay-queue.ts';
import { Impairment, type ImpairmentCounters, type ImpairmentOptions } from './impairment.ts';

/** A UDP address on loopback; others are refused. */
export interface LoopbackAddress {
  /** Default 127.0.0.1. */
  readonly address?: string;
  readonly port: number;
}

export interface ProxyOptions {
  /** Where clients send to. Default: a free port on 127.0.0.1. */
  readonly listen?: LoopbackAddress;
  /** The server behind the proxy. */
  readonly target: LoopbackAddress;
  readonly seed: number;
  /** Client to server. */
  readonly up?: ImpairmentOptions;
  /** Server to client. */
  readonly down?: ImpairmentOptions;
}

const MAX_CLIENTS = 1_024;
/** Datagrams on their way at most; more are dropped as if the path's queue were full. */
const MAX_IN_FLIGHT = 50_000;

/** Starts a proxy; every client gets a socket of its own, so that the server sees one source address per client. */
export async function startImpairmentProxy(options: ProxyOptions): Promise<ImpairmentProxy> {
  const { address = '127.0.0.1', port } = options.listen ?? { port: 0 };
  for (const each of [address, options.target.address ?? '127.0.0.1']) assertLoopback(each);
  const front = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 21 });
  front.bind(port, address);
  await once(front, 'listening');
  return new ImpairmentProxy(front, options);
}

/** A running proxy. `await using` closes it. */
export class ImpairmentProxy implements AsyncDisposable {
  readonly #front: Socket;
  readonly #target: Required<LoopbackAddress>;
  readonly #up: Impairment;
  readonly #down: Impairment;
  readonly #queue = new DelayQueue(MAX_IN_FLIGHT);
  /** By the client's address and port. */
  readonly #clients = new Map<string, Socket>();

  constructor(front: Socket, { target, seed, up = {}, down = {} }: ProxyOptions) {
    this.#front = front;
    this.#target = { address: target.address ?? '127.0.0.1', port: target.port };
    // Different draws for the two directions, both from the one seed.
    this.#up = new Impairment(seed, up);
    this.#down = new Impairment(seed ^ 0x5bd1_e995, down);
    front.on('message', (datagram, client) => this.#fromClient(datagram, client));
    front.on('error', () => {}); // an ICMP answer to an earlier datagram: a path loses things
  }

  get port(): number {
    return this.#front.address().port;
  }

  get address(): string {
    return this.#front.address().address;
  }

  get counters(): { readonly up: ImpairmentCounters; readonly down: ImpairmentCounters } {
    return { up: this.#up.counters, down: this.#down.counters };
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** Replaces the options of one or both directions for datagrams from now on. */
  change(options: { readonly up?: ImpairmentOptions; readonly down?: ImpairmentOptions }): void {
    if (options.up) this.#up.options = options.up;
    if (options.down) this.#down.options = options.down;
  }

  /** Stops at once; what is on its way is lost. */
  async close(): Promise<void> {
    this.#queue.clear();
    const sockets = [this.#front, ...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.close(done))));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #fromClient(datagram: Buffer, client: RemoteInfo): void {
    const socket = this.#socketOf(client);
    if (!socket) return;
    const { address, port } = this.#target;
    this.#pass(this.#up, datagram, () => socket.send(datagram, port, address, ignoreError));
  }

  #socketOf(client: RemoteInfo): Socket | null {
    const key = `${client.address} ${client.port}`;
    const known = this.#clients.get(key);
    if (known) return known;
    if (this.#clients.size >= MAX_CLIENTS) return null;
    const type = isIPv6(this.#target.address) ? 'udp6' : 'udp4';
    const socket = createSocket({ type, recvBufferSize: 1 << 21 });
    socket.on('message', (datagram, from) => {
      if (from.port !== this.#target.port) return; // not from our server
      this.#pass(this.#down, datagram, () =>
        this.#front.send(datagram, client.port, client.address, ignoreError),
      );
    });
    socket.on('error', () => {});
    this.#clients.set(key, socket);
    return socket;
  }

  #pass(path: Impairment, datagram: Buffer, deliver: () => void): void {
    const now = performance.now();
    for (const arrival of path.decide(now, datagram.length)) {
      if (arrival <= now) deliver();
      else if (!this.#queue.add(arrival, deliver)) path.counters.tailDropped++;
    }
  }
}

/** A failed send is one more lost datagram. */
const ignoreError = (): void => {};

function assertLoopback(address: string): void {
  if (address !== '::1' && !/^127(?:\.\d{1,3}){3}$/.test(address)) {
    throw new Error(`${address} is not a loopback address: the proxy stays on this machine`);
  }
}

/**
 * Puts the proxy into a server's SDP (or a single candidate line): every candidate at the server's port is told at the
 * proxy's instead. This is how a browser gets behind the proxy.
 */
export function redirectCandidates(
  sdp: string,
  serverPort: number,
  proxy: ImpairmentProxy,
): string {
  return sdp.replaceAll(
    /(candidate:\S+ \d+ udp \d+ )(\S+) (\d+)/gi,
    (line: string, head: string, _address: string, port: string) =>
      Number(port) === serverPort ? `${head}${proxy.address} ${proxy.port}` : line,
  );
}
