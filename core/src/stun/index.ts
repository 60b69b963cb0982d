export { putXorAddress, readXorAddress } from './address.ts';
export {
  HEADER_LENGTH,
  MAGIC_COOKIE,
  STUN_REASONS,
  StunAttribute,
  StunClass,
  StunMethod,
  TRANSACTION_ID_LENGTH,
} from './constants.ts';
export { type StunCrypto, shortTermKey } from './crypto.ts';
export { hashPrefix, SourceRateLimiter } from './rate-limiter.ts';
export {
  beginResponse,
  rejectRequest,
  rejectSignedRequest,
  writeBindingSuccess,
  writeSignedBindingSuccess,
} from './responses.ts';
export { StunView } from './view.ts';
export { StunWriter } from './writer.ts';
