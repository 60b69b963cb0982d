import type { Random, TransportAddress } from '../base/index.ts';
import type { StunCrypto } from '../stun/index.ts';
import type { Candidate, CandidateType } from './candidate.ts';
import type { IceCredentials } from './credentials.ts';

/** `suspect` after 15 s without consent, `failed` after 30 s, or when no pair works. */
export type IceState = 'new' | 'checking' | 'connected' | 'suspect' | 'failed';

export interface SelectedPair {
  /** The owner's number of the local socket. */
  readonly base: number;
  readonly remote: TransportAddress;
}

export type IceEvent =
  | { readonly kind: 'stateChanged'; readonly state: IceState }
  | { readonly kind: 'pairSelected'; readonly pair: SelectedPair }
  /** Resolve the name by mDNS and add the candidate again with the address; or ignore it. */
  | { readonly kind: 'nameUnresolved'; readonly candidate: Candidate };

export interface LocalCandidate {
  /** The owner's number of the socket, or relayed address, that it sends from. */
  readonly base: number;
  readonly address: TransportAddress;
  /** Server-reflexive candidates only need to be signalled: their base is checked. */
  readonly type: Extract<CandidateType, 'host' | 'relay'>;
  /** 0..65535, ranks the host's addresses; default 65535. RFC 8421 on IPv4 and IPv6. */
  readonly localPreference?: number;
}

export interface IceAgentOptions {
  readonly local: IceCredentials;
  /** Null until `setRemote`. */
  readonly remote: IceCredentials | null;
  /** True for the offerer, and against a lite peer. RFC 8445 §6.1.1. */
  readonly isControlling: boolean;
  readonly crypto: StunCrypto;
  readonly random: Random;
}
