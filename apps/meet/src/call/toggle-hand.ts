import { problemOf } from '../room/problem.ts';
import { handRaisedAt, setHandRaised } from './hand.ts';
import type { CallSession } from './session.ts';

/** Raises one's hand, or lowers it. */
export function toggleHand({ room, toasts }: CallSession): void {
  const me = room.localParticipant;
  setHandRaised(me, handRaisedAt(me) === null, Math.round(room.serverTime)).catch(
    (error: unknown) => toasts.addProblem(problemOf(error)),
  );
}
