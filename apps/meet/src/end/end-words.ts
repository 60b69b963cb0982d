import type { CallOutcome } from '../call/session.ts';
import { durationInWords } from '../shared/time-words.ts';

export interface EndWords {
  readonly title: string;
  readonly text: string;
  /** Coming back into the same room makes sense. */
  readonly canRejoin: boolean;
}

/** Why the call is over, for the person who was in it. */
export function endWords({ reason, problem }: CallOutcome): EndWords {
  switch (reason) {
    case 'left':
      return { title: 'You left the call', text: '', canRejoin: true };
    case 'removed':
      return {
        title: 'You were removed from the call',
        text: 'A host of the room ended your part. Talk to them before you come back.',
        canRejoin: true,
      };
    case 'roomEnded':
      return {
        title: 'The call has ended',
        text: 'A host ended it for everyone.',
        canRejoin: true,
      };
    case 'replaced':
      return {
        title: 'You went on somewhere else',
        text: 'You joined this room from another tab or device, so this one let go.',
        canRejoin: true,
      };
    case 'serverShutdown':
      return {
        title: 'The server is restarting',
        text: 'Come back in a moment; the link stays the same.',
        canRejoin: true,
      };
    case 'unreachable':
      return {
        title: 'The connection could not be restored',
        text: 'The server did not answer for two minutes. Check that you are online, then come back.',
        canRejoin: true,
      };
    case 'notAllowed':
    case 'refused':
      return {
        title: problem?.title ?? 'You may not be in this room',
        text: problem?.fix ?? 'Ask whoever invited you for a new link.',
        canRejoin: true,
      };
    case 'protocolError':
      return {
        title: 'The server and this page do not understand each other',
        text: 'The server may have been updated. Reload the page, then come back.',
        canRejoin: true,
      };
  }
}

/** How the call was, in one sentence; empty for calls too short to say. */
export function qualitySentence({ durationMs, quality, dropCount }: CallOutcome): string {
  if (durationMs < 10_000) return '';
  const bad = quality.poor + quality.lost;
  const drops =
    dropCount === 0 ? '' : ` It was lost ${dropCount === 1 ? 'once' : `${dropCount} times`}.`;
  if (bad < 0.01) return `Your connection was good throughout.${drops}`;
  const badFor = durationInWords(bad * durationMs);
  if (bad < 0.2) return `Your connection was good, but for about ${badFor}.${drops}`;
  return `Your connection was weak for about ${badFor}. A cable or a place nearer to the router may help.${drops}`;
}
