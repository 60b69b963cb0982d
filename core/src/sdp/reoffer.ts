import { err, ok, type Result } from '../base/index.ts';
import type { SdpError } from './errors.ts';
import type { SessionOffer } from './session.ts';

export interface OfferChange {
  /** New ufrag and pwd: answer with new ones of ours and tell the worker (RFC 8839 §4.4.1.1.1). */
  readonly iceRestart: boolean;
}

/**
 * Checks a later offer of the same connection against the one before: m-lines stay in number and order, a
 * place changes its mid only after it was rejected (RFC 3264 §8, RFC 9429 §5.2.2), and the DTLS association
 * stays, so the fingerprint does too (RFC 8842 §5).
 *
 * @param refused mids that the answer to `before` refused.
 */
export function compareOffers(
  before: SessionOffer,
  now: SessionOffer,
  refused: readonly string[],
): Result<OfferChange, SdpError> {
  if (now.media.length < before.media.length)
    return err({ code: 'mediaRemoved', count: now.media.length, before: before.media.length });
  for (const [index, old] of before.media.entries()) {
    const media = now.media[index]!;
    const moved = media.mid !== old.mid || media.kind !== old.kind;
    if (moved && !old.rejected && !media.rejected && !refused.includes(old.mid))
      return err({ code: 'midMoved', mid: media.mid, index });
  }
  const values = (offer: SessionOffer): string =>
    offer.fingerprints
      .map(({ algorithm, value }) => `${algorithm} ${value}`)
      .sort()
      .join();
  if (values(now) !== values(before)) return err({ code: 'fingerprintChanged' });
  return ok({ iceRestart: now.ice.ufrag !== before.ice.ufrag || now.ice.pwd !== before.ice.pwd });
}
