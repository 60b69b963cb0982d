import { isIP } from 'node:net';
import { isPrivateAddress } from '@switchyard/control/api';

/** Host names and origins that requests may name. */
export interface HostPolicy {
  /** `server.publicUrl`; null: not configured. */
  readonly publicUrl: string | null;
  /** `server.origins`. */
  readonly origins: readonly string[];
  /** Names of this machine. */
  readonly names: readonly string[];
  readonly development: boolean;
}

/**
 * Whether a request may name this host. In development mode tokens are given to whoever is near, so a page
 * on the Internet must not be able to point its own name at us (DNS rebinding): only addresses, `localhost`
 * and our own names count.
 */
export function isTrustedHost(host: string, policy: HostPolicy): boolean {
  if (!policy.development) return true;
  const name = hostName(host);
  if (name === null) return false;
  const own = policy.publicUrl === null ? null : hostName(new URL(policy.publicUrl).host);
  return isNear(name) || isIP(name) !== 0 || name === own || policy.names.includes(name);
}

/** Whether a page of this origin may open the WebSocket. `host` is the one that the request names. */
export function isTrustedOrigin(origin: string, host: string, policy: HostPolicy): boolean {
  const url = URL.parse(origin);
  if (url === null) return false;
  if (url.host === URL.parse(`${url.protocol}//${host}`)?.host) return true;
  if (url.origin === policy.publicUrl || policy.origins.includes(url.origin)) return true;
  const name = hostName(url.host);
  return policy.development && name !== null && (isNear(name) || isPrivateAddress(name));
}

/** The name in `name:port`, lower case, brackets removed; null when it is none. */
function hostName(host: string): string | null {
  const name = URL.parse(`http://${host}`)?.hostname;
  return name === undefined ? null : name.replace(/^\[|\]$/g, '').toLowerCase();
}

const isNear = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost');
