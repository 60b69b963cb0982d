/** WebSocket subprotocol of this version; a server that does not know it refuses the upgrade. */
export const SUBPROTOCOL = 'switchyard.v1';

/** Longest text frame before the session is authenticated, bytes. */
export const MAX_MESSAGE_BEFORE_JOIN = 16_384;

/** Longest text frame afterwards: an offer of 50 m-lines is up to 150 KB. */
export const MAX_MESSAGE = 262_144;

/** The client's ping, ms; the server takes a socket without any message for `DEAD_AFTER_MS` for lost. */
export const PING_INTERVAL_MS = 5_000;
export const DEAD_AFTER_MS = 12_000;

/** A seat is kept so long after its socket dropped, ms. */
export const RESUME_WINDOW_MS = 30_000;

/** WebSocket close codes of our own. */
export const CloseCode = {
  /** The session was told `goodbye`. */
  goodbye: 4000,
  /** First message missing, malformed or late. */
  badHandshake: 4001,
  /** Token refused. */
  unauthorized: 4003,
  /** Nothing arrived for `DEAD_AFTER_MS`: the seat is kept, resume. */
  silent: 4008,
  /** `join` or `resume` was answered by an error. */
  joinRefused: 4004,
  /** Another socket resumed this session. */
  superseded: 4009,
  /** Messages faster than the limit. */
  tooMany: 4029,
} as const;
