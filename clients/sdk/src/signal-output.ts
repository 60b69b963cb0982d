import type { SignalError } from '@switchyard/core/signal';
import type { Answer, Goodbye, Joined, Reply, Resumed, RoomMessage } from './signal-messages.ts';

export type EndReason = Goodbye['reason'] | 'unreachable' | 'refused' | 'protocolError';

/** What a `SignalClient` wants done, and what it reports. */
export type SignalOutput =
  | { readonly kind: 'openSocket' }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'closeSocket'; readonly code: number }
  | { readonly kind: 'joined'; readonly message: Joined; readonly isAgain: boolean }
  | { readonly kind: 'resumed'; readonly message: Resumed }
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'message'; readonly message: RoomMessage }
  | { readonly kind: 'replied'; readonly id: number; readonly message: Reply | Answer }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SignalError | 'interrupted' }
  | { readonly kind: 'pong'; readonly roundTripMs: number; readonly serverTime: number }
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly error: SignalError | null };
