import type { MediaDescription, SessionDescription } from 'sdp-transform';
import { err, ok, type Result } from '../base/index.ts';
import type { DtlsFingerprint } from '../media-api/index.ts';
import type { SdpError } from './errors.ts';
import { badLine, type Section, text } from './grammar.ts';
import type { RemoteIce, SessionOffer } from './session.ts';

/** Length in bytes of the digests that are strong enough. Browsers send SHA-256. RFC 8122 §5. */
const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

/** `ice-char` (RFC 8839 §5.4) and, because encoders in the field use them, base64's other characters. */
const UFRAG = /^[A-Za-z0-9+/=_-]{4,256}$/;
const PWD = /^[A-Za-z0-9+/=_-]{22,256}$/;

type Transport = Pick<SessionOffer, 'ice' | 'fingerprints' | 'setup'>;

/**
 * The transport of a BUNDLE group: what its tagged m-line says, or else the session, where Firefox puts the
 * fingerprint (RFC 9143 §7.1.3).
 */
export function readTransport(
  session: Section<SessionDescription>,
  tag: Section<MediaDescription>,
): Result<Transport, SdpError> {
  const mid = text(tag.fields.mid);
  const ice = readIce(mid, session.fields, tag.fields);
  if (!ice.ok) return ice;
  const own = tag.verbatim('fingerprint');
  const fingerprints = readFingerprints(
    mid,
    own.length > 0 ? own : session.verbatim('fingerprint'),
  );
  if (!fingerprints.ok) return fingerprints;
  // RFC 4145 §4: an offer without it is active.
  const setup = tag.fields.setup ?? session.fields.setup ?? 'active';
  if (setup !== 'actpass' && setup !== 'active' && setup !== 'passive')
    return err({ code: 'badSetup', mid, setup: text(setup).slice(0, 16) });
  return ok({ ice: ice.value, fingerprints: fingerprints.value, setup });
}

/** The credentials of an m-line, or else of the session. RFC 8839 §5.4. */
export function readIce(
  mid: string,
  session: SessionDescription,
  tag: MediaDescription | undefined,
): Result<RemoteIce, SdpError> {
  const ufrag = text(tag?.iceUfrag ?? session.iceUfrag);
  const pwd = text(tag?.icePwd ?? session.icePwd);
  if (ufrag === '' || pwd === '') return err({ code: 'missingIce', mid });
  if (!UFRAG.test(ufrag) || !PWD.test(pwd)) return err({ code: 'badIce', mid });
  const options = text(tag?.iceOptions ?? session.iceOptions).split(/\s+/);
  return ok({
    ufrag,
    pwd,
    lite: session.icelite !== undefined,
    options: options.filter((option) => option !== ''),
  });
}

function readFingerprints(
  mid: string,
  values: readonly string[],
): Result<readonly DtlsFingerprint[], SdpError> {
  const strong: DtlsFingerprint[] = [];
  let weak: string | null = null;
  for (const line of values) {
    const [algorithm = '', digest = ''] = line.split(/\s+/);
    const length = DIGEST_LENGTHS.get(algorithm.toLowerCase());
    if (length === undefined) weak = algorithm.slice(0, 16);
    else if (!isDigest(digest, length)) return badLine(mid, `a=fingerprint:${line}`);
    else strong.push({ algorithm: algorithm.toLowerCase(), value: digest.toUpperCase() });
  }
  if (strong.length > 0) return ok(strong);
  if (weak !== null) return err({ code: 'weakFingerprint', mid, algorithm: weak });
  return err({ code: 'missingFingerprint', mid });
}

const isDigest = (digest: string, length: number): boolean =>
  digest.length === 3 * length - 1 && /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*$/.test(digest);
