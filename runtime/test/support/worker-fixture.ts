import { randomBytes } from 'node:crypto';
import { type IceCredentials, makeCredentials } from '@switchyard/core/ice';
import type {
  CodecParameters,
  IncomingMedia,
  MediaCommand,
  MediaNotice,
  OutgoingMedia,
  SlotId,
  TrackId,
  TransportId,
  WorkerId,
  WorkerSettings,
} from '@switchyard/core/media-api';
import { MediaWorkerHost } from '../../src/host/index.ts';
import { TestClient } from './test-client.ts';

const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };

export const VP8: CodecParameters = {
  payloadType: 96,
  name: 'vp8',
  clockRate: 90_000,
  channels: 1,
  matchKey: 'vp8',
  fmtp: '',
  rtxPayloadType: 97,
  nack: true,
  pli: true,
  fir: true,
  remb: false,
  transportCc: true,
};
export const OPUS: CodecParameters = {
  ...VP8,
  payloadType: 111,
  name: 'opus',
  clockRate: 48_000,
  channels: 2,
  matchKey: 'opus',
  rtxPayloadType: null,
  nack: false,
  pli: false,
  fir: false,
};
const MID = { id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' };
const TWCC = {
  id: 3,
  uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
};

export const incoming = (mid: string, codec: CodecParameters, ssrc: number): IncomingMedia => ({
  mid,
  kind: codec.clockRate === 90_000 ? 'video' : 'audio',
  codecs: [codec],
  extensions: [MID, TWCC],
  rids: [],
  ssrcs: [{ ssrc, rtxSsrc: null }],
  reducedSizeRtcp: true,
});

export const outgoing = (mid: string, codec: CodecParameters, ssrc: number): OutgoingMedia => ({
  mid,
  kind: codec.clockRate === 90_000 ? 'video' : 'audio',
  codecs: [codec],
  extensions: [MID],
  ssrc,
  rtxSsrc: codec.rtxPayloadType === null ? null : ssrc + 1,
  cname: 'switchyard',
  allowTwoByteExtensions: true,
  reducedSizeRtcp: true,
});

const random = { fill: (out: Uint8Array) => void out.set(randomBytes(out.length)) };

/** Real worker processes on loopback, with transports of test clients in them. */
export class WorkerFixture {
  readonly notices: { worker: number; notice: MediaNotice }[] = [];
  readonly #host: MediaWorkerHost;
  readonly #ready = new Map<number, MediaNotice & { kind: 'ready' }>();
  readonly lost: number[] = [];
  readonly clients: TestClient[] = [];
  #nextId = 1;

  private constructor(settings: readonly WorkerSettings[]) {
    this.#host = new MediaWorkerHost({
      workers: settings,
      log,
      onReady: (worker, notice) => void this.#ready.set(worker, notice),
      onNotice: (worker, notice) => void this.notices.push({ worker, notice }),
      onLost: (worker) => void this.lost.push(worker),
    });
  }

  static async start(
    options: { workers?: number; pipeFolder?: string; sockets?: 'batch' | 'portable' } = {},
  ): Promise<WorkerFixture> {
    const settings = Array.from({ length: options.workers ?? 1 }, (_, worker) => ({
      worker: worker as WorkerId,
      udp: [{ address: '127.0.0.1', port: 0 }],
      pipeFolder: options.pipeFolder ?? null,
      limits: {
        transports: 1_000,
        tracksPerTransport: 32,
        slotsPerTransport: 128,
        pendingHandshakes: 64,
        unauthenticatedChecksPerSecond: 10,
      },
      gsoPadding: false,
      sockets: options.sockets ?? ('batch' as const),
    }));
    const fixture = new WorkerFixture(settings);
    await fixture.#host.start();
    return fixture;
  }

  id(): number {
    return this.#nextId++;
  }

  port(worker = 0): number {
    return this.#ready.get(worker)!.udp[0]!.port;
  }

  pid(worker = 0): number {
    return this.#ready.get(worker)!.pid;
  }

  send(command: MediaCommand, worker = 0): void {
    this.#host.send(worker as WorkerId, command);
  }

  /** A client with a connected transport, and the server's credentials for it. */
  async client(
    worker = 0,
    beforeConnecting: (transport: TransportId) => void = () => {},
  ): Promise<{ client: TestClient; transport: TransportId; ice: IceCredentials }> {
    const client = await TestClient.create();
    this.clients.push(client);
    const ice = makeCredentials(random);
    const transport = this.id() as TransportId;
    this.send(
      {
        kind: 'openTransport',
        transport,
        ice: {
          localUfrag: ice.ufrag,
          localPwd: ice.pwd,
          remoteUfrag: client.ice.ufrag,
          remotePwd: client.ice.pwd,
        },
        dtlsRole: 'server',
        fingerprints: [client.fingerprint],
      },
      worker,
    );
    const ready = this.#ready.get(worker)!;
    beforeConnecting(transport);
    await client.connect({ port: this.port(worker), ice, fingerprint: ready.fingerprint });
    return { client, transport, ice };
  }

  /** A publisher of one m-line. */
  async publisher(codec: CodecParameters, ssrc: number, worker = 0) {
    const { client, transport, ice } = await this.client(worker);
    const media = incoming('0', codec, ssrc);
    const track = this.id() as TrackId;
    this.send({ kind: 'setIncoming', transport, media: [media] }, worker);
    this.send({ kind: 'openTrack', track, transport, mid: '0' }, worker);
    await this.settle(worker);
    return { client, transport, ice, track, media };
  }

  /** A subscriber with one slot that carries `track`. */
  async subscriber(
    codec: CodecParameters,
    ssrc: number,
    track: TrackId,
    worker = 0,
    when: 'before connecting' | 'connected' = 'connected',
  ) {
    const slot = this.id() as SlotId;
    const open = (transport: TransportId): void => {
      this.send({ kind: 'openSlot', slot, transport, media: outgoing('a', codec, ssrc) }, worker);
      this.assign(slot, track, worker);
    };
    const { client, transport, ice } = await this.client(
      worker,
      when === 'connected' ? () => {} : open,
    );
    if (when === 'connected') open(transport);
    await this.settle(worker);
    return { client, transport, ice, slot };
  }

  /** Waits until the worker has applied every command so far. */
  async settle(worker = 0): Promise<void> {
    const id = this.id();
    this.send({ kind: 'getStatistics', id }, worker);
    await this.notice('statistics', (notice) => notice.id === id);
  }

  assign(slot: SlotId, track: TrackId | null, worker = 0): void {
    this.send({ kind: 'assignSlot', slot, track, layers: { spatial: 2, temporal: 7 } }, worker);
  }

  /** Waits for a notice. */
  async notice<Kind extends MediaNotice['kind']>(
    kind: Kind,
    matches: (notice: MediaNotice & { kind: Kind }) => boolean = () => true,
  ): Promise<MediaNotice & { kind: Kind }> {
    for (let i = 0; i < 200; i++) {
      for (const { notice } of this.notices)
        if (notice.kind === kind && matches(notice as MediaNotice & { kind: Kind }))
          return notice as MediaNotice & { kind: Kind };
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`no notice ${kind}; had ${this.notices.map(({ notice }) => notice.kind)}`);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.#host.close();
  }
}

/** One RTP packet with a mid-less header. */
export function rtp(
  payloadType: number,
  ssrc: number,
  sequenceNumber: number,
  timestamp: number,
  payload: Buffer,
  marker = false,
): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = payloadType | (marker ? 0x80 : 0);
  packet.writeUInt16BE(sequenceNumber & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  payload.copy(packet, 12);
  return packet;
}

/** A VP8 payload: descriptor with a 15-bit picture id, a frame header, and recognisable content. */
export function vp8Payload(picture: number, isKeyframe: boolean, content: string): Buffer {
  const header = isKeyframe
    ? [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00] // 320 x 240
    : [0x11, 0x02, 0x00];
  return Buffer.concat([
    Buffer.from([0x90, 0x80, 0x80 | (picture >> 8), picture & 0xff, ...header]),
    Buffer.from(content),
  ]);
}
