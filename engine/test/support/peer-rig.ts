import { type Millis, millis, NEVER, parseIp } from '@switchyard/core/base';
import type { DtlsEvent, DtlsFactory, DtlsOptions, DtlsSession } from '@switchyard/core/dtls';
import type { TransportId } from '@switchyard/core/media-api';
import { exportedKeyLength, type SrtpCipher } from '@switchyard/core/srtp';
import {
  StunAttribute,
  StunClass,
  StunMethod,
  StunView,
  StunWriter,
  shortTermKey,
} from '@switchyard/core/stun';
import { SeededRandom, stunCrypto } from '@switchyard/tools/testkit';
import { type PeerHost, WebRtcPeer } from '../../src/peer/index.ts';
import { NTP_MS, OUR_SSRC } from './session-rig.ts';
import { SfuRig } from './sfu-rig.ts';

/** As OpenSSL's. */
export const HELLO_LENGTH = 137;
const SLOT = 2048;
const TAG = 0xaa;
const PROFILE = 'AEAD_AES_128_GCM';
const LOCAL = { ufrag: 'SRVRfrag', pwd: 'server-password-of-32-characters' };
const REMOTE = { ufrag: 'CLNT', pwd: 'client-password-24-chars' };
const SOURCE = { ip: parseIp('198.51.100.7')!, port: 4242 };

/** A DTLS association whose script is the test's. */
export class FakeDtls implements DtlsSession {
  readonly options: DtlsOptions;
  readonly received: number[] = [];
  readonly events: DtlsEvent[] = [];
  /** Lengths of datagrams to be sent. */
  readonly flight: number[] = [];
  timeoutAt: Millis = NEVER;
  isClosed = false;
  isResting = false;

  constructor(options: DtlsOptions) {
    this.options = options;
    if (options.role === 'client') this.timeoutAt = millis(0);
  }

  handleDatagram(_now: Millis, _buf: Uint8Array, _at: number, length: number): boolean {
    this.received.push(length);
    return true;
  }

  handleTimeout(): void {
    this.timeoutAt = NEVER;
    if (this.options.role === 'client') this.flight.push(HELLO_LENGTH);
  }

  nextTimeout(): Millis {
    return this.timeoutAt;
  }

  pollTransmit(out: Uint8Array, at: number): number {
    const length = this.flight.shift() ?? 0;
    out.fill(22, at, at + length);
    return length;
  }

  pollEvent(): DtlsEvent | undefined {
    return this.events.shift();
  }

  send(): boolean {
    return false;
  }

  rest(): void {
    this.isResting = true;
  }

  close(): void {
    this.isClosed = true;
    this.flight.push(30);
  }

  connect(): void {
    const isServer = this.options.role === 'server';
    const keyingMaterial = new Uint8Array(exportedKeyLength(PROFILE));
    this.events.push({ kind: 'connected', profile: PROFILE, keyingMaterial, isServer });
  }
}

/** Adds sixteen marked bytes and wants them back: what a tag does, without the cost. */
export class FakeCipher implements SrtpCipher {
  readonly profile = PROFILE;
  readonly bytes: Uint8Array;
  isClosed = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  sealRtp(at: number, _headerLength: number, length: number): number {
    return this.#seal(at, length, 16);
  }

  openRtp(at: number, _headerLength: number, length: number): number {
    return this.bytes[at + length - 1] === TAG ? length - 16 : -1;
  }

  undoOpenRtp(): void {}

  sealRtcp(at: number, length: number): number {
    return this.#seal(at, length, 20);
  }

  openRtcp(at: number, length: number): number {
    return this.bytes[at + length - 5] === TAG ? length - 20 : -1;
  }

  close(): void {
    this.isClosed = true;
  }

  #seal(at: number, length: number, overhead: number): number {
    if (this.isClosed) throw new Error('a closed cipher was used');
    this.bytes.fill(TAG, at + length, at + length + overhead);
    return length + overhead;
  }
}

/** One `WebRtcPeer` with a host that keeps what it sends. */
export class PeerRig {
  readonly sfu = new SfuRig();
  readonly sent: { readonly path: number; readonly bytes: Uint8Array }[] = [];
  readonly states: string[] = [];
  readonly paths = new Set<number>();
  readonly ciphers: FakeCipher[] = [];
  readonly associations: FakeDtls[] = [];
  readonly peer: WebRtcPeer;
  readonly #bytes = new Uint8Array(4 * SLOT);
  #transaction = 0;

