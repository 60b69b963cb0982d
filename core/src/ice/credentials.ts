import { type Random, randomIceChars } from '../base/index.ts';
import { StunAttribute, type StunView, shortTermKey } from '../stun/index.ts';

const COLON = 0x3a;

/** One side's user name fragment and password. RFC 8445 §5.3, RFC 8839 §5.4. */
export interface IceCredentials {
  /** 4..256 ice-chars. */
  readonly ufrag: string;
  /** 22..256 ice-chars. */
  readonly pwd: string;
}

/** New credentials of our own: 48 and 192 random bits. */
export const makeCredentials = (random: Random): IceCredentials => ({
  ufrag: randomIceChars(random, 8),
  pwd: randomIceChars(random, 32),
});

/** The local half of a USERNAME `local:remote`: what a shared port finds the agent by; null when malformed. */
export function readLocalUfrag(request: StunView): string | null {
  const at = request.find(StunAttribute.username);
  if (at < 0) return null;
  const end = at + Math.min(request.lengthOf(at), 257);
  let text = '';
  for (let i = at; i < end; i++) {
    const code = request.buf[i]!;
    if (code === COLON) return text;
    text += String.fromCharCode(code);
  }
  return null;
}

/** Credentials of both sides for one ICE generation, in the form in which checks need them. */
export class CredentialPair {
  readonly local: IceCredentials;
  readonly remote: IceCredentials | null;
  /** Key of requests to us and of our answers. */
  readonly localKey: Uint8Array;
  /** Key of our requests; empty until the remote side is known. */
  readonly remoteKey: Uint8Array;
  /** USERNAME of our requests, `remote:local`; empty until the remote side is known. */
  readonly outgoingUsername: string;
  readonly #localPrefix: Uint8Array;
  readonly #remoteUfrag: Uint8Array | null;

  constructor(local: IceCredentials, remote: IceCredentials | null) {
    this.local = local;
    this.remote = remote;
    this.localKey = shortTermKey(local.pwd);
    this.remoteKey = shortTermKey(remote?.pwd ?? '');
    this.outgoingUsername = remote === null ? '' : `${remote.ufrag}:${local.ufrag}`;
    this.#localPrefix = shortTermKey(`${local.ufrag}:`);
    this.#remoteUfrag = remote === null ? null : shortTermKey(remote.ufrag);
  }

  /** Whether the USERNAME at `at` of `buf` is `local:remote`; while the remote half is unknown any will do. */
  matchesUsername(buf: Uint8Array, at: number, length: number): boolean {
    const prefix = this.#localPrefix;
    const remote = this.#remoteUfrag;
    if (length < prefix.length) return false;
    if (remote !== null && length !== prefix.length + remote.length) return false;
    for (let i = 0; i < prefix.length; i++) if (buf[at + i] !== prefix[i]) return false;
    if (remote === null) return true;
    for (let i = 0; i < remote.length; i++)
      if (buf[at + prefix.length + i] !== remote[i]) return false;
    return true;
  }
}
