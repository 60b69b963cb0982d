import { type KeyRing, prepareKeys } from '@switchyard/control/auth';
import type { Config } from '../config/index.ts';
import { type ApiKey, developmentKey } from '../secrets/api-keys.ts';
import type { DataFolder } from '../secrets/data-folder.ts';

/** The keys that tokens are signed with. */
export interface ServerKeys {
  readonly ring: KeyRing;
  /** Signs the tokens that the server itself gives out. */
  readonly own: { readonly id: string; readonly secret: Uint8Array };
  /** null: keys are configured. */
  readonly development: ApiKey | null;
}

/** The configured keys; without any, that of development mode. */
export async function loadKeys(config: Config, folder: DataFolder): Promise<ServerKeys> {
  const configured = Object.entries(config.keys).map(([id, secret]): ApiKey => ({ id, secret }));
  const development = configured.length === 0 ? developmentKey(folder) : null;
  const keys = development === null ? configured : [development];
  const ring = await prepareKeys(keys.map((key) => ({ kind: 'secret' as const, ...key })));
  // Names are unique in a record, and the configuration has checked the lengths.
  if (!ring.ok) throw new Error(`API keys: ${JSON.stringify(ring.error)}`);
  const [first] = keys;
  return {
    ring: ring.value,
    own: { id: first!.id, secret: new TextEncoder().encode(first!.secret) },
    development,
  };
}
