import koffi from 'koffi';
import { NULL, type Pointer } from './memory.ts';

/* The DTLS part of node's OpenSSL: see openssl.ts. */
const lib = koffi.load(null);

type Make = () => Pointer;
type Free = (object: Pointer) => void;
type Get = (object: Pointer) => Pointer;
type Control = (object: Pointer, command: number, number: number, pointer: Pointer) => number;
type ControlText = (object: Pointer, command: number, number: number, text: string) => number;
type Transfer = (object: Pointer, data: Pointer, length: number) => number;

export const bio = {
  datagramMemory: lib.func('uintptr_t BIO_s_dgram_mem()') as Make,
  create: lib.func('uintptr_t BIO_new(uintptr_t method)') as Get,
  retain: lib.func('int BIO_up_ref(uintptr_t bio)') as (bio: Pointer) => number,
  free: lib.func('int BIO_free(uintptr_t bio)') as (bio: Pointer) => number,
  /** One datagram; -1 when there is none. */
  read: lib.func('int BIO_read(uintptr_t bio, uintptr_t data, int length)') as Transfer,
  write: lib.func('int BIO_write(uintptr_t bio, uintptr_t data, int length)') as Transfer,
} as const;

export const ssl = {
  dtlsMethod: lib.func('uintptr_t DTLS_method()') as Make,
  newContext: lib.func('uintptr_t SSL_CTX_new(uintptr_t method)') as Get,
  freeContext: lib.func('void SSL_CTX_free(uintptr_t ctx)') as Free,
  contextControl: lib.func(
    'long SSL_CTX_ctrl(uintptr_t ctx, int command, long number, uintptr_t pointer)',
  ) as Control,
  contextControlText: lib.func(
    'long SSL_CTX_ctrl(uintptr_t ctx, int command, long number, const char *text)',
  ) as ControlText,
  setOptions: lib.func('uint64_t SSL_CTX_set_options(uintptr_t ctx, uint64_t options)') as (
    ctx: Pointer,
    options: number,
  ) => number,
  setCipherList: lib.func('int SSL_CTX_set_cipher_list(uintptr_t ctx, const char *list)') as (
    ctx: Pointer,
    list: string,
  ) => number,
  /** Zero on success, unlike its siblings. */
  setSrtpProfiles: lib.func(
    'int SSL_CTX_set_tlsext_use_srtp(uintptr_t ctx, const char *profiles)',
  ) as (ctx: Pointer, profiles: string) => number,
  setVerify: lib.func('void SSL_CTX_set_verify(uintptr_t ctx, int mode, uintptr_t callback)') as (
    ctx: Pointer,
    mode: number,
    callback: 0,
  ) => void,
  setCertificateVerifier: lib.func(
    'void SSL_CTX_set_cert_verify_callback(uintptr_t ctx, void *callback, uintptr_t argument)',
  ) as (ctx: Pointer, callback: bigint, argument: 0) => void,
  useCertificate: lib.func(
    'int SSL_CTX_use_certificate_ASN1(uintptr_t ctx, int length, uintptr_t der)',
  ) as (ctx: Pointer, length: number, der: Pointer) => number,
  usePrivateKey: lib.func(
    'int SSL_CTX_use_PrivateKey_ASN1(int type, uintptr_t ctx, uintptr_t der, long length)',
  ) as (type: number, ctx: Pointer, der: Pointer, length: number) => number,

  create: lib.func('uintptr_t SSL_new(uintptr_t ctx)') as Get,
  free: lib.func('void SSL_free(uintptr_t ssl)') as Free,
  control: lib.func(
    'long SSL_ctrl(uintptr_t ssl, int command, long number, uintptr_t pointer)',
  ) as Control,
  /** Takes over one reference to each. */
  setBios: lib.func('void SSL_set_bio(uintptr_t ssl, uintptr_t read, uintptr_t write)') as (
    ssl: Pointer,
    read: Pointer,
    write: Pointer,
  ) => void,
  setTimerCallback: lib.func('void DTLS_set_timer_cb(uintptr_t ssl, void *callback)') as (
    ssl: Pointer,
    callback: bigint,
  ) => void,
  setAcceptState: lib.func('void SSL_set_accept_state(uintptr_t ssl)') as Free,
  setConnectState: lib.func('void SSL_set_connect_state(uintptr_t ssl)') as Free,
  doHandshake: lib.func('int SSL_do_handshake(uintptr_t ssl)') as (ssl: Pointer) => number,
  read: lib.func('int SSL_read(uintptr_t ssl, uintptr_t data, int length)') as Transfer,
  write: lib.func('int SSL_write(uintptr_t ssl, uintptr_t data, int length)') as Transfer,
  shutdown: lib.func('int SSL_shutdown(uintptr_t ssl)') as (ssl: Pointer) => number,
  getError: lib.func('int SSL_get_error(uintptr_t ssl, int result)') as (
    ssl: Pointer,
    result: number,
  ) => number,
  freeBuffers: lib.func('int SSL_free_buffers(uintptr_t ssl)') as (ssl: Pointer) => number,
  selectedSrtpProfile: lib.func('uintptr_t SSL_get_selected_srtp_profile(uintptr_t ssl)') as Get,
  currentCipher: lib.func('uintptr_t SSL_get_current_cipher(uintptr_t ssl)') as Get,
  cipherId: lib.func('uint16_t SSL_CIPHER_get_protocol_id(uintptr_t cipher)') as Get,
  exportKeyingMaterial: lib.func(
    'int SSL_export_keying_material(uintptr_t ssl, uintptr_t out, size_t length, const char *label, size_t labelLength, uintptr_t context, size_t contextLength, int useContext)',
  ) as (
    ssl: Pointer,
    out: Pointer,
    length: number,
    label: string,
    labelLength: number,
    context: 0,
    contextLength: 0,
    useContext: 0,
  ) => number,
  /** Ours to free. */
  peerCertificate: lib.func('uintptr_t SSL_get1_peer_certificate(uintptr_t ssl)') as Get,
} as const;

