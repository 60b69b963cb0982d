import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createSecureContext } from 'node:tls';
import { err, ok, type Result } from '@switchyard/core/base';
import type { TlsIdentity } from '@switchyard/runtime/net';
import type { Config } from '../config/index.ts';
import { type InterfaceAddress, reachableAddresses } from '../network/addresses.ts';
import { selfSignedIdentity } from '../secrets/certificate.ts';
import type { DataFolder } from '../secrets/data-folder.ts';
import type { StartProblem } from '../start-problem.ts';

/** The certificate of the TCP port as configured; null: no TLS. Called again to notice what has changed. */
export function tlsIdentity(
  config: Config,
  folder: DataFolder,
  interfaces: readonly InterfaceAddress[],
): Result<TlsIdentity | null, StartProblem> {
  const { mode, cert, key } = config.tls;
  if (mode === 'off') return ok(null);
  if (mode === 'selfSigned')
    return ok(selfSignedIdentity(folder, certificateNames(config, interfaces), Date.now()));
  try {
    const identity = { cert: readFileSync(cert!, 'utf8'), key: readFileSync(key!, 'utf8') };
    createSecureContext(identity);
    return ok(identity);
  } catch (error) {
    return err({
      message: `The certificate cannot be used: ${error instanceof Error ? error.message : error}.`,
      fix: 'Check tls.cert and tls.key: PEM files that belong together, readable by this user.',
    });
  }
}

/** Everything under which a browser on the LAN may open this server. */
function certificateNames(config: Config, interfaces: readonly InterfaceAddress[]): string[] {
  const external = config.rtc.advertise.flatMap((entry) =>
    entry.kind === 'fixed' ? [entry.external] : [],
  );
  const { publicUrl } = config.server;
  const names = [
    'localhost',
    ...machineNames(),
    ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]),
    '127.0.0.1',
    '::1',
    ...reachableAddresses(interfaces),
    ...external,
  ];
  return [...new Set(names)];
}

/** This machine's name, and the one that mDNS gives it; none when it is not a host name. */
export function machineNames(): string[] {
  const name = hostname().toLowerCase();
  if (!/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name)) return [];
  return name.includes('.') ? [name] : [name, `${name}.local`];
}
