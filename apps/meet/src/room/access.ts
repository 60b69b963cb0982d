import { asRecord } from '../shared/storage.ts';
import { knownProblem, type Problem } from './problem.ts';

export type Access =
  | { readonly kind: 'admitted'; readonly token: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

export interface AccessRequest {
  readonly room: string;
  readonly identity: string;
  readonly name: string;
  /** Of the invitation link; empty: ask the server, which gives one in development mode only. */
  readonly invitation: string;
}

/** A token for the room. Never rejects. */
export async function requestAccess(
  request: AccessRequest,
  fetchFrom: typeof fetch = fetch,
): Promise<Access> {
  const { room, identity, name, invitation } = request;
  if (invitation) return { kind: 'admitted', token: invitation };
  try {
    const response = await fetchFrom('/api/v1/dev/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room, identity, name }),
    });
    if (response.status === 404 || response.status === 403)
      return refused('invitationNeeded', false);
    const { token } = asRecord(await response.json());
    if (!response.ok || typeof token !== 'string') return refused('serverUnreachable');
    return { kind: 'admitted', token };
  } catch {
    return refused('serverUnreachable');
  }
}

/**
 * The token in the part of the address behind `#`, which browsers send to no server: `#token=eyJ…`.
 * Empty when there is none.
 */
export function invitationOf(hash: string): string {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
  return token.length <= 8_192 ? token : '';
}

function refused(code: 'invitationNeeded' | 'serverUnreachable', isRetryable = true): Access {
  return { kind: 'refused', problem: knownProblem(code, isRetryable) };
}
