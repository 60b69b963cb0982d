export { negotiate } from './answer.ts';
export { createOffer, type SendingMedia } from './create-offer.ts';
export { describeSdpError, type SdpError } from './errors.ts';
export {
  FRAGMENT_TYPE,
  type FragmentMedia,
  type IceFragment,
  parseFragment,
  printFragment,
  replaceIce,
} from './fragment.ts';
export { parseOffer } from './offer.ts';
export { compareOffers, type OfferChange } from './reoffer.ts';
export type {
  LocalCandidate,
  LocalSession,
  LocalStream,
  MediaDirection,
  Negotiation,
  OfferedExtension,
  OfferedMedia,
  RemoteIce,
  SessionOffer,
} from './session.ts';
