import type { VirtualNetwork } from '@switchyard/tools/testkit';
import {
  SeededRandom,
  stunCrypto,
  type VirtualHost,
  type VirtualSocket,
} from '@switchyard/tools/testkit';
import { type Millis, printIp, type TransportAddress } from '../src/base/index.ts';
import {
  type Candidate,
  type CandidateType,
  CheckVerdict,
  candidatePriority,
  IceAgent,
  type IceCredentials,
  type IceEvent,
  IceLiteAgent,
  type IceLiteEvent,
  type IceState,
  makeCredentials,
} from '../src/ice/index.ts';
import {
  readXorAddress,
  StunAttribute,
  StunClass,
  StunMethod,
  StunView,
  StunWriter,
  writeBindingSuccess,
} from '../src/stun/index.ts';

export const PORT = 5000;

/** The candidate that stands for `address`, as signalling would carry it. */
export function candidateOf(address: TransportAddress, type: CandidateType = 'host'): Candidate {
  return {
    foundation: '1',
    component: 1,
    transport: 'udp',
    priority: candidatePriority(type, 65_535),
    address: printIp(address.ip),
    port: address.port,
    type,
    relatedAddress: null,
    relatedPort: null,
    tcpType: null,
    ufrag: null,
  };
}

/** A full agent on one socket of a virtual host, with an owner's loop around it. */
export class FullEndpoint {
  readonly agent: IceAgent;
  readonly events: IceEvent[] = [];
  readonly states: IceState[] = [];
  readonly host: VirtualHost;
  readonly socket: VirtualSocket;
  local: IceCredentials;
  /** Media received, by count of datagrams. */
  receivedCount = 0;
  sentCount = 0;
  /** What a STUN server saw; null until `askServer` is answered. */
  reflexive: TransportAddress | null = null;
  readonly random: SeededRandom;
  readonly #network: VirtualNetwork;
  readonly #out = new Uint8Array(1500);

