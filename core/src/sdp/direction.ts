import type { MediaDirection } from './session.ts';

/** The other side's word for a direction. RFC 3264 §6.1. */
export function mirrorDirection(direction: MediaDirection): MediaDirection {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}

export const sends = (direction: MediaDirection): boolean =>
  direction === 'sendrecv' || direction === 'sendonly';

export const receives = (direction: MediaDirection): boolean =>
  direction === 'sendrecv' || direction === 'recvonly';

/** A direction without what is not allowed. */
export function narrowDirection(
  direction: MediaDirection,
  allowed: { readonly receive: boolean; readonly send: boolean },
): MediaDirection {
  const send = allowed.send && sends(direction);
  const receive = allowed.receive && receives(direction);
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}
