import type { KeyRing } from '../auth/index.ts';
import type { RoomLimits } from '../rooms/index.ts';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';
import type { SwitchboardHost } from './switchboard-host.ts';

/** What the REST interface is made from. */
export interface ApiOptions {
  readonly host: SwitchboardHost;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly serverName: string;
  readonly version: string;
  readonly limits: RoomLimits;
  /** The keys that tokens may be signed with now; may change while the server runs. */
  keys(): KeyRing;
  /** The key that `POST /api/v1/rooms/{room}/tokens` signs with; null: the server only knows public keys. */
  readonly signingKey: { readonly id: string; readonly secret: Uint8Array } | null;
  /** The key that `POST /api/v1/dev/token` signs with; null: not in development mode, no such route. */
  readonly developmentKey: { readonly id: string; readonly secret: Uint8Array } | null;
  /** Media workers run and sessions are taken: what `/readyz` tells. */
  isReady(): boolean;
}

/** Given by the HTTP server with each request: `api.fetch(request, { remoteAddress })`. */
export interface ApiEnvironment {
  readonly Bindings: {
    /** Literal IP address of the peer. */
    readonly remoteAddress: string;
  };
}
