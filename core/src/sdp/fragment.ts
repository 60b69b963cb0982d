import { err, ok, type Result } from '../base/index.ts';
import type { SdpError } from './errors.ts';
import { badLine, readDescription, text } from './grammar.ts';
import { TOKEN } from './media.ts';
import { readIce } from './transport.ts';

/** Content type of what `parseFragment` reads. */
export const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag';

/** The ICE part of a description, as trickle and restart exchange it. RFC 8840 §9, RFC 9725 §4.3. */
export interface IceFragment {
  /** null: the fragment names none, so it speaks of the session that is in use. */
  readonly ice: { readonly ufrag: string; readonly pwd: string } | null;
  readonly lite: boolean;
  readonly bundle: readonly string[];
  readonly media: readonly FragmentMedia[];
}

export interface FragmentMedia {
  readonly mid: string;
  /** Media kind, protocol and formats as in the m-line: the grammar wants them, ICE does not. */
  readonly line: { readonly kind: string; readonly protocol: string; readonly formats: string };
  /** Values of `a=candidate` lines. */
  readonly candidates: readonly string[];
  readonly endOfCandidates: boolean;
}

/**
 * Reads a fragment, or the ICE part of a whole description. Credentials come from the first m-line that has
 * them, else from the session. Never throws.
 */
export function parseFragment(fragment: string): Result<IceFragment, SdpError> {
  const description = readDescription(fragment);
  if (!description.ok) return description;
  const { session, media } = description.value;
  for (const [index, { fields }] of media.entries()) {
    const mid = text(fields.mid);
    if (fields.type === undefined) return badLine(mid, `m-line ${index}`);
    if (!TOKEN.test(mid)) return err({ code: 'badMid', index, mid: mid.slice(0, 32) });
  }
  const tag = media.find(({ fields }) => fields.iceUfrag !== undefined)?.fields;
  const named = [tag?.iceUfrag, tag?.icePwd, session.fields.iceUfrag, session.fields.icePwd];
  let ice: IceFragment['ice'] = null;
  if (named.some((value) => value !== undefined)) {
    const read = readIce(text(tag?.mid), session.fields, tag);
    if (!read.ok) return read;
    ice = { ufrag: read.value.ufrag, pwd: read.value.pwd };
  }
  const group = (session.fields.groups ?? []).find(({ type }) => type === 'BUNDLE');
  return ok({
    ice,
    lite: session.fields.icelite !== undefined,
    bundle: text(group?.mids)
      .split(/\s+/)
      .filter((mid) => TOKEN.test(mid)),
    media: media.map(({ fields, verbatim }) => ({
      mid: text(fields.mid),
      line: {
        kind: text(fields.type),
        protocol: text(fields.protocol),
        formats: text(fields.payloads).trim(),
      },
      candidates: verbatim('candidate'),
      endOfCandidates: fields.endOfCandidates !== undefined,
    })),
  });
}

/** Text of a fragment; credentials stand in every m-line, as RFC 9725 §4.3.3 shows it. */
export function printFragment(fragment: IceFragment): string {
  const { ice, lite, bundle, media } = fragment;
  const credentials = ice === null ? [] : [`a=ice-ufrag:${ice.ufrag}`, `a=ice-pwd:${ice.pwd}`];
  const lines = [
    ...(lite ? ['a=ice-lite'] : []),
    ...(bundle.length === 0 ? [] : [`a=group:BUNDLE ${bundle.join(' ')}`]),
    ...(media.length === 0 ? credentials : []),
    ...media.flatMap(({ mid, line, candidates, endOfCandidates }) => [
      `m=${line.kind} 9 ${line.protocol} ${line.formats}`.trimEnd(),
      `a=mid:${mid}`,
      ...credentials,
      ...candidates.map((candidate) => `a=candidate:${candidate}`),
      ...(endOfCandidates ? ['a=end-of-candidates'] : []),
    ]),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * The offer as the peer would make it with new ICE credentials: for peers that restart ICE by a fragment
 * alone (RFC 9725 §4.3.3). Everything else stays as it was.
 */
export function replaceIce(
  sdp: string,
  ice: { readonly ufrag: string; readonly pwd: string },
): string {
  return sdp
    .replace(/^a=ice-ufrag:.*$/gm, () => `a=ice-ufrag:${ice.ufrag}`)
    .replace(/^a=ice-pwd:.*$/gm, () => `a=ice-pwd:${ice.pwd}`);
}
