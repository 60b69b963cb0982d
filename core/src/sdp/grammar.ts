import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform';
import { err, ok, type Result } from '../base/index.ts';
import type { SdpError } from './errors.ts';

/** Longest text that is looked at, UTF-16 units. */
const MAX_LENGTH = 262_144;
/** A real offer of 256 KiB has some 9,000 lines. Each line costs sdp-transform up to 45 patterns. */
const MAX_LINES = 16_384;
const MAX_MEDIA = 256;

/** Longest excerpt of a peer's text that an error carries. */
const MAX_EXCERPT = 80;

/** What sdp-transform read of the session or of one m-line, and what it would lose. */
export interface Section<Fields> {
  readonly fields: Fields;
  /** Values of the attributes in `VERBATIM`, in order. */
  readonly verbatim: (name: Verbatim) => readonly string[];
}

export interface Description {
  readonly session: Section<SessionDescription>;
  readonly media: readonly Section<MediaDescription>[];
}

/**
 * Attributes read from the text itself. sdp-transform keeps the last fingerprint only, cuts an msid at
 * Firefox's braces, knows no dash in a rid, and takes candidates apart, which a lite agent never needs.
 */
const VERBATIM = ['fingerprint', 'msid', 'rid', 'candidate'] as const;
type Verbatim = (typeof VERBATIM)[number];

const VERBATIM_LINE = new RegExp(`^a=(${VERBATIM.join('|')}):(.*)`);

/** Takes a description apart by RFC 8866's grammar; lines of unknown meaning are skipped. Never throws. */
export function readDescription(text: string): Result<Description, SdpError> {
  if (text.length > MAX_LENGTH) return err({ code: 'tooLong', length: text.length });
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) return err({ code: 'tooManyLines', count: lines.length });
  const verbatim = [new Map<string, string[]>()];
  for (const line of lines) {
    if (line.startsWith('m=')) verbatim.push(new Map());
    const [, name, value] = VERBATIM_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const values = verbatim.at(-1)!.get(name);
    if (values === undefined) verbatim.at(-1)!.set(name, [value.trim()]);
    else values.push(value.trim());
  }
  const count = verbatim.length - 1;
  if (count > MAX_MEDIA) return err({ code: 'tooManyMedia', count });
  const session = parse(text);
  const section = <Fields>(fields: Fields, index: number): Section<Fields> => ({
    fields,
    verbatim: (name) => verbatim[index]?.get(name) ?? [],
  });
  return ok({
    session: section(session, 0),
    media: session.media.map((fields, index) => section(fields, index + 1)),
  });
}

/** sdp-transform turns digits into numbers wherever they stand; names are text. */
export const text = (value: string | number | undefined): string =>
  value === undefined ? '' : String(value);

export const badLine = (mid: string, line: string): Result<never, SdpError> =>
  err({ code: 'badLine', mid, line: line.slice(0, MAX_EXCERPT) });
