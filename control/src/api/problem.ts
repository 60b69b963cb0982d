import type { SignalError } from '@switchyard/core/signal';
import { ERROR_CATALOGUE, type ErrorCode } from '../rooms/index.ts';

/** Media type of RFC 9457 §6.1. */
const PROBLEM_TYPE = 'application/problem+json';

/** A failed request as a problem document (RFC 9457), with our extensions `code`, `fix`, `retryable`. */
export interface Problem {
  readonly status: number;
  readonly error: SignalError;
}

/** The HTTP status of each refusal of the rooms; 400 for those that are not listed. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  roomNotFound: 404,
  participantNotFound: 404,
  trackNotFound: 404,
  recipientNotFound: 404,
  roomExists: 409,
  notAllowed: 403,
  remoteUnmute: 403,
  attributesTooLong: 422,
  messageTooLong: 422,
  tooManyMessages: 429,
  tooManyRooms: 503,
  serverFull: 503,
  shuttingDown: 503,
};

const isKnown = (code: string): code is ErrorCode => code in ERROR_CATALOGUE;

/** The problem for what the rooms refused. */
export function problemOf(error: SignalError): Problem {
  return { status: (isKnown(error.code) ? STATUS[error.code] : undefined) ?? 400, error };
}

export function problem(
  status: number,
  code: string,
  message: string,
  fix: string,
  retryable = false,
): Problem {
  return { status, error: { code, message, fix, retryable } };
}

/** The answer that carries a problem. `instance` stays out: requests have no address of their own. */
export function problemResponse(
  { status, error }: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { code, message, fix, retryable } = error;
  const title = isKnown(code) ? ERROR_CATALOGUE[code][0] : message;
  const body = { type: `/docs#${code}`, title, status, code, detail: message, fix, retryable };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...headers },
  });
}
