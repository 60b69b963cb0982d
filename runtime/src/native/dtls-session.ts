import {
  after,
  earlier,
  equalBytes,
  fromHex,
  type Millis,
  millis,
  NEVER,
} from '@switchyard/core/base';
import {
  type DtlsEvent,
  type DtlsFailure,
  type DtlsFingerprint,
  type DtlsOptions,
  DtlsRecordGate,
  type DtlsSession,
  GateVerdict,
} from '@switchyard/core/dtls';
import { exportedKeyLength, srtpProfileOf } from '@switchyard/core/srtp';
import type { SharedDtlsState } from './dtls-context.ts';
import { NativeMemory, NULL, type Pointer } from './memory.ts';
import {
  bio,
  clearErrors,
  lastError,
  retransmissionTimer,
  SslControl,
  SslError,
  srtpProfileId,
  ssl,
  x509,
} from './openssl-dtls.ts';

/** UDP payload of our datagrams. */
const MTU = 1200;
/** From the first datagram to completion. */
const HANDSHAKE_TIMEOUT_MS = 30_000;
/** Datagrams and events that may wait to be polled: two flights and a burst of data. */
const MAX_PENDING = 256;
const EXPORTER_LABEL = 'EXTRACTOR-dtls_srtp';
const CHACHA20_SUITE = 0xcca9;
const MAX_DIGEST_LENGTH = 64;

const DIGESTS: Readonly<Record<string, () => Pointer>> = {
  'sha-256': x509.sha256,
  'sha-384': x509.sha384,
  'sha-512': x509.sha512,
};

type RecordGate = Pick<DtlsRecordGate, 'check' | 'counts' | 'handshakeCompleted'>;
type State = 'handshaking' | 'connected' | 'resting' | 'ended';

/**
 * One association on OpenSSL. The record gate stands before every datagram; nothing of the peer is
 * read before its certificate has been compared with the announced fingerprints.
 *
 * Retransmission runs on OpenSSL's own clock: `now` must be the machine's monotonic time.
 */
export class OpensslDtlsSession implements DtlsSession {
  readonly #shared: SharedDtlsState;
  readonly #options: DtlsOptions;
  readonly #gate: RecordGate;
  #ssl: Pointer;
  #state: State = 'handshaking';
  #giveUpAt: Millis = NEVER;
  #retransmitAt: Millis;
  readonly #outgoing: Buffer[] = [];
  /** Sealed before the association was freed, for `close`. */
  #goodbye: Buffer[] = [];
  readonly #events: DtlsEvent[] = [];