export const x509 = {
  free: lib.func('void X509_free(uintptr_t certificate)') as Free,
  digest: lib.func(
    'int X509_digest(uintptr_t certificate, uintptr_t digest, uintptr_t out, uintptr_t length)',
  ) as (certificate: Pointer, digest: Pointer, out: Pointer, length: Pointer) => number,
  sha256: lib.func('uintptr_t EVP_sha256()') as Make,
  sha384: lib.func('uintptr_t EVP_sha384()') as Make,
  sha512: lib.func('uintptr_t EVP_sha512()') as Make,
} as const;

const errorQueue = {
  get: lib.func('ulong ERR_get_error()') as () => number,
  clear: lib.func('void ERR_clear_error()') as () => void,
  text: lib.func('const char *ERR_reason_error_string(ulong code)') as (
    code: number,
  ) => string | null,
};

/** Forgets errors of earlier calls, node's own included: `SSL_get_error` looks at the queue. */
export const clearErrors = (): void => errorQueue.clear();

/** The reason of the last failure in OpenSSL's words. */
export function lastError(): string {
  const code = errorQueue.get();
  errorQueue.clear();
  return code === 0 ? 'no reason given' : (errorQueue.text(code) ?? `error ${code}`);
}

/** The `id` of a `SRTP_PROTECTION_PROFILE`, a name followed by a number. */
export const srtpProfileId = (profile: Pointer): number =>
  profile === NULL ? 0 : Number(koffi.decode(BigInt(profile), 8, 'ulong'));

/** Commands of `SSL_ctrl` and `SSL_CTX_ctrl`, which are macros in C. */
export const SslControl = {
  setMtu: 17,
  mode: 33,
  setSessionCacheMode: 44,
  setMaxCertificateList: 51,
  getTimeout: 73,
  handleTimeout: 74,
  setGroups: 92,
  setSignatureAlgorithms: 98,
  getExtendedMasterSecret: 122,
  setMinVersion: 123,
  setMaxVersion: 124,
} as const;

/** Results of `SSL_get_error`. */
export const SslError = { wantRead: 2, wantWrite: 3, zeroReturn: 6 } as const;

export const SslOption = {
  noQueryMtu: 0x1000,
  noTicket: 0x4000,
  noCompression: 0x20000,
  serverPreference: 0x400000,
  noRenegotiation: 0x40000000,
} as const;

/** A certificate chain has nothing to say here: the fingerprint decides, after the handshake. */
export const acceptAnyCertificate: bigint = koffi.register(
  () => 1,
  koffi.pointer(koffi.proto('int AcceptAnyCertificate(void *store, void *argument)')),
);

const FIRST_TIMEOUT_US = 100_000;
const LONGEST_TIMEOUT_US = 4_000_000;

/** Retransmission: 100 ms, doubling to 4 s. Media waits for this, so not the second of RFC 6347 §4.2.4.1. */
export const retransmissionTimer: bigint = koffi.register(
  (_ssl: unknown, timeoutUs: number) =>
    timeoutUs === 0 ? FIRST_TIMEOUT_US : Math.min(2 * timeoutUs, LONGEST_TIMEOUT_US),
  koffi.pointer(koffi.proto('uint32_t RetransmissionTimer(void *ssl, uint32_t timeoutUs)')),
);
