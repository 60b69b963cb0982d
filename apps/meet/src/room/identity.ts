import type { Storage } from '../shared/storage.ts';

const KEY = 'identity';

/** A seat in a room: held until `release`, or until the tab is closed. */
export interface Seat {
  readonly identity: string;
  readonly release: () => void;
}

/** 12 hexadecimal digits. Not `randomUUID`, which browsers keep from pages without TLS. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** This browser's random identity; made at its first visit. */
export function browserIdentity(storage: Storage, makeId: () => string): string {
  const known = storage.read(KEY);
  if (typeof known === 'string' && /^guest-[0-9a-f]{12}$/.test(known)) return known;
  const identity = `guest-${makeId()}`;
  storage.write(KEY, identity);
  return identity;
}

/**
 * Takes a seat under the browser's identity; a second tab gets one beside it, so that two tabs are two
 * people instead of throwing each other out. Web Locks end with the tab, whatever ended it.
 */
export async function takeSeat(
  base: string,
  locks: Pick<LockManager, 'request'> | undefined,
  makeId: () => string,
): Promise<Seat> {
  const other = `${base}-${makeId().slice(0, 4)}`;
  if (!locks) return { identity: other, release: () => undefined };
  return new Promise((resolve) => {
    const hold = (lock: Lock | null): Promise<void> =>
      lock
        ? new Promise((release) => resolve({ identity: base, release }))
        : Promise.resolve(resolve({ identity: other, release: () => undefined }));
    locks
      .request(`switchyard.seat.${base}`, { ifAvailable: true }, hold)
      .catch(() => resolve({ identity: other, release: () => undefined }));
  });
}
