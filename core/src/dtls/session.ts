import type { Millis } from '@switchyard/core/base';
import type { SrtpProfile } from '@switchyard/core/srtp';

/** One certificate digest as in `a=fingerprint` (RFC 8122 §5). */
export interface DtlsFingerprint {
  /** Hash name, lower case: `sha-256`, `sha-384` or `sha-512`; others never match. */
  readonly algorithm: string;
  /** Upper-case hexadecimal bytes joined by colons; compared without regard to case. */
  readonly value: string;
}

export type DtlsFailure =
  /** The peer's certificate is none of those its description announced, or it sent none. */
  | 'fingerprintMismatch'
  /** 30 s without completing. */
  | 'timeout'
  /** A fatal alert, ours or the peer's. */
  | 'alert'
  /** The association is sound but no SRTP profile was agreed. */
  | 'noSrtpProfile'
  /** The cryptographic library refused something that should have worked. */
  | 'internal';

export type DtlsEvent =
  | {
      /** The handshake is complete and the peer is who its description says. */
      readonly kind: 'connected';
      readonly profile: SrtpProfile;
      /** The receiver's to wipe after `splitExportedKeys` and derivation. */
      readonly keyingMaterial: Uint8Array;
      readonly isServer: boolean;
    }
  | { readonly kind: 'applicationData'; readonly bytes: Uint8Array }
  /** The peer sent close_notify. */
  | { readonly kind: 'closed' }
  /** After `rest`: a record that may be the peer's close_notify, which nobody can decrypt any more. */
  | { readonly kind: 'perhapsClosed' }
  | { readonly kind: 'failed'; readonly reason: DtlsFailure; readonly detail: string };

/**
 * One DTLS association over a datagram path that ICE has validated: 1.2, mutual certificates,
 * use_srtp (RFC 6347, RFC 5764). Driven like every machine: after each `handle*` or `send` drain
 * `pollTransmit` and `pollEvent`, then arm a timer for `nextTimeout()`. A client starts at its first
 * `handleTimeout`, which is due at once; a server waits for the first datagram without limit.
 */
export interface DtlsSession {
  /** Feeds one datagram (first byte 20..63), through the record gate. False when the gate dropped it. */
  handleDatagram(now: Millis, buf: Uint8Array, at: number, length: number): boolean;
  handleTimeout(now: Millis): void;
  nextTimeout(): Millis;
  /** Writes the next datagram, at most 1200 bytes, into `out`; its length, 0 when drained. */
  pollTransmit(out: Uint8Array, at: number): number;
  pollEvent(): DtlsEvent | undefined;
  /** Sends one record of application data (SCTP). False before `connected` or after the end. */
  send(buf: Uint8Array, at: number, length: number): boolean;
  /**
   * Says that the handshake is over for both sides, since the peer has sent something under its keys: nothing
   * will have to be repeated. For associations that only agree on SRTP keys. Frees most of the memory and keeps
   * a sealed close_notify; `send` fails from then on. Harmless before `connected` or when repeated.
   */
  rest(): void;
  /**
   * Sends close_notify and gives the memory back: drain `pollTransmit` once more. Events stop;
   * harmless when repeated.
   */
  close(): void;
}

export interface DtlsOptions {
  readonly role: 'server' | 'client';
  /** From the remote description; any one of them may match. */
  readonly remoteFingerprints: readonly DtlsFingerprint[];
}

/** Makes associations that share one certificate. */
export interface DtlsFactory {
  /** Of our certificate, for our descriptions. */
  readonly fingerprint: { readonly algorithm: 'sha-256'; readonly value: string };
  create(options: DtlsOptions): DtlsSession;
}
