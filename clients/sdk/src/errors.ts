import type { SignalError } from '@switchyard/core/signal';

const DOCS_BASE = 'https://docs.switchyard.example/e/';

/** Failures that the SDK finds by itself; the server adds its own codes (`SignalError.code`). */
const KNOWN = {
  insecureOrigin: {
    message: 'This page may not use camera or microphone because it was not loaded securely.',
    fix: 'Open it over https://, or on localhost while developing.',
    isRetryable: false,
  },
  unsupportedBrowser: {
    message: 'This browser has no WebRTC.',
    fix: 'Use a current Chrome, Edge, Firefox or Safari.',
    isRetryable: false,
  },
  permissionDenied: {
    message: 'The browser was not allowed to use this device.',
    fix: 'Allow camera and microphone in the address bar (and in the system settings), then try again.',
    isRetryable: true,
  },
  deviceMissing: {
    message: 'No such device was found.',
    fix: 'Plug in a camera or microphone, or choose another one.',
    isRetryable: true,
  },
  deviceBusy: {
    message: 'The device is there but cannot be opened; another program may be using it.',
    fix: 'Close other programs that use it, then try again.',
    isRetryable: true,
  },
  deviceFailed: {
    message: 'The device stopped or could not be started.',
    fix: 'Choose another device or plug it in again.',
    isRetryable: true,
  },
  screenShareCancelled: {
    message: 'Nothing was chosen to share.',
    fix: 'Choose a tab, a window or a screen in the browser dialog.',
    isRetryable: true,
  },
  invalidUrl: {
    message: 'The server address is not a URL.',
    fix: 'Pass an address such as https://meet.example.org.',
    isRetryable: false,
  },
  serverUnreachable: {
    message: 'The server could not be reached.',
    fix: 'Check the address and that the server runs; a proxy must let WebSockets pass.',
    isRetryable: true,
  },
  unauthorized: {
    message: 'The server did not accept the token.',
    fix: 'Get a new token: it may have expired, or be signed with the secret of another key.',
    isRetryable: false,
  },
  mediaBlocked: {
    message: 'The server answers but no audio or video can reach it.',
    fix: "Open the server's media port (udp/7882, tcp/7880) to this network, or announce its public address.",
    isRetryable: true,
  },
  replaced: {
    message: 'The same person joined from another tab or device.',
    fix: 'Go on there, or join here again.',
    isRetryable: false,
  },
  interrupted: {
    message: 'The connection broke before the server answered.',
    fix: 'Try again.',
    isRetryable: true,
  },
  notConnected: {
    message: 'This needs a connected room.',
    fix: 'Await room.connect() first.',
    isRetryable: false,
  },
  aborted: { message: 'The call was aborted.', fix: '', isRetryable: true },
  protocolError: {
    message: 'Server and SDK do not understand each other.',
    fix: 'Use an SDK of the same version as the server.',
    isRetryable: false,
  },
} as const;

export type ErrorCode = keyof typeof KNOWN;

/** Every failure that the SDK reports: what happened, what to do, whether trying again can help. */
export class SwitchyardError extends Error {
  override readonly name = 'SwitchyardError';
  /** Stable, lower camel case. One of `ErrorCode`, or a code of the server. */
  readonly code: string;
  /** What to do about it, a sentence for people; empty when nothing can be done. */
  readonly fix: string;
  readonly docsUrl: string;
  readonly isRetryable: boolean;

  constructor(
    code: string,
    facts: { message: string; fix: string; isRetryable: boolean; cause?: unknown },
  ) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.fix = facts.fix;
    this.isRetryable = facts.isRetryable;
    this.docsUrl = DOCS_BASE + code.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  }
}

/** An error of the SDK's own table, with the fact that led to it. */
export function knownError(code: ErrorCode, cause?: unknown): SwitchyardError {
  return new SwitchyardError(code, { ...KNOWN[code], cause });
}

/** What the server reported, as an exception. */
export function fromSignalError(error: SignalError): SwitchyardError {
  return new SwitchyardError(error.code, {
    message: error.message,
    fix: error.fix,
    isRetryable: error.retryable,
  });
}

/** Names the reason for which getUserMedia or getDisplayMedia failed (W3C mediacapture-streams §10.3). */
export function fromMediaError(cause: unknown, isScreen = false): SwitchyardError {
  if (cause instanceof SwitchyardError) return cause;
  const name = cause instanceof Error ? cause.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return knownError(isScreen ? 'screenShareCancelled' : 'permissionDenied', cause);
    case 'SecurityError':
      return knownError('insecureOrigin', cause);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return knownError('deviceMissing', cause);
    case 'NotReadableError':
    case 'AbortError':
      return knownError('deviceBusy', cause);
    default:
      return knownError('deviceFailed', cause);
  }
}

/** Any thrown value as a `SwitchyardError`. */
export function asSwitchyardError(cause: unknown, fallback: ErrorCode): SwitchyardError {
  return cause instanceof SwitchyardError ? cause : knownError(fallback, cause);
}

/** Whether a request was lost with the connection rather than refused. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof SwitchyardError && error.code === 'interrupted';
}
