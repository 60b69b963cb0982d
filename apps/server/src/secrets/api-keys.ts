import { randomBytes } from 'node:crypto';
import type { DataFolder } from './data-folder.ts';

export interface ApiKey {
  readonly id: string;
  readonly secret: string;
}

const DEVELOPMENT_FILE = 'development-secret';
const SECRET_BYTES = 32;
const MIN_SECRET_LENGTH = 32;

/** A name and a secret of 256 random bits. */
export const createApiKey = (): ApiKey => ({
  id: `API${randomBytes(6).toString('hex')}`,
  secret: randomBytes(SECRET_BYTES).toString('base64url'),
});

/** The key of development mode: the same after a restart, so that tokens stay good. */
export function developmentKey(folder: DataFolder): ApiKey {
  const kept = folder.read(DEVELOPMENT_FILE)?.trim();
  if (kept !== undefined && kept.length >= MIN_SECRET_LENGTH) return { id: 'devkey', secret: kept };
  const { secret } = createApiKey();
  folder.write(DEVELOPMENT_FILE, `${secret}\n`);
  return { id: 'devkey', secret };
}
