import { X509Certificate } from 'node:crypto';
import type { StartProblem } from '../start-problem.ts';
import type { Finding } from './check.ts';

const DAY_MS = 86_400_000;
/** An automatic renewal would have happened by then. */
const SOON_DAYS = 14;

const name = 'certificate';

/**
 * How long the certificate of the TCP port lasts.
 *
 * @param pem the chain; null without TLS; a problem when it cannot be used.
 */
export function checkCertificate(
  pem: string | StartProblem | null,
  mode: 'selfSigned' | 'files' | 'off',
  nowMs: number = Date.now(),
): Finding {
  if (pem === null)
    return {
      name,
      status: 'warn',
      detail: 'tls.mode is "off"',
      fix: 'Browsers give microphones to https pages only: let a proxy in front do TLS.',
    };
  if (typeof pem !== 'string') return { name, status: 'fail', detail: pem.message, fix: pem.fix };
  const days = Math.floor((new X509Certificate(pem).validToDate.getTime() - nowMs) / DAY_MS);
  if (days < 0)
    return {
      name,
      status: 'fail',
      detail: `ended ${-days} days ago`,
      fix: 'Renew what tls.cert names.',
    };
  const left = `${days} days left`;
  if (mode === 'selfSigned')
    return {
      name,
      status: 'warn',
      detail: `self-signed, ${left}`,
      fix: 'Browsers warn once. For a public server set tls.mode to "files".',
    };
  if (days < SOON_DAYS)
    return { name, status: 'warn', detail: left, fix: 'Renew what tls.cert names.' };
  return { name, status: 'ok', detail: left };
}
