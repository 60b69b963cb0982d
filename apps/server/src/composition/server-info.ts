import type { Config } from '../config/index.ts';
import { type MediaAddress, reachableAddresses, systemAddresses } from '../network/addresses.ts';
import type { ApiKey } from '../secrets/api-keys.ts';
import { VERSION } from '../version.ts';
import type { Front } from './front.ts';
import type { ServerKeys } from './keys.ts';
import type { Media } from './media.ts';

/** What a started server says about itself; `--json` prints exactly this. */
export interface ServerInfo {
  readonly version: string;
  readonly pid: number;
  /** Origin under which others reach this server. */
  readonly url: string;
  /** Origin for this machine: plain HTTP, no certificate to accept. null: not open on loopback. */
  readonly localUrl: string | null;
  /** Meet's address; null: not served. */
  readonly meet: string | null;
  readonly ports: {
    readonly tcp: number;
    /** One of each media worker. */
    readonly udp: readonly number[];
    readonly mediaOverTcp: boolean;
  };
  /** Told to clients for media. */
  readonly addresses: readonly string[];
  readonly tls: Config['tls']['mode'];
  /** Only in development mode. */
  readonly devKey: ApiKey | null;
  readonly dataFolder: string;
}

export interface ServerParts {
  readonly config: Config;
  readonly keys: ServerKeys;
  readonly addresses: readonly MediaAddress[];
  readonly media: Media;
  readonly front: Front;
  /** The TCP port as it was opened. */
  readonly port: number;
}

export function describeServer(parts: ServerParts): ServerInfo {
  const { config, keys, addresses, media, front, port } = parts;
  const { host } = config.server.listen;
  const localUrl = isLocal(host) ? `http://localhost:${port}` : null;
  const url = config.server.publicUrl ?? originOf(config, port) ?? localUrl ?? '';
  return {
    version: VERSION,
    pid: process.pid,
    url,
    localUrl,
    meet: front.servesMeet ? `${url}/` : null,
    ports: { tcp: port, udp: media.advertiser.udpPorts, mediaOverTcp: config.rtc.tcp },
    addresses: [...new Set(addresses.map(({ external }) => external))],
    tls: config.tls.mode,
    devKey: keys.development,
    dataFolder: config.data.folder,
  };
}

const isLocal = (host: string | null): boolean =>
  host === null || host === '::' || host === '0.0.0.0' || host === '::1' || host.startsWith('127.');

/** The origin by the address that others most likely reach; null: only this machine does. */
function originOf({ tls, server }: Config, port: number): string | null {
  const { host } = server.listen;
  const isAny = host === null || host === '::' || host === '0.0.0.0';
  if (!isAny && isLocal(host)) return null;
  const address = isAny ? reachableAddresses(systemAddresses())[0] : host;
  if (address == null) return null;
  const scheme = tls.mode === 'off' ? 'http' : 'https';
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
