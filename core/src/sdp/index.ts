export { describeSdpError, type SdpError } from './errors.ts';
export type {
  LocalCandidate,
  LocalSession,
  LocalStream,
  MediaDirection,
  NegotiateAnswer,
  Negotiation,
  OfferedExtension,
  OfferedMedia,
  ParseOffer,
  RemoteIce,
  SessionOffer,
} from './session.ts';