  /** @param gate another one only to find out what OpenSSL does without. */
  constructor(
    shared: SharedDtlsState,
    options: DtlsOptions,
    gate: RecordGate = new DtlsRecordGate(),
  ) {
    this.#shared = shared;
    this.#gate = gate;
    this.#options = options;
    this.#ssl = ssl.create(shared.context);
    if (this.#ssl === NULL) throw new Error(lastError());
    shared.retain();
    bio.retain(shared.input);
    bio.retain(shared.output);
    ssl.setBios(this.#ssl, shared.input, shared.output);
    ssl.control(this.#ssl, SslControl.setMtu, MTU, NULL);
    ssl.setTimerCallback(this.#ssl, retransmissionTimer);
    if (options.role === 'server') ssl.setAcceptState(this.#ssl);
    else ssl.setConnectState(this.#ssl);
    this.#retransmitAt = options.role === 'client' ? millis(0) : NEVER;
  }

  /** Datagrams by what the gate said of them. */
  get gateCounts(): Readonly<Uint32Array> {
    return this.#gate.counts;
  }

  handleDatagram(now: Millis, buf: Uint8Array, at: number, length: number): boolean {
    if (length > this.#shared.buffer.bytes.length) return false;
    if (this.#state === 'ended') return true;
    if (this.#gate.check(now, buf, at, length) !== GateVerdict.pass) return false;
    if (this.#state === 'resting') {
      if (mayBeAlert(buf, at) && this.#events.length === 0)
        this.#events.push({ kind: 'perhapsClosed' });
      return true;
    }
    const { bytes, base } = this.#shared.buffer;
    for (let i = 0; i < length; i++) bytes[i] = buf[at + i]!;
    bio.write(this.#shared.input, base, length);
    this.#advance(now);
    return true;
  }

  handleTimeout(now: Millis): void {
    if (this.#state !== 'handshaking') return;
    if (now >= this.#giveUpAt) {
      this.#fail('timeout', 'no answer to the handshake');
      return;
    }
    if (now < this.#retransmitAt) return;
    if (this.#giveUpAt === NEVER) this.#advance(now);
    else {
      clearErrors();
      if (ssl.control(this.#ssl, SslControl.handleTimeout, 0, NULL) < 0)
        this.#fail('timeout', lastError());
      else this.#settle(now);
    }
  }

  nextTimeout(): Millis {
    return this.#state === 'handshaking' ? earlier(this.#retransmitAt, this.#giveUpAt) : NEVER;
  }

  pollTransmit(out: Uint8Array, at: number): number {
    const datagram = this.#outgoing.shift();
    if (datagram === undefined) return 0;
    out.set(datagram, at);
    return datagram.length;
  }

  pollEvent(): DtlsEvent | undefined {
    return this.#events.shift();
  }

  send(buf: Uint8Array, at: number, length: number): boolean {
    if (this.#state !== 'connected' || length < 1 || length > MTU) return false;
    const { bytes, base } = this.#shared.buffer;
    for (let i = 0; i < length; i++) bytes[i] = buf[at + i]!;
    clearErrors();
    const isSent = ssl.write(this.#ssl, base, length) === length;
    this.#drain();
    return isSent;
  }

  rest(): void {
    if (this.#state !== 'connected') return;
    const sent = this.#outgoing.length;
    this.#end();
    this.#goodbye = this.#outgoing.splice(sent);
    this.#state = 'resting';
  }

  close(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'resting') {
      this.#outgoing.push(...this.#goodbye);
      this.#state = 'ended';
    } else this.#end();
    this.#events.length = 0;
  }

  /** Lets OpenSSL work off the datagram in the shared BIO. */
  #advance(now: Millis): void {
    if (this.#giveUpAt === NEVER) this.#giveUpAt = after(now, HANDSHAKE_TIMEOUT_MS);
    clearErrors();
    if (this.#state === 'handshaking') {
      const result = ssl.doHandshake(this.#ssl);
      if (result === 1) this.#complete();
      else this.#checkFailure(result);
    }
    while (this.#state === 'connected' && this.#readRecord());
    this.#settle(now);
  }

  /** Reads one record of application data; false when there is none. */
  #readRecord(): boolean {
    const { bytes, base } = this.#shared.buffer;
    const length = ssl.read(this.#ssl, base, bytes.length);
    if (length <= 0) {
      this.#checkFailure(length);
      return false;
    }
    if (this.#events.length < MAX_PENDING)
      this.#events.push({
        kind: 'applicationData',
        bytes: Uint8Array.from(bytes.subarray(0, length)),
      });
    return true;
  }

  #checkFailure(result: number): void {
    const error = ssl.getError(this.#ssl, result);
    if (error === SslError.wantRead || error === SslError.wantWrite) return;
    if (error === SslError.zeroReturn) {
      this.#end();
      this.#events.push({ kind: 'closed' });
    } else this.#fail('alert', lastError());
  }

  /** The handshake is done: the peer must be the announced one, and the keys exportable. */
  #complete(): void {
    if (!this.#isAnnounced()) {
      this.#fail('fingerprintMismatch', 'the certificate has none of the announced fingerprints');
      return;
    }
    if (ssl.control(this.#ssl, SslControl.getExtendedMasterSecret, 0, NULL) !== 1) {
      this.#fail('alert', 'the peer does not use the extended master secret'); // RFC 7627
      return;
    }
    const profile = srtpProfileOf(srtpProfileId(ssl.selectedSrtpProfile(this.#ssl)));
    if (profile === undefined) {
      this.#fail('noSrtpProfile', 'no common SRTP profile');
      return;
    }
    const material = new NativeMemory(exportedKeyLength(profile));
    const isExported = ssl.exportKeyingMaterial(
      this.#ssl,
      material.base,
      material.bytes.length,
      EXPORTER_LABEL,
      EXPORTER_LABEL.length,
      NULL,
      0,
      0,
    );
    if (isExported !== 1) {
      this.#fail('internal', lastError());
      return;
    }
    this.#state = 'connected';
    const suite = ssl.cipherId(ssl.currentCipher(this.#ssl));
    this.#gate.handshakeCompleted(suite === CHACHA20_SUITE ? 'chacha20Poly1305' : 'aesGcm');
    this.#events.push({
      kind: 'connected',
      profile,
      keyingMaterial: material.bytes,
      isServer: this.#options.role === 'server',
    });
  }

  #isAnnounced(): boolean {
    const certificate = ssl.peerCertificate(this.#ssl);
    if (certificate === NULL) return false;
    const matches = this.#options.remoteFingerprints.some((announced) =>
      matchesFingerprint(certificate, announced),
    );
    x509.free(certificate);
    return matches;
  }

  #fail(reason: DtlsFailure, detail: string): void {
    this.#end(reason !== 'alert');
    this.#events.push({ kind: 'failed', reason, detail });
  }

  /** Frees everything. OpenSSL is not to be asked for a goodbye after a fatal error of its own. */
  #end(saysGoodbye = true): void {
    clearErrors();
    if (saysGoodbye) ssl.shutdown(this.#ssl);
    this.#drain();
    this.#state = 'ended';
    ssl.free(this.#ssl);
    this.#ssl = NULL;
    this.#shared.release();
    clearErrors();
  }

  /** Leaves the shared BIOs empty and knows when to come back. */
  #settle(now: Millis): void {
    this.#drain();
    if (this.#state === 'handshaking') this.#retransmitAt = after(now, this.#remainingMs());
    else if (this.#state === 'connected') ssl.freeBuffers(this.#ssl);
  }

  #drain(): void {
    const { buffer, input, output } = this.#shared;
    for (;;) {
      const length = bio.read(output, buffer.base, buffer.bytes.length);
      if (length <= 0) break;
      if (this.#outgoing.length < MAX_PENDING)
        this.#outgoing.push(Buffer.from(buffer.bytes.subarray(0, length)));
    }
    while (bio.read(input, buffer.base, buffer.bytes.length) > 0);
  }

  /** Until OpenSSL wants to retransmit, rounded up: it ignores a call that comes early. */
  #remainingMs(): number {
    const { bytes, base } = this.#shared.buffer;
    if (ssl.control(this.#ssl, SslControl.getTimeout, 0, base) !== 1) return NEVER;
    return Number(bytes.readBigInt64LE(0)) * 1000 + Math.ceil(bytes.readInt32LE(8) / 1000) + 1;
  }
}

/** In constant time for the digest. Weak hashes match nothing. RFC 8122 §5. */
function matchesFingerprint(certificate: Pointer, announced: DtlsFingerprint): boolean {
  const algorithm = announced.algorithm.toLowerCase();
  if (!Object.hasOwn(DIGESTS, algorithm)) return false;
  const digest = new NativeMemory(MAX_DIGEST_LENGTH);
  const length = new NativeMemory(4);
  if (x509.digest(certificate, DIGESTS[algorithm]!(), digest.base, length.base) !== 1) return false;
  return equalBytes(
    digest.bytes.subarray(0, length.bytes.readUInt32LE()),
    fromHex(announced.value),
  );
}

const ALERT = 21;
/** Explicit nonce, level and description, tag: the shortest protected alert (ChaCha20 has no nonce in it). */
const MIN_ALERT_LENGTH = 18;
const MAX_ALERT_LENGTH = 26;

/** Whether a record that the gate let pass has the outside of a protected alert. RFC 6347 §4.1. */
function mayBeAlert(buf: Uint8Array, at: number): boolean {
  const length = (buf[at + 11]! << 8) | buf[at + 12]!;
  const isProtected = buf[at + 3] === 0 && buf[at + 4] === 1;
  return (
    buf[at] === ALERT && isProtected && length >= MIN_ALERT_LENGTH && length <= MAX_ALERT_LENGTH
  );
}
