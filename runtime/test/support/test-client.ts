import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Millis, NEVER, parseIp, type Random } from '@switchyard/core/base';
import type { DtlsFingerprint, DtlsSession } from '@switchyard/core/dtls';
import { IceAgent, type IceCredentials, makeCredentials } from '@switchyard/core/ice';
import {
  type SrtpCipher,
  SrtpReceiver,
  SrtpSender,
  splitExportedKeys,
} from '@switchyard/core/srtp';
import { stunCrypto } from '../../src/media/stun-crypto.ts';
import { now, OpensslDtlsContext, openSrtpCipher, PacketSlab } from '../../src/native/index.ts';

const random: Random = { fill: (out) => void out.set(randomBytes(out.length)) };
const context = new OpensslDtlsContext();

/** A packet as it was received, decrypted. */
export interface ReceivedPacket {
  readonly kind: 'rtp' | 'rtcp';
  readonly bytes: Buffer;
}

/** Where a client connects: what an SDP answer would tell. */
export interface TestServer {
  readonly port: number;
  readonly ice: IceCredentials;
  readonly fingerprint: DtlsFingerprint;
}

/**
 * A WebRTC endpoint of our own parts over one real UDP socket on loopback: a full ICE agent, a DTLS client,
 * SRTP. It sends and shows raw RTP and RTCP.
 */
