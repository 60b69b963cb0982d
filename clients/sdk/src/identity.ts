import type { ParticipantInfo } from '@switchyard/core/signal';
import type { JoinBody } from './signal-messages.ts';

const SDK_NAME = '@switchyard/client';
const SDK_VERSION = '0.1.0';

export interface RoomOptions {
  /** Ask for each video at the size it is shown, and not for hidden ones. Default true. */
  adaptiveStream?: boolean;
  /** Let the server fill the receive slots until something is attached. Default true. */
  autoSubscribe?: boolean;
  /** Shown to others; default: the token's. */
  name?: string;
  attributes?: Record<string, string>;
}

/** Who we are before the server told. */
export const NOBODY: ParticipantInfo = {
  sid: '',
  identity: '',
  name: '',
  kind: 'standard',
  metadata: '',
  attributes: {},
  joinedAt: 0,
  permissions: {
    canPublish: false,
    canSubscribe: false,
    canPublishData: false,
    canModerate: false,
    canUpdateOwnMetadata: false,
    hidden: false,
  },
  tracks: [],
  state: 'active',
};

/** The first message of a session, without its id. */
export function toJoin(token: string, options: RoomOptions): JoinBody {
  const userAgent = (globalThis.navigator?.userAgent ?? '').slice(0, 256);
  return {
    token,
    client: { sdk: SDK_NAME, version: SDK_VERSION, userAgent },
    autoSubscribe: options.autoSubscribe ?? true,
    ...(options.name ? { name: options.name } : {}),
    ...(options.attributes && { attributes: options.attributes }),
  };
}