  constructor(dtlsRole: 'server' | 'client' = 'server') {
    const bytes = this.#bytes;
    const host: PeerHost = {
      bytes,
      reserve: () => SLOT,
      send: (path, at, length) =>
        void this.sent.push({ path, bytes: bytes.slice(at, at + length) }),
      pathValidated: (_peer, path) => void this.paths.add(path),
      pathReleased: (_peer, path) => void this.paths.delete(path),
      ufragRetired: () => {},
      stateChanged: (_peer, state) => void this.states.push(state),
      openCipher: () => {
        const cipher = new FakeCipher(bytes);
        this.ciphers.push(cipher);
        return cipher;
      },
    };
    const dtls: DtlsFactory = {
      fingerprint: { algorithm: 'sha-256', value: '00' },
      create: (options) => {
        const association = new FakeDtls(options);
        this.associations.push(association);
        return association;
      },
    };
    this.peer = new WebRtcPeer({
      id: 1 as TransportId,
      host,
      ice: {
        localUfrag: LOCAL.ufrag,
        localPwd: LOCAL.pwd,
        remoteUfrag: REMOTE.ufrag,
        remotePwd: REMOTE.pwd,
      },
      dtlsRole,
      fingerprints: [],
      dtls,
      stunCrypto,
      random: new SeededRandom(1),
      pool: this.sfu.pool,
      clock: { ntpMs: (now) => now + NTP_MS },
      ssrc: OUR_SSRC,
      cname: 'switchyard',
    });
  }

  get now(): Millis {
    return this.sfu.now;
  }

  get dtls(): FakeDtls {
    return this.associations[0]!;
  }

  /** A browser's check from `path`. */
  check(path: number, nominate = true): void {
    const buf = new Uint8Array(300);
    const id = new Uint8Array(12).fill(++this.#transaction);
    const writer = new StunWriter().begin(buf, 0, StunClass.request, StunMethod.binding, id, 0);
    writer.addText(StunAttribute.username, `${LOCAL.ufrag}:${REMOTE.ufrag}`);
    writer.addBytes(StunAttribute.iceControlling, new Uint8Array(8));
    writer.addU32(StunAttribute.priority, 1000);
    if (nominate) writer.addFlag(StunAttribute.useCandidate);
    const length = writer
      .addIntegrity(stunCrypto, shortTermKey(LOCAL.pwd))
      .addFingerprint()
      .finish();
    const view = new StunView();
    if (!view.parse(buf, 0, length)) throw new Error('the test made a malformed check');
    this.peer.authenticate(view);
    this.peer.acceptCheck(this.now, view, path, SOURCE);
  }

  /** Connects over `path`. */
  connect(path = 1): void {
    this.check(path);
    this.hello(path);
    this.dtls.flight.push(100); // that it arrived proves the address
    this.hello(path);
    this.dtls.connect();
    this.hello(path);
  }

  hello(path: number): void {
    this.#bytes.fill(22, 0, 100);
    this.peer.handleDtls(this.now, path, 0, 100);
  }

  /** A packet of the peer, sealed as `FakeCipher` does it, or not. */
  rtp(packet: Uint8Array, path = 1, isAuthentic = true): number {
    this.#bytes.set(packet, 0);
    this.#bytes.fill(isAuthentic ? TAG : 0, packet.length, packet.length + 16);
    const outcome = this.peer.handleRtp(this.now, path, 0, packet.length + 16);
    for (const layer of this.sfu.context.dirty.splice(0)) layer.flush(this.now);
    this.sfu.turn();
    return outcome;
  }

  rtcp(packet: Uint8Array, path = 1, isAuthentic = true): void {
    this.#bytes.set(packet, 0);
    this.#bytes.fill(isAuthentic ? TAG : 0, packet.length, packet.length + 20);
    new DataView(this.#bytes.buffer).setUint32(packet.length + 16, ++this.#transaction);
    this.peer.handleRtcp(this.now, path, 0, packet.length + 20);
  }

  pass(durationMs: number): void {
    const end = this.now + durationMs;
    for (;;) {
      const next = Math.max(this.peer.nextTimeout(), this.now);
      if (next > end) break;
      this.sfu.pass(next - this.now, 100);
      this.peer.handleTimeout(this.now);
      if (this.peer.nextTimeout() <= this.now) throw new Error('a deadline that stays in the past');
    }
    this.sfu.pass(end - this.now, 100);
  }

  /** RTP sent since the last call; everything else sent is forgotten. */
  takeRtp(): Uint8Array[] {
    return this.sent
      .splice(0)
      .map(({ bytes }) => bytes)
      .filter((bytes) => bytes[0]! >= 128 && (bytes[1]! < 192 || bytes[1]! > 223));
  }
}
