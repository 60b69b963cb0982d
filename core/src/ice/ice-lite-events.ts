/** `waiting` for the first check; `suspect` and `failed` after 15 s and 30 s without one. */
export type IceLiteState = 'waiting' | 'connected' | 'suspect' | 'failed';

export type IceLiteEvent =
  | { readonly kind: 'stateChanged'; readonly state: IceLiteState }
  /** Packets from this tuple are this transport's from now on. */
  | { readonly kind: 'tupleValidated'; readonly tuple: number }
  /** The tuple made room for another; packets from it are nobody's. */
  | { readonly kind: 'tupleReleased'; readonly tuple: number }
  /** Packets go to this tuple from now on. */
  | { readonly kind: 'tupleSelected'; readonly tuple: number }
  /** Checks for this local ufrag, from before a restart, are refused from now on. */
  | { readonly kind: 'ufragRetired'; readonly ufrag: string };