export class TestClient {
  readonly ice = makeCredentials(random);
  readonly fingerprint = context.fingerprint;
  readonly packets: ReceivedPacket[] = [];
  readonly #slab = new PacketSlab(2);
  readonly #socket: Socket;
  #agent: IceAgent | null = null;
  #dtls: DtlsSession | null = null;
  #server: TestServer | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ciphers: SrtpCipher[] = [];
  #sender: SrtpSender | null = null;
  #receiver: SrtpReceiver | null = null;
  readonly #waiters: (() => void)[] = [];
  #connected = Promise.withResolvers<void>();
  /** Drops what comes in while true: a lossy link. */
  drop: ((packet: Buffer) => boolean) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (message) => this.#handle(message));
  }

  static async create(): Promise<TestClient> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new TestClient(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** ICE and DTLS; resolves when SRTP is ready. */
  connect(server: TestServer): Promise<void> {
    this.#server = server;
    const agent = new IceAgent({
      local: this.ice,
      remote: server.ice,
      isControlling: true,
      crypto: stunCrypto,
      random,
    });
    this.#agent = agent;
    this.#dtls = context.create({ role: 'client', remoteFingerprints: [server.fingerprint] });
    agent.addLocalCandidate(now(), {
      base: 0,
      address: { ip: parseIp('127.0.0.1')!, port: this.port },
      type: 'host',
    });
    agent.addRemoteCandidate(now(), {
      foundation: '1',
      component: 1,
      transport: 'udp',
      priority: 2130706431,
      address: '127.0.0.1',
      port: server.port,
      type: 'host',
      relatedAddress: null,
      relatedPort: null,
      tcpType: null,
      ufrag: null,
    } as never);
    agent.endRemoteCandidates(now());
    this.#turn();
    return this.#connected.promise;
  }

  /** Seals and sends one RTP packet (headerLength bytes of header, then payload). */
  sendRtp(packet: Buffer, headerLength: number): void {
    const { bytes } = this.#slab;
    packet.copy(bytes, 0);
    const stream = this.#sender!.stream(packet.readUInt32BE(8));
    const sequenceNumber = packet.readUInt16BE(2);
    const length = this.#sender!.sealRtp(stream, 0, headerLength, packet.length, sequenceNumber);
    this.sendRaw(Buffer.from(bytes.subarray(0, length)));
  }

  sendRtcp(packet: Buffer): void {
    const { bytes } = this.#slab;
    packet.copy(bytes, 0);
    this.sendRaw(Buffer.from(bytes.subarray(0, this.#sender!.sealRtcp(0, packet.length))));
  }

  /** Sends bytes as they are. */
  sendRaw(packet: Buffer): void {
    this.#socket.send(packet, this.#server!.port, '127.0.0.1');
  }

  /** Waits until a received packet matches; rejects after `timeoutMs`. */
  async waitFor(
    matches: (packet: ReceivedPacket) => boolean,
    timeoutMs = 5_000,
  ): Promise<ReceivedPacket> {
    const end = now() + timeoutMs;
    for (;;) {
      const found = this.packets.find(matches);
      if (found !== undefined) return found;
      if (now() > end) throw new Error(`nothing matched among ${this.packets.length} packets`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dtls?.close();
    this.#sender?.close();
    this.#receiver?.close();
    this.#socket.close();
  }

  #handle(message: Buffer): void {
    const first = message[0] ?? 255;
    if (first < 4)
      this.#agent?.handleDatagram(
        now(),
        0,
        { ip: parseIp('127.0.0.1')!, port: this.#server!.port },
        message,
        0,
        message.length,
      );
    else if (first < 64) this.#dtls?.handleDatagram(now(), message, 0, message.length);
    else this.#handleMedia(message);
    this.#turn();
  }

  #handleMedia(message: Buffer): void {
    const receiver = this.#receiver;
    if (receiver === null || this.drop?.(message)) return;
    const { bytes } = this.#slab;
    const at = 2048;
    message.copy(bytes, at);
    const isRtcp = message[1]! >= 192 && message[1]! < 224;
    const headerLength = rtpHeaderLength(message);
    const length = isRtcp
      ? receiver.openRtcp(at, message.length)
      : receiver.openRtp(
          receiver.stream(message.readUInt32BE(8)),
          at,
          headerLength,
          message.length,
          message.readUInt16BE(2),
        );
    if (length < 0) return;
    this.packets.push({
      kind: isRtcp ? 'rtcp' : 'rtp',
      bytes: Buffer.from(bytes.subarray(at, at + length)),
    });
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #turn(): void {
    const time = now();
    const agent = this.#agent;
    if (agent === null) return;
    agent.handleTimeout(time);
    const out = Buffer.alloc(1500);
    for (let n = agent.pollTransmit(out, 0); n > 0; n = agent.pollTransmit(out, 0))
      this.sendRaw(Buffer.from(out.subarray(0, n)));
    while (agent.pollEvent() !== undefined);
    if (agent.selectedPair !== null) this.#turnDtls(time, out);
    const next = Math.min(agent.nextTimeout(), this.#dtls?.nextTimeout() ?? NEVER);
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (next !== NEVER) this.#timer = setTimeout(() => this.#turn(), Math.max(1, next - now()));
  }

  #turnDtls(time: Millis, out: Buffer): void {
    const dtls = this.#dtls;
    if (dtls === null) return;
    dtls.handleTimeout(time);
    for (let event = dtls.pollEvent(); event !== undefined; event = dtls.pollEvent())
      if (event.kind === 'connected') {
        const keys = splitExportedKeys(event.profile, event.keyingMaterial, event.isServer);
        const cipher = (direction: 'send' | 'receive') =>
          openSrtpCipher(event.profile, keys[direction], this.#slab, direction);
        this.#ciphers = [cipher('send'), cipher('receive')];
        this.#sender = new SrtpSender(this.#ciphers[0]!);
        this.#receiver = new SrtpReceiver(this.#ciphers[1]!);
        this.#connected.resolve();
      } else if (event.kind === 'failed') this.#connected.reject(new Error(event.detail));
    for (let n = dtls.pollTransmit(out, 0); n > 0; n = dtls.pollTransmit(out, 0))
      this.sendRaw(Buffer.from(out.subarray(0, n)));
  }
}

/** Header, CSRCs and extension. */
export function rtpHeaderLength(packet: Buffer): number {
  let length = 12 + (packet[0]! & 15) * 4;
  if ((packet[0]! & 16) !== 0) length += 4 + packet.readUInt16BE(length + 2) * 4;
  return length;
}
