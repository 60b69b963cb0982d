import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSelfSignedCertificate, type TlsIdentity } from '@switchyard/runtime/net';
import type { DataFolder } from './data-folder.ts';

const FILE = 'self-signed.pem';
/** Browsers ask once for each certificate, so it should last; Apple's systems want less than 398 days. */
const VALID_DAYS = 397;
const RENEW_BEFORE_MS = 7 * 86_400_000;

/**
 * The self-signed certificate for these host names and addresses: the one in the data folder, or a new one
 * when that is not for all of them or ends within 7 days. `nowMs` is wall-clock time.
 */
export function selfSignedIdentity(
  folder: DataFolder,
  names: readonly string[],
  nowMs: number,
): TlsIdentity {
  const kept = splitPem(folder.read(FILE) ?? '');
  if (kept !== null && isGood(kept, names, nowMs)) return kept;
  const { cert, key } = createSelfSignedCertificate({
    commonName: 'Switchyard (self-signed)',
    altNames: names,
    days: VALID_DAYS,
    now: nowMs,
  });
  folder.write(FILE, `${cert}${key}`);
  return { cert, key };
}

function splitPem(text: string): TlsIdentity | null {
  const at = text.indexOf('-----BEGIN PRIVATE KEY');
  return at <= 0 ? null : { cert: text.slice(0, at), key: text.slice(at) };
}

function isGood({ cert, key }: TlsIdentity, names: readonly string[], nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const isFor = (name: string) =>
      (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.validToDate.getTime() - nowMs > RENEW_BEFORE_MS &&
      names.every(isFor)
    );
  } catch {
    return false;
  }
}
