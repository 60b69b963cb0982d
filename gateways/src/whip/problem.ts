import { describeSdpError, type SdpError } from '@switchyard/core/sdp';
import type { SignalError } from '@switchyard/core/signal';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An error response before it is one (RFC 9457). `code` and `fix` are members of ours. */
export interface Problem {
  readonly status: ContentfulStatusCode;
  /** Stable, lower camel case, for programs. */
  readonly code: string;
  /** What happened, for people. */
  readonly detail: string;
  /** What to do about it; empty when `detail` says so already. */
  readonly fix: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Seconds after which a request that may succeed later should be tried again. */
export const RETRY_AFTER_SECONDS = 5;

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function problemResponse({ status, code, detail, fix, headers }: Problem): Response {
  const retryable = status === 409 || status === 429 || status === 503;
  const body = {
    type: 'about:blank',
    title: TITLES[status],
    status,
    detail,
    code,
    ...(fix === '' ? {} : { fix }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryable ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
      ...headers,
    },
  });
}

/** Descriptions that are sound but ask for what is not supported here (RFC 9725 §4.2: 422); others are 400. */
const UNSUPPORTED: ReadonlySet<SdpError['code']> = new Set([
  'badProtocol',
  'sdesCrypto',
  'missingRtcpMux',
  'weakFingerprint',
  'badSetup',
  'notBundled',
  'iceLite',
  'noCommonCodec',
  'tagRejected',
]);

export const sdpProblem = (error: SdpError): Problem => ({
  status: UNSUPPORTED.has(error.code) ? 422 : 400,
  code: error.code,
  detail: describeSdpError(error),
  fix: '',
});

const ROOM_STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  notAllowed: 403,
  roomLocked: 403,
  roomNotFound: 404,
  badOffer: 422,
  tooManySlots: 422,
  tooManyTracks: 422,
};

/** What the rooms refuse. What may succeed later is 503. */
export const roomProblem = ({ code, message, fix, retryable }: SignalError): Problem => ({
  status: ROOM_STATUS[code] ?? (retryable ? 503 : 500),
  code,
  detail: message,
  fix,
});
