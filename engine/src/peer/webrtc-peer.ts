import {
  after,
  earlier,
  type Millis,
  NEVER,
  type Random,
  type TransportAddress,
} from '@switchyard/core/base';
import type { DtlsFactory, DtlsFingerprint, DtlsSession } from '@switchyard/core/dtls';
import { type CheckVerdict, IceLiteAgent } from '@switchyard/core/ice';
import type { IceCredentials, TransportId, TransportState } from '@switchyard/core/media-api';
import {
  type SrtpCipher,
  type SrtpMasterKeys,
  type SrtpProfile,
  SrtpReceiver,
  SrtpRejection,
  SrtpSender,
  SrtpSendStream,
  splitExportedKeys,
} from '@switchyard/core/srtp';
import type { StunCrypto, StunView } from '@switchyard/core/stun';
import type { PacketPool } from '../sfu/incoming-packet.ts';
import type { Outlet } from '../sfu/ports.ts';
import type { RtcpOutlet, WallClock } from './ports.ts';
import { RtpOutcome, RtpSession, readHeaderLength, readSsrc } from './rtp-session.ts';

/** Room before the payload of an outgoing packet: the longest header we write. */
export const PAYLOAD_OFFSET = 256;

/**
 * After a record that may be the peer's goodbye, a check within this time proves that it was not: browsers check
 * every 2.7 s (Chromium) to 5.6 s (Firefox).
 */
const PERHAPS_CLOSED_MS = 6_000;
/** Media behind a goodbye that was sent before it comes at most so much later. */
const MAX_REORDER_MS = 1_000;

/** The worker around a peer: memory to write in, sockets to send from. A path is a local socket and a remote address. */
export interface PeerHost {
  /** The arena of all packets. */
  readonly bytes: Uint8Array;
  /** Start of a free slot, a multiple of 2048. The same one again until `send` takes it. */
  reserve(): number;
  /** Queues the datagram at `at`, which lies in the reserved slot. */
  send(path: number, at: number, length: number): void;
  /** Packets from this path belong to the peer from now on. */
  pathValidated(peer: WebRtcPeer, path: number): void;
  pathReleased(peer: WebRtcPeer, path: number): void;
  /** Checks for this ufrag are no longer the peer's. */
  ufragRetired(peer: WebRtcPeer, ufrag: string): void;
  stateChanged(peer: WebRtcPeer, state: TransportState, detail: string): void;
  openCipher(profile: SrtpProfile, keys: SrtpMasterKeys, direction: 'send' | 'receive'): SrtpCipher;
}

export interface WebRtcPeerOptions {
  readonly id: TransportId;
  readonly host: PeerHost;
  readonly ice: IceCredentials;
  readonly dtlsRole: 'server' | 'client';
  readonly fingerprints: readonly DtlsFingerprint[];
  readonly dtls: DtlsFactory;
  readonly stunCrypto: StunCrypto;
  readonly random: Random;
  readonly pool: PacketPool;
  readonly clock: WallClock;
  readonly ssrc: number;
  readonly cname: string;
}

/**
 * One peer connection of a browser, encoder or bot: ICE-lite, DTLS, SRTP around an `RtpSession`. DTLS and
 * media are taken from every validated path and sent to the selected one.
 */
export class WebRtcPeer implements Outlet, RtcpOutlet {
  readonly id: TransportId;
  readonly bytes: Uint8Array;
  readonly session: RtpSession;
  /** For the owner: its small number for this peer, and the deadline that it has armed. */
  index = -1;
  armedAt: Millis = NEVER;
  readonly #options: WebRtcPeerOptions;
  readonly #host: PeerHost;
  readonly #ice: IceLiteAgent;
  readonly #streams = new Map<number, SrtpSendStream>();
  #dtls: DtlsSession | null = null;
  #receiver: SrtpReceiver | null = null;
  #sender: SrtpSender | null = null;
  #state: TransportState = 'new';
  #wasReady = false;
  /** DTLS has failed, or the peer has said goodbye. */
  #hasEnded = false;
  #isFreed = false;
  #isResting = false;
  /** When the connection counts as closed unless a check comes before. */
  #closeAt: Millis = NEVER;
  /** Where our last DTLS flight went. */
  #flightPath = -1;

