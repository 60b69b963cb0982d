import type { DtlsFactory, DtlsOptions, DtlsSession } from '@switchyard/core/dtls';
import { createCertificate, type DtlsCertificate } from './certificate.ts';
import { OpensslDtlsSession } from './dtls-session.ts';
import { NativeMemory, NULL, type Pointer, withSecret } from './memory.ts';
import {
  acceptAnyCertificate,
  bio,
  lastError,
  SslControl,
  SslOption,
  ssl,
} from './openssl-dtls.ts';

const DTLS_1_2 = 0xfefd;
/**
 * Our certificate is ECDSA, so as a server we only ever agree on the first three. Encoders that want to be the
 * server may have an RSA one, as GStreamer makes it.
 */
const SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');
const GROUPS = 'X25519:P-256';
const SIGNATURE_ALGORITHMS =
  'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384';
/** In our order of preference; the server's order decides. */
const SRTP_PROFILES = 'SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80';
const VERIFY_PEER_STRICTLY = 0x01 | 0x02;
const MODE_RELEASE_BUFFERS = 0x10;
const MAX_CERTIFICATE_LIST = 16_384;
const EVP_PKEY_EC = 408;

/** The most that one record, or one datagram we take, may hold. */
const BUFFER_LENGTH = 16_384;

/**
 * What all associations of one thread share: OpenSSL's settings with our certificate, and one pair of
 * memory BIOs. A call into an association fills and empties that pair before it returns, so none needs
 * BIOs of its own, which would cost each 31 KiB.
 */
export class SharedDtlsState {
  readonly context: Pointer;
  readonly input: Pointer;
  readonly output: Pointer;
  /** Carries datagrams and records across the border. */
  readonly buffer = new NativeMemory(BUFFER_LENGTH);
  #users = 1;

  constructor(certificate: DtlsCertificate) {
    this.context = createContext(certificate);
    this.input = bio.create(bio.datagramMemory());
    this.output = bio.create(bio.datagramMemory());
    if (this.input === NULL || this.output === NULL) throw new Error(lastError());
  }

  retain(): void {
    this.#users++;
  }

  release(): void {
    if (--this.#users > 0) return;
    ssl.freeContext(this.context);
    bio.free(this.input);
    bio.free(this.output);
    this.buffer.bytes.fill(0);
  }
}

/**
 * Makes DTLS 1.2 associations on the OpenSSL inside node, with one certificate. For rotation make
 * another one and close this: associations in progress keep what they need.
 */
export class OpensslDtlsContext implements DtlsFactory {
  readonly fingerprint: DtlsFactory['fingerprint'];
  readonly #shared: SharedDtlsState;
  #isOpen = true;

  /** @param certificate a fresh one by default. */
  constructor(certificate: DtlsCertificate = createCertificate(Date.now())) {
    this.fingerprint = certificate.fingerprint;
    this.#shared = new SharedDtlsState(certificate);
  }

  create(options: DtlsOptions): DtlsSession {
    if (!this.#isOpen) throw new Error('the DTLS context is closed');
    return new OpensslDtlsSession(this.#shared, options);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#shared.release();
  }
}

function createContext({ certificate, privateKey }: DtlsCertificate): Pointer {
  const context = ssl.newContext(ssl.dtlsMethod());
  if (context === NULL) throw new Error(lastError());
  const der = new NativeMemory(certificate.length);
  der.bytes.set(certificate);
  ssl.setOptions(
    context,
    SslOption.noQueryMtu |
      SslOption.noTicket |
      SslOption.noCompression |
      SslOption.serverPreference |
      SslOption.noRenegotiation,
  );
  ssl.setVerify(context, VERIFY_PEER_STRICTLY, NULL);
  ssl.setCertificateVerifier(context, acceptAnyCertificate, NULL);
  ssl.contextControl(context, SslControl.mode, MODE_RELEASE_BUFFERS, NULL);
  ssl.contextControl(context, SslControl.setSessionCacheMode, 0, NULL);
  ssl.contextControl(context, SslControl.setMaxCertificateList, MAX_CERTIFICATE_LIST, NULL);
  const isReady =
    ssl.contextControl(context, SslControl.setMinVersion, DTLS_1_2, NULL) === 1 &&
    ssl.contextControl(context, SslControl.setMaxVersion, DTLS_1_2, NULL) === 1 &&
    ssl.setCipherList(context, SUITES) === 1 &&
    ssl.contextControlText(context, SslControl.setGroups, 0, GROUPS) === 1 &&
    ssl.contextControlText(context, SslControl.setSignatureAlgorithms, 0, SIGNATURE_ALGORITHMS) ===
      1 &&
    ssl.setSrtpProfiles(context, SRTP_PROFILES) === 0 &&
    ssl.useCertificate(context, certificate.length, der.base) === 1 &&
    withSecret(privateKey, (key) =>
      ssl.usePrivateKey(EVP_PKEY_EC, context, key, privateKey.length),
    ) === 1;
  if (isReady) return context;
  const reason = lastError();
  ssl.freeContext(context);
  throw new Error(`OpenSSL refuses our DTLS settings: ${reason}`);
}
