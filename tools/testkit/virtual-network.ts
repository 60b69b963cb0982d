import {
  type Millis,
  millis,
  NEVER,
  parseIp,
  printIp,
  type TransportAddress,
} from '@switchyard/core/base';
import { Link, type LinkOptions } from './link.ts';
import { Nat, type NatKind } from './nat.ts';
import { SeededRandom } from './seeded-random.ts';

/** Takes a datagram; `bytes` are the receiver's to keep. */
export type Receive = (now: Millis, from: TransportAddress, bytes: Uint8Array) => void;

/** Something with a timer: its owner's loop around one or more protocol machines. */
export interface Actor {
  nextTimeout(): Millis;
  handleTimeout(now: Millis): void;
}

interface Delivery {
  readonly at: Millis;
  readonly run: () => void;
}

/** One UDP socket of a virtual host. */
export interface VirtualSocket {
  /** The address on the host itself, behind its NAT if it has one. */
  readonly address: TransportAddress;
  /** Sends a copy of `length` bytes. */
  send(to: TransportAddress, buf: Uint8Array, at: number, length: number): void;
}

export interface HostOptions {
  /** Both directions unless `down` is given; default: the network's. */
  readonly up?: LinkOptions;
  readonly down?: LinkOptions;
  /** The NAT in front of the host; it may serve several. */
  readonly nat?: Nat;
}

/** One host with one IP address, its access link and its sockets. */
export class VirtualHost {
  readonly ip: Uint8Array;
  readonly up: Link;
  readonly down: Link;
  readonly nat: Nat | null;
  readonly #network: VirtualNetwork;
  readonly #receivers = new Map<number, Receive>();

  constructor(network: VirtualNetwork, ip: Uint8Array, up: Link, down: Link, nat: Nat | null) {
    this.#network = network;
    this.ip = ip;
    this.up = up;
    this.down = down;
    this.nat = nat;
  }

  /** Opens a socket on `port`. */
  bind(port: number, receive: Receive): VirtualSocket {
    this.#receivers.set(port, receive);
    const address = { ip: this.ip, port };
    return {
      address,
      send: (to, buf, at, length) => {
        this.#network.send(this, address, to, buf.slice(at, at + length));
      },
    };
  }

  deliver(now: Millis, port: number, from: TransportAddress, bytes: Uint8Array): void {
    this.#receivers.get(port)?.(now, from, bytes);
  }
}

/**
 * A deterministic datagram network in virtual time: hosts with access links and NATs. `run` steps to
 * the earliest arrival or deadline, so a minute of protocol time takes milliseconds, and a seed
 * replays exactly.
 *
 * A datagram crosses its sender's up link, the NATs, and its receiver's down link. Hosts behind one NAT
 * reach each other directly.
 */
export class VirtualNetwork {
  readonly random: SeededRandom;
  #now = millis(0);
  readonly #link: LinkOptions;
  readonly #hosts = new Map<string, VirtualHost>();
  readonly #nats = new Map<string, Nat>();
  readonly #actors: Actor[] = [];
  readonly #deliveries: Delivery[] = [];

  /** @param link what each host's link is unless it says otherwise. */
  constructor(seed: number, link: LinkOptions = {}) {
    this.random = new SeededRandom(seed);
    this.#link = link;
  }

  get now(): Millis {
    return this.#now;
  }

  addNat(publicIp: string, kind: NatKind): Nat {
    const nat = new Nat(literal(publicIp), kind);
    this.#nats.set(publicIp, nat);
    return nat;
  }

  addHost(ip: string, options: HostOptions = {}): VirtualHost {
    const up = options.up ?? this.#link;
    const host = new VirtualHost(
      this,
      literal(ip),
      new Link(this.random, up),
      new Link(this.random, options.down ?? up),
      options.nat ?? null,
    );
    this.#hosts.set(ip, host);
    return host;
  }

  addActor(actor: Actor): void {
    this.#actors.push(actor);
  }

  /** Carries one datagram; called by sockets. */
  send(host: VirtualHost, from: TransportAddress, to: TransportAddress, bytes: Uint8Array): void {
    const arrival = host.up.transit(this.#now, bytes.length);
    if (arrival === null) return;
    this.#schedule(arrival, () => this.#route(host, from, to, bytes));
  }

  /** Runs for `durationMs` of virtual time, or until `isDone` says so; returns whether it did. */
  run(durationMs: number, isDone: () => boolean = () => false): boolean {
    const end = millis(this.#now + durationMs);
    for (;;) {
      if (isDone()) return true;
      const next = this.#nextInstant();
      if (next > end) break;
      this.#now = millis(Math.max(this.#now, next));
      this.#step();
    }
    this.#now = end;
    return isDone();
  }

  #nextInstant(): Millis {
    let next: number = this.#deliveries[0]?.at ?? NEVER;
    for (const actor of this.#actors) next = Math.min(next, actor.nextTimeout());
    return millis(next);
  }

  #step(): void {
    if ((this.#deliveries[0]?.at ?? NEVER) <= this.#now) {
      this.#deliveries.shift()!.run(); // there is a first one
      return;
    }
    for (const actor of this.#actors)
      if (actor.nextTimeout() <= this.#now) actor.handleTimeout(this.#now);
  }

  #route(
    sender: VirtualHost,
    from: TransportAddress,
    to: TransportAddress,
    bytes: Uint8Array,
  ): void {
    const neighbour = this.#hosts.get(printIp(to.ip));
    if (neighbour !== undefined && (neighbour.nat === null || neighbour.nat === sender.nat)) {
      const isLocal = sender.nat === null || neighbour.nat === sender.nat;
      this.#arrive(neighbour, isLocal ? from : sender.nat.translateOut(from, to), to.port, bytes);
      return;
    }
    const nat = this.#nats.get(printIp(to.ip));
    if (nat === undefined || nat === sender.nat) return; // nobody there; no hairpin
    const outside = sender.nat === null ? from : sender.nat.translateOut(from, to);
    const inside = nat.translateIn(outside, to.port);
    const host = inside === null ? undefined : this.#hosts.get(printIp(inside.ip));
    if (host !== undefined && inside !== null) this.#arrive(host, outside, inside.port, bytes);
  }

  #arrive(host: VirtualHost, from: TransportAddress, port: number, bytes: Uint8Array): void {
    const arrival = host.down.transit(this.#now, bytes.length);
    if (arrival === null) return;
    this.#schedule(arrival, () => host.deliver(this.#now, port, from, bytes));
  }

  /** Keeps deliveries in order of time, those of one instant in order of scheduling. */
  #schedule(at: Millis, run: () => void): void {
    let low = 0;
    let high = this.#deliveries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#deliveries[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    this.#deliveries.splice(low, 0, { at, run });
  }
}

function literal(ip: string): Uint8Array {
  const bytes = parseIp(ip);
  if (bytes === null) throw new Error(`not an IP address: ${ip}`);
  return bytes;
}
