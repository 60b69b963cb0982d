import type { SignalError } from '@switchyard/core/signal';
import type { AuthError } from '../auth/index.ts';

/** What to do about each refusal of a token. */
const FIXES: Readonly<Record<AuthError['code'], string>> = {
  tokenMissing: 'Send a token: on the WebSocket in `join`, in REST as "Authorization: Bearer …".',
  tokenTooLong: 'Put less metadata into the token.',
  tokenMalformed: 'Send a signed JSON Web Token (three parts separated by dots).',
  tokenUnknownKey: 'Sign with a key that is configured on this server; iss is the name of the key.',
  tokenAlgorithm: 'Sign with HS256 for API keys, else with the algorithm of the public key.',
  tokenSignature: 'Check that the secret is the one configured for this key.',
  tokenExpired: 'Get a new token.',
  tokenNotYetValid: 'Check the clock of the computer that signs tokens.',
  tokenLivesTooLong: 'Set exp to at most 24 hours from now.',
  tokenAudience: 'Set aud to what this server is configured with.',
  tokenClaims: 'Correct the claim and sign again.',
};

/** The refusal of a token in words for whoever sent it. */
export function signalErrorOf(error: AuthError): SignalError {
  return {
    code: error.code,
    message: `The token was refused: ${error.detail}.`,
    fix: FIXES[error.code],
    retryable: error.code === 'tokenExpired' || error.code === 'tokenNotYetValid',
  };
}
