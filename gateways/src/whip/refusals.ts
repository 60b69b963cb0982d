import type { Problem } from './problem.ts';

/*
 * What this gateway itself refuses; descriptions and rooms have reasons of their own.
 */

export const methodNotAllowed = (allow: string): Problem => ({
  status: 405,
  code: 'methodNotAllowed',
  detail: `Only ${allow} are possible here.`,
  fix: '',
  headers: { allow },
});

/** RFC 6750 §3: without a token no error code is told. */
export const unauthorized = (detail: string, code: '' | 'invalid_token'): Problem => ({
  status: 401,
  code: 'unauthorized',
  detail,
  fix: 'Send a valid token as "Authorization: Bearer …".',
  headers: {
    'www-authenticate': code === '' ? 'Bearer' : `Bearer error="${code}"`,
  },
});

export const forbidden = (detail: string): Problem => ({
  status: 403,
  code: 'forbidden',
  detail,
  fix: 'Use a token that is meant for this.',
});

export const unsupportedType = (type: string, header: 'accept-post' | 'accept-patch'): Problem => ({
  status: 415,
  code: 'unsupportedMediaType',
  detail: `The body has to be ${type}.`,
  fix: `Set Content-Type to ${type}.`,
  headers: { [header]: type },
});

export const NOT_ACCEPTABLE: Problem = {
  status: 406,
  code: 'notAcceptable',
  detail: 'The answer is application/sdp, which Accept excludes.',
  fix: 'Accept application/sdp.',
};

export const NOT_LIVE: Problem = {
  status: 409,
  code: 'notLive',
  detail: 'Nobody publishes here now.',
  fix: 'Try again after the time in Retry-After.',
};

export const NO_OFFER: Problem = {
  status: 422,
  code: 'noOffer',
  detail: 'The body is empty.',
  fix: 'Send an offer as application/sdp.',
};

export const ANSWER_FIRST: Problem = {
  status: 409,
  code: 'answerFirst',
  detail: 'The counter-offer of this session was not answered yet.',
  fix: 'PATCH your answer as application/sdp first.',
};

export const ANSWERED: Problem = {
  status: 409,
  code: 'answered',
  detail: 'This session has no offer that waits for an answer.',
  fix: 'POST to open another session.',
};

export const STALE: Problem = {
  status: 412,
  code: 'staleIceSession',
  detail: 'If-Match does not name the present ICE session.',
  fix: 'Send its ETag to trickle, or "*" with new credentials to restart ICE.',
};

export const NO_PRECONDITION: Problem = {
  status: 428,
  code: 'preconditionRequired',
  detail: 'There is no If-Match header.',
  fix: 'Send the ETag of the ICE session, or "*" to restart ICE.',
};

export const TOO_MANY: Problem = {
  status: 429,
  code: 'tooManyAttempts',
  detail: 'Sessions are opened too fast with this token.',
  fix: 'Wait for the time in Retry-After.',
};

export const FULL: Problem = {
  status: 503,
  code: 'tooManySessions',
  detail: 'This server has as many WHIP and WHEP sessions as it may have.',
  fix: 'Try again after the time in Retry-After.',
};

export const ENDED: Problem = {
  status: 503,
  code: 'sessionEnded',
  detail: 'The room ended the session while it was set up.',
  fix: 'Try again after the time in Retry-After.',
};

export const NO_SESSION: Problem = {
  status: 404,
  code: 'noSession',
  detail: 'There is no such session; it may have ended.',
  fix: 'POST a new offer.',
};

export const NOT_FOUND: Problem = {
  status: 404,
  code: 'notFound',
  detail: 'There is no such resource.',
  fix: 'POST an offer to /whip/<room> or /whep/<room>.',
};

export const FAULT: Problem = {
  status: 500,
  code: 'fault',
  detail: 'Something is wrong inside this server.',
  fix: 'Look into its log.',
};

export const bodyTooLong = (limit: number): Problem => ({
  status: 413,
  code: 'bodyTooLong',
  detail: `The body is longer than ${limit} bytes.`,
  fix: 'Offer fewer m-lines and codecs.',
});
