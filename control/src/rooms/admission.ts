import type { Brand } from '@switchyard/core/base';
import type { Permissions } from '@switchyard/core/signal';

/** One connection of a client: a WebSocket, or an in-process session of a gateway. Never reused. */
export type SessionId = Brand<number, 'SessionId'>;

/** Names a counted number as a session. For the edge that accepts connections, and for tests. */
export const sessionId = (value: number): SessionId => value as SessionId;

/** What a verified token says about who comes in. The rooms trust it. */
export interface Admission {
  /** Unique inside a room; a second session of the same identity replaces the first. */
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** null: a user session, for calls and messages between users. */
  readonly room: string | null;
  readonly permissions: Permissions;
  /** May open a room that does not exist although rooms are not created by joining. */
  readonly mayCreateRoom: boolean;
}

/** Everything a participant may do when the token does not say otherwise. */
export const DEFAULT_PERMISSIONS: Permissions = {
  canPublish: true,
  canSubscribe: true,
  canPublishData: true,
  canModerate: false,
  canUpdateOwnMetadata: true,
  hidden: false,
};