  constructor(network: VirtualNetwork, host: VirtualHost, isControlling: boolean, seed: number) {
    this.#network = network;
    this.host = host;
    this.random = new SeededRandom(seed);
    this.local = makeCredentials(this.random);
    this.agent = new IceAgent({
      local: this.local,
      remote: null,
      isControlling,
      crypto: stunCrypto,
      random: this.random,
    });
    this.socket = host.bind(PORT, (now, from, bytes) => this.#receive(now, from, bytes));
    network.addActor(this);
    this.agent.addLocalCandidate(network.now, {
      base: 0,
      address: this.socket.address,
      type: 'host',
    });
  }

  nextTimeout(): Millis {
    return this.agent.nextTimeout();
  }

  handleTimeout(now: Millis): void {
    this.agent.handleTimeout(now);
    this.drain();
  }

  /** Learns the reflexive address, as gathering does. */
  askServer(server: TransportAddress): void {
    const id = new Uint8Array(12).fill(0xee);
    const length = new StunWriter()
      .begin(this.#out, 0, StunClass.request, StunMethod.binding, id, 0)
      .finish();
    this.socket.send(server, this.#out, 0, length);
  }

  sendMedia(): void {
    const pair = this.agent.selectedPair;
    if (pair === null) return;
    this.sentCount++;
    this.socket.send(pair.remote, new Uint8Array(100).fill(0x80), 0, 100);
  }

  drain(): void {
    for (;;) {
      const length = this.agent.pollTransmit(this.#out, 0);
      if (length === 0) break;
      this.socket.send(this.agent.transmitTo, this.#out, 0, length);
    }
    for (let event = this.agent.pollEvent(); event !== undefined; event = this.agent.pollEvent()) {
      this.events.push(event);
      if (event.kind === 'stateChanged') this.states.push(event.state);
    }
  }

  #receive(now: Millis, from: TransportAddress, bytes: Uint8Array): void {
    if (bytes[0]! >= 0x80) this.receivedCount++;
    else if (!this.agent.handleDatagram(now, 0, from, bytes, 0, bytes.length))
      this.#readServer(bytes);
    this.drain();
  }

  #readServer(bytes: Uint8Array): void {
    const view = new StunView();
    if (!view.parse(bytes, 0, bytes.length)) return;
    const at = view.find(StunAttribute.xorMappedAddress);
    if (at >= 0) this.reflexive = readXorAddress(view, at);
  }

  get now(): Millis {
    return this.#network.now;
  }
}

/** A public STUN server. */
export function addStunServer(network: VirtualNetwork): TransportAddress {
  const view = new StunView();
  const out = new Uint8Array(100);
  const socket = network.addHost('203.0.113.1').bind(3478, (_now, from, bytes) => {
    if (!view.parse(bytes, 0, bytes.length) || view.messageClass !== StunClass.request) return;
    socket.send(from, out, 0, writeBindingSuccess(view, from, out, 0));
  });
  return socket.address;
}

/** Tells each side the other's credentials and candidates, at once. */
export function connect(a: FullEndpoint, b: FullEndpoint): void {
  a.agent.setRemote(a.now, b.local);
  b.agent.setRemote(b.now, a.local);
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    to.agent.addRemoteCandidate(to.now, candidateOf(from.socket.address));
    if (from.reflexive !== null)
      to.agent.addRemoteCandidate(to.now, candidateOf(from.reflexive, 'srflx'));
    to.agent.endRemoteCandidates(to.now);
  }
  a.drain();
  b.drain();
}

/** A lite agent on a public host, as a media worker owns it. */
export class LiteEndpoint {
  readonly agent: IceLiteAgent;
  readonly events: IceLiteEvent[] = [];
  readonly socket: VirtualSocket;
  local: IceCredentials;
  sentBytes = 0;
  readonly #tuples: TransportAddress[] = [];
  readonly #keys = new Map<string, number>();
  readonly #view = new StunView();
  readonly #out = new Uint8Array(1500);

  constructor(network: VirtualNetwork, host: VirtualHost, remote: IceCredentials, seed: number) {
    const random = new SeededRandom(seed);
    this.local = makeCredentials(random);
    this.agent = new IceLiteAgent({ local: this.local, remote, crypto: stunCrypto, random });
    this.socket = host.bind(PORT, (now, from, bytes) => this.#receive(now, from, bytes));
    network.addActor(this);
  }

  nextTimeout(): Millis {
    return this.agent.nextTimeout();
  }

  handleTimeout(now: Millis): void {
    this.agent.handleTimeout(now);
    this.#drain(now);
  }

  sendMedia(length = 1000): boolean {
    if (!this.agent.maySend(length)) return false;
    this.sentBytes += length;
    this.socket.send(
      this.addressOf(this.agent.selected),
      new Uint8Array(length).fill(0x80),
      0,
      length,
    );
    return true;
  }

  addressOf(tuple: number): TransportAddress {
    return this.#tuples[tuple]!;
  }

  #intern(address: TransportAddress): number {
    const key = `${printIp(address.ip)} ${address.port}`;
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    this.#keys.set(key, this.#tuples.length);
    return this.#tuples.push(address) - 1;
  }

  #receive(now: Millis, from: TransportAddress, bytes: Uint8Array): void {
    const view = this.#view;
    if (!view.parse(bytes, 0, bytes.length)) {
      this.agent.noteReceived(now, this.#intern(from), bytes.length);
      return;
    }
    if (view.messageClass === StunClass.request) {
      const verdict = this.agent.authenticate(view);
      const length =
        verdict === CheckVerdict.accepted
          ? this.agent.acceptCheck(now, view, this.#intern(from), from, this.#out, 0)
          : this.agent.rejectCheck(view, verdict, this.#out, 0);
      if (length > 0) this.socket.send(from, this.#out, 0, length);
    } else this.agent.handleResponse(now, view, this.#intern(from));
    this.#drain(now);
  }

  #drain(now: Millis): void {
    const length = this.agent.pollTransmit(now, this.#out, 0);
    if (length > 0)
      this.socket.send(this.addressOf(this.agent.transmitTuple), this.#out, 0, length);
    for (let event = this.agent.pollEvent(); event !== undefined; event = this.agent.pollEvent())
      this.events.push(event);
  }
}
