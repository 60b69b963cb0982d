export { admissionOf } from './admission.ts';
export { type Claims, TokenClaims, VideoGrant } from './claims.ts';
export {
  type KeyConfig,
  type KeyError,
  type KeyRing,
  MIN_SECRET_LENGTH,
  prepareKeys,
  type TrustedKey,
} from './keys.ts';
export { signToken, type TokenContent } from './sign.ts';
export { type AuthError, MAX_LIFETIME_SECONDS, MAX_TOKEN_LENGTH, verifyToken } from './verify.ts';
