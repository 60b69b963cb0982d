import type { Permissions } from '@switchyard/core/signal';
import type { Reply, RequestBody } from './signal-messages.ts';

type Action = Extract<RequestBody, { kind: 'moderate' }>['action'];
type Request = (body: Extract<RequestBody, { kind: 'moderate' }>) => Promise<Reply>;

/** What a moderator may do. Each rejects with code `notAllowed` for others. */
export class Moderation {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  /** Mutes somebody's track. Only he himself can turn it on again. */
  muteTrack(trackSid: string): Promise<void> {
    return this.#do({ kind: 'muteTrack', trackSid, muted: true });
  }

  /** Mutes everybody's microphone but one's own. */
  muteAll(): Promise<void> {
    return this.#do({ kind: 'muteAll' });
  }

  removeParticipant(identity: string): Promise<void> {
    return this.#do({ kind: 'removeParticipant', identity });
  }

  setPermissions(identity: string, permissions: Partial<Permissions>): Promise<void> {
    return this.#do({ kind: 'setPermissions', identity, permissions });
  }

  /** Nobody new comes in while locked. */
  setLocked(isLocked: boolean): Promise<void> {
    return this.#do({ kind: 'setLocked', locked: isLocked });
  }

  setRoomMetadata(metadata: string): Promise<void> {
    return this.#do({ kind: 'setMetadata', metadata });
  }

  /** Ends the room for everybody. */
  endRoom(): Promise<void> {
    return this.#do({ kind: 'endRoom' });
  }

  async #do(action: Action): Promise<void> {
    await this.#request({ kind: 'moderate', action });
  }
}
