import {
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { parseIp } from '@switchyard/core/base';
import {
  bitString,
  boolean,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8String,
} from './der.ts';

export interface SelfSignedOptions {
  /** Shown by browsers; at most 64 characters (RFC 5280, upper bound of common names). */
  readonly commonName: string;
  /** Host names and literal IP addresses the certificate is for. Empty for DTLS: only its fingerprint counts. */
  readonly altNames: readonly string[];
  /** Valid so many days from `now`. Apple's systems refuse more than 825. */
  readonly days: number;
  /** Wall-clock time of issue, ms since the epoch. Default: now. */
  readonly now?: number;
}

export interface SelfSignedCertificate {
  /** The certificate, PEM. */
  readonly cert: string;
  /** Its private key, PKCS #8 PEM. */
  readonly key: string;
  readonly certDer: Uint8Array;
  /** SHA-256 over the DER form: upper-case hexadecimal pairs with colons, as in SDP (RFC 8122 §5). */
  readonly fingerprint: string;
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const DAY_MS = 86_400_000;
/** Clients' clocks may be behind ours. */
const BACKDATED_MS = DAY_MS;

/** Makes an ECDSA P-256 key and an X.509 version 3 certificate (RFC 5280) for it that it signed itself. */
export function createSelfSignedCertificate(options: SelfSignedOptions): SelfSignedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const toBeSigned = tbsCertificate(options, publicKey);
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const signature = sign('sha256', toBeSigned, privateKey);
  const certDer = sequence(toBeSigned, algorithm, bitString(signature));
  const certificate = new X509Certificate(certDer);
  return {
    cert: certificate.toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    certDer,
    fingerprint: certificate.fingerprint256,
  };
}

/** RFC 5280 §4.1.2. */
function tbsCertificate(options: SelfSignedOptions, publicKey: KeyObject): Uint8Array {
  const now = options.now ?? Date.now();
  const name = distinguishedName(options.commonName);
  return sequence(
    tagged(0, integer(Uint8Array.of(2))),
    integer(serialNumber()),
    sequence(objectIdentifier(OID.ecdsaWithSha256)),
    name,
    sequence(time(new Date(now - BACKDATED_MS)), time(new Date(now + options.days * DAY_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, extensions(options.altNames)),
  );
}

const distinguishedName = (commonName: string): Uint8Array =>
  sequence(set(sequence(objectIdentifier(OID.commonName), utf8String(commonName))));

/** Positive and at most 20 octets (RFC 5280 §4.1.2.2); random, so that browsers keep certificates apart. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

function extensions(altNames: readonly string[]): Uint8Array {
  const digitalSignature = bitString(Uint8Array.of(0x80), 7);
  const usages = sequence(objectIdentifier(OID.serverAuth), objectIdentifier(OID.clientAuth));
  const list = [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, digitalSignature),
    extension(OID.extendedKeyUsage, false, usages),
  ];
  if (altNames.length > 0)
    list.push(extension(OID.subjectAltName, false, sequence(...altNames.map(generalName))));
  return sequence(...list);
}

const extension = (oid: string, critical: boolean, value: Uint8Array): Uint8Array =>
  critical
    ? sequence(objectIdentifier(oid), boolean(true), octetString(value))
    : sequence(objectIdentifier(oid), octetString(value));

/** `iPAddress` or `dNSName` of RFC 5280 §4.2.1.6. */
function generalName(text: string): Uint8Array {
  const ip = parseIp(text);
  return ip === null ? implicit(2, Buffer.from(text, 'latin1')) : implicit(7, ip);
}
