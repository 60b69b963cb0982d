/** Something that went wrong, in words for the person in front of the screen. */
export interface Problem {
  /** Stable, for the details; the SDK's or the server's. */
  readonly code: string;
  /** What happened: one sentence. */
  readonly title: string;
  /** What to do about it: one or two sentences; may be empty. */
  readonly fix: string;
  /** Doing the same again can help. */
  readonly isRetryable: boolean;
}

type Words = readonly [title: string, fix: string];

/** Sentences for people in a meeting. The SDK's own ones are for those who write programs. */
const WORDS: Readonly<Record<string, Words>> = {
  serverUnreachable: [
    'The server does not answer.',
    'Check that you are online, then try again. If others cannot join either, the server may be down.',
  ],
  mediaBlocked: [
    'You are in the room, but sound and pictures cannot pass.',
    'A firewall on the way may block them. Try another network, or ask whoever runs the server.',
  ],
  unauthorized: [
    'This invitation is not valid any more.',
    'Ask whoever invited you for a new link.',
  ],
  invitationNeeded: [
    'This server only lets people in who have an invitation.',
    'Open the link that you were sent; the last part of it is your invitation.',
  ],
  roomFull: ['The room is full.', 'Try again when somebody has left.'],
  roomLocked: ['The room is locked.', 'Ask somebody inside to unlock it, then try again.'],
  roomNotFound: ['There is no such room.', 'Check the link, or ask for a new one.'],
  serverFull: ['The server has no free seats.', 'Try again in a few minutes.'],
  tooManyRooms: ['The server has no free rooms.', 'Try again in a few minutes.'],
  noMediaWorker: ['The server is starting up.', 'Try again in a few seconds.'],
  shuttingDown: ['The server is restarting.', 'Try again in a moment.'],
  serverShutdown: ['The server is restarting.', 'Try again in a moment.'],
  notAllowed: [
    'Your invitation does not allow this.',
    'Ask whoever invited you for one that does.',
  ],
  interrupted: ['The connection broke while you were joining.', 'Try again.'],
  protocolError: [
    'This page and the server do not understand each other.',
    'Reload the page: the server may have been updated.',
  ],
  callNotLoaded: [
    'A part of this page could not be loaded.',
    'Check that you are online, then reload the page.',
  ],
};

/** What the SDK or the server reported, in these words; unknown codes keep their own sentences. */
export function problemOf(error: unknown): Problem {
  const { code, message, fix, isRetryable } = factsOf(error);
  const words = WORDS[code];
  return {
    code,
    title: words?.[0] ?? message,
    fix: words?.[1] ?? fix,
    isRetryable,
  };
}

/** The problem of a code of ours. */
export function knownProblem(code: keyof typeof WORDS & string, isRetryable = true): Problem {
  const [title, fix] = WORDS[code] ?? ['Something went wrong.', 'Try again.'];
  return { code, title, fix, isRetryable };
}

interface Facts {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly isRetryable: boolean;
}

/** By shape, not by class: the lobby does without the SDK's code. */
function factsOf(error: unknown): Facts {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const fix = 'fix' in error && typeof error.fix === 'string' ? error.fix : '';
    const isRetryable = 'isRetryable' in error && error.isRetryable === true;
    return { code: error.code, message: error.message, fix, isRetryable };
  }
  return {
    code: 'unexpected',
    message: 'Something unexpected went wrong.',
    fix: 'Reload the page and try again.',
    isRetryable: true,
  };
}
