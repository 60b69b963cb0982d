import { err, type Result } from '@switchyard/core/base';
import type { SignalError } from '@switchyard/core/signal';

/** Every reason for which the rooms refuse something: what happened, what to do, whether to try again. */
const ERRORS = {
  alreadyJoined: ['This connection has joined already.', 'Open another connection.', false],
  notJoined: ['This connection has not joined.', 'Send `join` with a token first.', false],
  resumeRefused: [
    'There is no session to resume: it ended or the resume token does not fit.',
    'Join again with a token.',
    false,
  ],
  roomNotFound: [
    'There is no such room.',
    'Create it first, or use a token with roomCreate.',
    false,
  ],
  roomExists: ['There is a room of this name already.', 'Choose another name.', false],
  roomFull: ['The room has as many participants as it may have.', 'Try again later.', true],
  roomLocked: ['The room is locked.', 'Ask a moderator to unlock it.', true],
  serverFull: ['This server has as many sessions as it may have.', 'Try again later.', true],
  tooManyRooms: ['This server has as many rooms as it may have.', 'Try again later.', true],
  shuttingDown: ['This server is shutting down.', 'Try again in a moment.', true],
  notInRoom: ['This session is not in a room.', 'Join with a token that names a room.', false],
  noMediaWorker: ['No media worker runs now.', 'Try again in a few seconds.', true],
  badOffer: ['The offer cannot be used.', 'Correct the offer.', false],
  tooManySlots: ['The offer has too many receiving m-lines.', 'Offer fewer slots.', false],
  noMedia: ['There is no media connection.', 'Send an `offer` with `fresh: true` first.', false],
  unknownMid: [
    'This m-line is not one that sends in the last offer.',
    'List the m-line under `senders` in an offer.',
    false,
  ],
  midInUse: ['This m-line carries another track.', 'Unpublish that track first.', false],
  tooManyTracks: ['You publish as many tracks as you may.', 'Unpublish one first.', false],
  notAllowed: ['Your token does not permit this.', 'Ask a moderator or use another token.', false],
  remoteUnmute: [
    'Nobody can switch on the microphone or camera of somebody else.',
    'Ask the person to unmute.',
    false,
  ],
  trackNotFound: ['There is no such track.', 'Use the sid of a published track.', false],
  participantNotFound: ['There is no such participant.', 'Use the identity as listed.', false],
  attributesTooLong: ['The attributes are too long together.', 'Remove some of them.', false],
  messageTooLong: ['The text is too long.', 'Send less text.', false],
  tooManyMessages: ['You send messages too fast.', 'Wait a moment.', true],
  noRecipient: [
    'A message to users needs at least one recipient.',
    'Name identities in `to`.',
    false,
  ],
  recipientNotFound: ['None of the recipients is here.', 'Check the identities.', true],
  userOffline: ['This user is not connected.', 'Try again when the user is online.', true],
  callSelf: ['You cannot call yourself.', 'Name another user.', false],
  tooManyCalls: ['You have as many open calls as you may have.', 'Cancel one first.', false],
  callNotFound: ['There is no such call, or it has ended.', 'Start a new call.', false],
  badCallAnswer: [
    'This answer does not fit your side of the call.',
    'Callers cancel; the called answer.',
    false,
  ],
} as const satisfies Record<string, readonly [message: string, fix: string, retryable: boolean]>;

export type ErrorCode = keyof typeof ERRORS;

/** Every code with its sentences, for the documentation. */
export const ERROR_CATALOGUE: Readonly<
  Record<ErrorCode, readonly [message: string, fix: string, retryable: boolean]>
> = ERRORS;

/** The error of a code; `detail` replaces the general sentence by what exactly happened. */
export function signalError(code: ErrorCode, detail?: string): SignalError {
  const [message, fix, retryable] = ERRORS[code];
  return { code, message: detail ?? message, fix, retryable };
}

export const refuse = (code: ErrorCode, detail?: string): Result<never, SignalError> =>
  err(signalError(code, detail));