  constructor(options: WebRtcPeerOptions) {
    const { host, ice, stunCrypto, random, pool, clock, ssrc, cname } = options;
    this.id = options.id;
    this.bytes = host.bytes;
    this.#options = options;
    this.#host = host;
    this.#ice = new IceLiteAgent({
      local: { ufrag: ice.localUfrag, pwd: ice.localPwd },
      remote: { ufrag: ice.remoteUfrag, pwd: ice.remotePwd },
      crypto: stunCrypto,
      random,
    });
    this.session = new RtpSession({
      transport: this.id,
      outlet: this,
      pool,
      clock,
      ssrc,
      cname,
      onForgotten: (forgotten) => this.#receiver?.remove(forgotten),
    });
  }

  get state(): TransportState {
    return this.#state;
  }

  /** A handshake that has begun and not ended. */
  get isHandshaking(): boolean {
    return this.#dtls !== null && this.#sender === null;
  }

  /** Judges a Binding request for one of our ufrags. Changes nothing. */
  authenticate(request: StunView): CheckVerdict {
    return this.#ice.authenticate(request);
  }

  /** Takes an authentic check from `path` and answers it. */
  acceptCheck(now: Millis, request: StunView, path: number, source: TransportAddress): void {
    this.#closeAt = NEVER;
    const at = this.#host.reserve();
    const length = this.#ice.acceptCheck(now, request, path, source, this.bytes, at);
    if (length > 0) this.#host.send(path, at, length);
    this.#drainIce(now);
  }

  /** Whether the path has proved to be the peer's and is alive: no check of another peer takes it. */
  holdsPath(now: Millis, path: number): boolean {
    return this.#ice.holds(now, path);
  }

  /** Writes the refusal of a check; its length, 0 for none. */
  rejectCheck(request: StunView, verdict: CheckVerdict, out: Uint8Array, at: number): number {
    return this.#ice.rejectCheck(request, verdict, out, at);
  }

  handleStunResponse(now: Millis, response: StunView, path: number): void {
    if (this.#ice.handleResponse(now, response, path)) this.#drainIce(now);
  }

  restartIce(now: Millis, ice: IceCredentials): void {
    this.#ice.restart(
      now,
      { ufrag: ice.localUfrag, pwd: ice.localPwd },
      { ufrag: ice.remoteUfrag, pwd: ice.remotePwd },
    );
    this.#drainIce(now);
  }

  /** Takes one DTLS datagram from a validated path; false when the record gate dropped it. */
  handleDtls(now: Millis, path: number, at: number, length: number): boolean {
    this.#ice.noteArrived(path, length);
    if (this.#dtls === null && this.#options.dtlsRole === 'server') this.#startDtls();
    const isPassed = this.#dtls?.handleDatagram(now, this.bytes, at, length) ?? true;
    this.#drainDtls(now, path);
    return isPassed;
  }

  /** Takes one SRTP packet from a validated path. */
  handleRtp(now: Millis, path: number, at: number, length: number): RtpOutcome {
    const receiver = this.#receiver;
    if (receiver === null) return RtpOutcome.unbound;
    const headerLength = readHeaderLength(this.bytes, at, length);
    if (headerLength === 0) return RtpOutcome.malformed;
    const ssrc = readSsrc(this.bytes, at);
    const sequenceNumber = (this.bytes[at + 2]! << 8) | this.bytes[at + 3]!;
    const known = this.session.stream(ssrc);
    const srtp = known?.srtp ?? receiver.stream(ssrc);
    const plainLength = receiver.openRtp(srtp, at, headerLength, length, sequenceNumber);
    if (plainLength < 0) return outcomeOf(plainLength);
    this.#ice.noteReceived(now, path, length);
    this.#noteAlive(now);
    const outcome = this.session.handleRtp(now, at, plainLength, known);
    if (known === null) {
      const stream = this.session.stream(ssrc);
      if (stream !== null) stream.srtp = srtp;
      else receiver.remove(ssrc); // nobody's: the first to make room
    }
    return outcome;
  }

  /** Takes one SRTCP packet from a validated path. */
  handleRtcp(now: Millis, path: number, at: number, length: number): RtpOutcome {
    const receiver = this.#receiver;
    if (receiver === null) return RtpOutcome.unbound;
    const plainLength = receiver.openRtcp(at, length);
    if (plainLength < 0) return outcomeOf(plainLength);
    this.#ice.noteReceived(now, path, length);
    this.#noteAlive(now);
    this.session.handleRtcp(now, at, plainLength);
    return RtpOutcome.taken;
  }

  handleTimeout(now: Millis): void {
    if (now >= this.#closeAt) {
      this.#closeAt = NEVER;
      this.#end(now, 'closed', 'the peer closed the connection');
    }
    this.#ice.handleTimeout(now);
    this.#drainIce(now);
    if (this.#dtls !== null && now >= this.#dtls.nextTimeout()) {
      this.#dtls.handleTimeout(now);
      this.#drainDtls(now, this.#ice.selected);
    }
    if (this.#sender !== null) this.session.handleTimeout(now);
  }

  nextTimeout(): Millis {
    const checks = earlier(this.#ice.nextTimeout(), this.#closeAt);
    const signalling = earlier(checks, this.#dtls?.nextTimeout() ?? NEVER);
    return this.#sender === null ? signalling : earlier(signalling, this.session.nextTimeout());
  }

  /** Says goodbye to the other side and frees the keys. */
  close(now: Millis): void {
    if (this.#isFreed) return;
    this.#isFreed = true;
    this.session.close(now);
    if (this.#dtls !== null) {
      this.#dtls.close();
      this.#transmitDtls(this.#ice.selected);
      this.#dtls = null;
    }
    this.#receiver?.close();
    this.#sender?.close();
    this.#receiver = null;
    this.#sender = null;
    this.#state = 'closed';
  }

  get isReady(): boolean {
    return this.#sender !== null && this.#state !== 'failed' && this.#state !== 'closed';
  }

  // --- Outlet -------------------------------------------------------------------------------------

  reserve(): number {
    return this.isReady ? this.#host.reserve() + PAYLOAD_OFFSET : -1;
  }

  send(
    stream: SrtpSendStream,
    payloadAt: number,
    headerLength: number,
    payloadLength: number,
    sequenceNumber: number,
  ): void {
    const at = payloadAt - headerLength;
    const length = headerLength + payloadLength;
    const sealed = this.#sender!.sealRtp(stream, at, headerLength, length, sequenceNumber);
    if (sealed < 0 || !this.#ice.maySend(sealed)) return;
    this.#host.send(this.#ice.selected, at, sealed);
  }

  sendStream(ssrc: number): SrtpSendStream {
    let stream = this.#streams.get(ssrc);
    if (stream === undefined) {
      stream = new SrtpSendStream(ssrc);
      this.#streams.set(ssrc, stream);
    }
    return stream;
  }

  reserveRtcp(): number {
    return this.isReady ? this.#host.reserve() : -1;
  }

  sendRtcp(at: number, length: number): void {
    const sealed = this.#sender?.sealRtcp(at, length) ?? -1;
    if (sealed < 0 || !this.#ice.maySend(sealed)) return;
    this.#host.send(this.#ice.selected, at, sealed);
  }

  // --- inside -------------------------------------------------------------------------------------

  #startDtls(): DtlsSession {
    const { dtls, dtlsRole, fingerprints } = this.#options;
    this.#dtls = dtls.create({ role: dtlsRole, remoteFingerprints: fingerprints });
    return this.#dtls;
  }

  #drainIce(now: Millis): void {
    let selected = -1;
    for (let event = this.#ice.pollEvent(); event !== undefined; event = this.#ice.pollEvent())
      switch (event.kind) {
        case 'tupleValidated':
          this.#host.pathValidated(this, event.tuple);
          break;
        case 'tupleReleased':
          this.#host.pathReleased(this, event.tuple);
          break;
        case 'ufragRetired':
          this.#host.ufragRetired(this, event.ufrag);
          break;
        case 'tupleSelected':
          selected = event.tuple;
          break;
        case 'stateChanged':
          this.#handleIceState(now, event.state);
      }
    for (;;) {
      const at = this.#host.reserve();
      const length = this.#ice.pollTransmit(now, this.bytes, at);
      if (length === 0) break;
      this.#host.send(this.#ice.transmitTuple, at, length);
    }
    // Behind our check: both may not fit what an unproved address is sent, and its answer lifts that limit.
    if (selected >= 0) this.#handleSelected(now, selected);
  }

  #handleSelected(now: Millis, path: number): void {
    if (this.#dtls !== null || this.#options.dtlsRole !== 'client') return;
    this.#startDtls().handleTimeout(now);
    this.#drainDtls(now, path);
  }

  #handleIceState(now: Millis, state: 'waiting' | 'connected' | 'suspect' | 'failed'): void {
    if (this.#hasEnded) return;
    if (state === 'connected')
      this.#setState(now, this.#sender === null ? 'connecting' : 'connected', '');
    else if (state === 'suspect') this.#setState(now, 'suspect', 'no connectivity check for 15 s');
    else if (state === 'failed') this.#setState(now, 'failed', 'no connectivity check for 30 s');
  }

  #drainDtls(now: Millis, path: number): void {
    this.#transmitDtls(path);
    for (;;) {
      const event = this.#dtls?.pollEvent();
      if (event === undefined) break;
      if (event.kind === 'connected') {
        // Only who received our flight can have finished: that proves where it went, not where this came from.
        this.#ice.noteDelivered(now, this.#flightPath);
        this.#openSrtp(now, event.profile, event.keyingMaterial, event.isServer);
        this.#drainIce(now);
      } else if (event.kind === 'failed') {
        this.#end(now, 'failed', `DTLS ${event.reason}: ${event.detail}`);
      } else if (event.kind === 'perhapsClosed') {
        this.#closeAt = earlier(this.#closeAt, after(now, PERHAPS_CLOSED_MS));
      } else if (event.kind === 'closed')
        this.#end(now, 'closed', 'the peer closed the connection');
    }
    this.#transmitDtls(path);
  }

  /** A hello may be answered before any pair is nominated: to where it came from. */
  #transmitDtls(path: number): void {
    const to = this.#ice.selected >= 0 ? this.#ice.selected : path;
    for (;;) {
      const at = this.#host.reserve();
      const length = this.#dtls?.pollTransmit(this.bytes, at) ?? 0;
      if (length === 0) break;
      if (!this.#ice.maySend(length)) continue;
      this.#flightPath = to;
      this.#host.send(to, at, length);
    }
  }

  /** Something authentic came: the peer has its keys, and if a goodbye came before, it was not the peer's. */
  #noteAlive(now: Millis): void {
    if (!this.#isResting) this.#rest();
    const isOutOfOrder = now < this.#closeAt - PERHAPS_CLOSED_MS + MAX_REORDER_MS;
    if (this.#closeAt !== NEVER && !isOutOfOrder) this.#closeAt = NEVER;
  }

  /** The peer has used its keys: the handshake will not be repeated, and its memory can go. */
  #rest(): void {
    this.#isResting = true;
    this.#dtls?.rest();
  }

  #openSrtp(
    now: Millis,
    profile: SrtpProfile,
    keyingMaterial: Uint8Array,
    isServer: boolean,
  ): void {
    const keys = splitExportedKeys(profile, keyingMaterial, isServer);
    this.#receiver = new SrtpReceiver(this.#host.openCipher(profile, keys.receive, 'receive'));
    this.#sender = new SrtpSender(this.#host.openCipher(profile, keys.send, 'send'));
    keyingMaterial.fill(0);
    this.#setState(now, 'connected', profile);
  }

  /** The association is over: checks that go on do not bring it back. */
  #end(now: Millis, state: 'failed' | 'closed', detail: string): void {
    this.#hasEnded = true;
    this.#setState(now, state, detail);
  }

  #setState(now: Millis, state: TransportState, detail: string): void {
    if (state === this.#state) return;
    const wasReady = this.#wasReady;
    this.#state = state;
    this.#wasReady = this.isReady;
    this.#host.stateChanged(this, state, detail);
    if (wasReady && !this.isReady) this.session.interrupt();
    else if (!wasReady && this.isReady) this.session.resume(now);
  }
}

function outcomeOf(rejection: number): RtpOutcome {
  if (rejection === SrtpRejection.replay) return RtpOutcome.replayed;
  if (rejection === SrtpRejection.tooManyStreams) return RtpOutcome.tooManyStreams;
  return RtpOutcome.unauthenticated;
}
