import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Peers' clocks may be behind ours. */
const BACKDATED_MS = DAY_MS;

/** Our identity in DTLS: what descriptions announce as `a=fingerprint`. */
export interface DtlsCertificate {
  /** X.509, DER. */
  readonly certificate: Uint8Array;
  /** SEC 1, DER. */
  readonly privateKey: Uint8Array;
  readonly fingerprint: { readonly algorithm: 'sha-256'; readonly value: string };
}

/**
 * Makes a self-signed ECDSA P-256 certificate. Nobody checks who signed it: the fingerprint, carried
 * by signalling, is what peers trust (RFC 8122 §5).
 *
 * @param wallClockMs Unix time of the start of its validity.
 * @param days of validity.
 */
export function createCertificate(wallClockMs: number, days = 30): DtlsCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = sequence(set(sequence(COMMON_NAME, der(Tag.utf8String, Buffer.from('switchyard')))));
  const toBeSigned = sequence(
    der(Tag.version, integer(Buffer.from([2]))), // X.509 version 3
    serialNumber(),
    ECDSA_WITH_SHA256,
    name,
    sequence(utcTime(wallClockMs - BACKDATED_MS), utcTime(wallClockMs + days * DAY_MS)),
    name,
    publicKeyInfo(publicKey),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature));
  const digest = createHash('sha256').update(certificate).digest('hex').toUpperCase();
  return {
    certificate,
    privateKey: privateKey.export({ type: 'sec1', format: 'der' }),
    fingerprint: { algorithm: 'sha-256', value: digest.replace(/..(?=.)/g, '$&:') },
  };
}

/** DER tags. ITU-T X.690 §8. */
const Tag = {
  integer: 0x02,
  bitString: 0x03,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  /** [0] EXPLICIT, of the certificate's version. */
  version: 0xa0,
} as const;

/** Object identifiers 2.5.4.3, and 1.2.840.10045.4.3.2 as an AlgorithmIdentifier. */
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(Tag.sequence, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => der(Tag.set, ...parts);
const integer = (bytes: Uint8Array): Buffer => der(Tag.integer, bytes);
const bitString = (bytes: Uint8Array): Buffer => der(Tag.bitString, Buffer.from([0]), bytes);

/** Positive and of full length: first bits 01. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return integer(bytes);
}

/** YYMMDDHHMMSSZ. RFC 5280 §4.1.2.5.1. */
const utcTime = (wallClockMs: number): Buffer =>
  der(
    Tag.utcTime,
    Buffer.from(`${new Date(wallClockMs).toISOString().replace(/\D/g, '').slice(2, 14)}Z`),
  );

const publicKeyInfo = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
