import { err, ok, type Result } from '../base/index.ts';
import type { SdpError } from './errors.ts';
import { readDescription, text } from './grammar.ts';
import { type MediaReading, readMedia } from './media.ts';
import type { OfferedMedia, SessionOffer } from './session.ts';
import { readTransport } from './transport.ts';

/**
 * Reads a peer's offer (RFC 9429 §5.8) and refuses what cannot be answered: the text is hostile until it
 * has passed here. Never throws.
 */
export function parseOffer(sdp: string): Result<SessionOffer, SdpError> {
  const description = readDescription(sdp);
  if (!description.ok) return description;
  const { session, media: sections } = description.value;

  const readings: MediaReading[] = [];
  for (const [index, section] of sections.entries()) {
    const reading = readMedia(index, section, session.fields);
    if (!reading.ok) return reading;
    readings.push(reading.value);
  }
  const media = readings.map((reading) => reading.media);
  const bundle = readBundle(media, session.fields.groups ?? []);
  if (!bundle.ok) return bundle;
  const conflict = findConflict(readings);
  if (conflict !== null) return err(conflict);

  const tag = bundle.value[0];
  const tagAt = media.findIndex(({ mid, rejected }) => !rejected && (tag ?? mid) === mid);
  const tagSection = sections[tagAt];
  if (tagSection === undefined) return err({ code: 'noMedia' });
  const transport = readTransport(session, tagSection);
  if (!transport.ok) return transport;
  return ok({
    ...transport.value,
    bundle: bundle.value,
    extmapAllowMixed: session.fields.extmapAllowMixed !== undefined,
    media,
  });
}

/** All m-lines share one transport, so each that is wanted has to be in the group. RFC 9143 §7. */
function readBundle(
  media: readonly OfferedMedia[],
  groups: readonly { readonly type: string; readonly mids: string }[],
): Result<readonly string[], SdpError> {
  const wanted = new Set<string>();
  for (const { mid, rejected } of media) {
    if (rejected) continue;
    if (wanted.has(mid)) return err({ code: 'duplicateMid', mid });
    wanted.add(mid);
  }
  const group = groups.find(({ type }) => type === 'BUNDLE');
  if (group === undefined && wanted.size <= 1) return ok([]);
  const named = new Set(text(group?.mids).split(/\s+/));
  for (const mid of wanted) if (!named.has(mid)) return err({ code: 'notBundled', mid });
  return ok([...named].filter((mid) => wanted.has(mid)));
}

/** Within a BUNDLE group a payload type and an extension id mean one thing. RFC 9143 §7.1, RFC 8285 §5. */
function findConflict(readings: readonly MediaReading[]): SdpError | null {
  const payloadTypes = new Map<number, string>();
  const extensions = new Map<number, string>();
  for (const { media, meanings } of readings) {
    const { mid, rejected } = media;
    if (rejected) continue;
    for (const [payloadType, meaning] of meanings) {
      const before = payloadTypes.get(payloadType);
      if (before !== undefined && before !== meaning)
        return { code: 'payloadTypeConflict', mid, payloadType };
      payloadTypes.set(payloadType, meaning);
    }
    for (const { id, uri } of media.extensions) {
      const before = extensions.get(id);
      if (before !== undefined && before !== uri) return { code: 'extensionConflict', mid, id };
      extensions.set(id, uri);
    }
  }
  return null;
}
