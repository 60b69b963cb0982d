import type { Storage } from '../shared/storage.ts';

const KEY = 'identity';

/** A seat in a room: held until `release`, or until the tab is closed. */
export interface Seat {
  readonly identity: string;
  readonly release: () => void;
}

/** This browser's random identity; made at its first visit. */
export function browserIdentity(storage: Storage, randomId: () => string): string {
  const known = storage.read(KEY);
  if (typeof known === 'string' && /^guest-[0-9a-f-]{8,36}$/.test(known)) return known;
  const identity = `guest-${randomId()}`;
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
  randomId: () => string,
): Promise<Seat> {
  const other = `${base}-${randomId().slice(0, 4)}`;
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
