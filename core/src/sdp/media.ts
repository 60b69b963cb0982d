import type { MediaDescription, SessionDescription } from 'sdp-transform';
import { err, ok, type Result } from '../base/index.ts';
import { readCodecs } from './codecs.ts';
import type { SdpError } from './errors.ts';
import { badLine, type Section, text } from './grammar.ts';
import type { MediaDirection, OfferedExtension, OfferedMedia } from './session.ts';

export interface MediaReading {
  readonly media: OfferedMedia;
  /** What each payload type of the m-line means, also those we do not know. */
  readonly meanings: ReadonlyMap<number, string>;
}

/** Mids and rids travel in one-byte header extensions: 16 bytes at most. RFC 8285 §4.2. */
export const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,16}$/;
const RID = /^[A-Za-z0-9_-]{1,16}$/;

/** The profiles that RFC 9429 §5.1.2 wants accepted: with a fingerprint all of them are DTLS-SRTP. */
const RTP_PROTOCOL = /^((UDP|TCP)\/TLS\/)?RTP\/S?AVPF?$/;

/** Reads the m-line at `index`; one with port 0 only has its place and name. */
export function readMedia(
  index: number,
  section: Section<MediaDescription>,
  session: SessionDescription,
): Result<MediaReading, SdpError> {
  const { fields } = section;
  const mid = text(fields.mid);
  const protocol = text(fields.protocol);
  if (protocol === '' || fields.port === undefined) return badLine(mid, `m=${text(fields.type)} …`);
  const kind = fields.type === 'audio' || fields.type === 'video' ? fields.type : 'application';
  const rejected = Number(fields.port) === 0 && fields.bundleOnly === undefined;
  const formats = text(fields.payloads).split(/\s+/).filter(Boolean);
  const nothing = {
    mid: TOKEN.test(mid) ? mid : '',
    kind,
    direction: readDirection(fields, session),
    rejected,
    codecs: [],
    extensions: [],
    rids: [],
    pausedRids: [],
    ssrcs: [],
    msid: null,
    rtcpRsize: false,
    extmapAllowMixed: false,
    candidates: [],
    protocol,
    formats,
  } satisfies OfferedMedia;
  if (rejected) return ok({ media: nothing, meanings: new Map() });
  if (!TOKEN.test(mid)) return err({ code: 'badMid', index, mid: mid.slice(0, 32) });
  const candidates = section.verbatim('candidate');
  if (kind === 'application') return ok({ media: { ...nothing, candidates }, meanings: new Map() });

  if (!RTP_PROTOCOL.test(protocol))
    return err({ code: 'badProtocol', mid, protocol: protocol.slice(0, 32) });
  if (fields.crypto !== undefined) return err({ code: 'sdesCrypto', mid });
  if (fields.rtcpMux === undefined) return err({ code: 'missingRtcpMux', mid });
  const codecs = readCodecs(mid, kind, formats, fields);
  if (!codecs.ok) return codecs;
  const extensions = readExtensions(mid, fields);
  if (!extensions.ok) return extensions;
  const simulcast = readSimulcast(mid, section);
  if (!simulcast.ok) return simulcast;
  const media: OfferedMedia = {
    ...nothing,
    codecs: codecs.value.codecs,
    extensions: extensions.value,
    ...simulcast.value,
    ssrcs: readSsrcs(fields),
    msid: readMsid(section),
    rtcpRsize: fields.rtcpRsize !== undefined,
    extmapAllowMixed: fields.extmapAllowMixed !== undefined,
    candidates,
  };
  return ok({ media, meanings: codecs.value.meanings });
}

const readDirection = (fields: MediaDescription, session: SessionDescription): MediaDirection =>
  fields.direction ?? session.direction ?? 'sendrecv';

/** RFC 8285 §5. Encrypted ones (RFC 6904) and ids beyond the header's 8 bits are left out. */
function readExtensions(
  mid: string,
  fields: MediaDescription,
): Result<readonly OfferedExtension[], SdpError> {
  const extensions: OfferedExtension[] = [];
  for (const line of fields.ext ?? []) {
    const id = Number(line.value);
    const uri = text(line.uri);
    const direction = line.direction === undefined ? 'sendrecv' : asDirection(line.direction);
    if (direction === null || id === 0 || uri === '') return badLine(mid, `a=extmap:${id} ${uri}`);
    if (line['encrypt-uri'] !== undefined || id > 255 || id === 15) continue;
    const before = extensions.find((other) => other.id === id);
    if (before !== undefined && before.uri !== uri)
      return err({ code: 'extensionConflict', mid, id });
    if (extensions.every((other) => other.uri !== uri)) extensions.push({ id, uri, direction });
  }
  return ok(extensions);
}

const DIRECTIONS: readonly MediaDirection[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

const asDirection = (value: string): MediaDirection | null =>
  DIRECTIONS.find((direction) => direction === value) ?? null;

/**
 * The rids of `a=simulcast:send`, in its order (RFC 8853 §5.1): of alternatives the first, those without an
 * `a=rid` left out. `~` marks the paused ones.
 */
function readSimulcast(
  mid: string,
  section: Section<MediaDescription>,
): Result<Pick<OfferedMedia, 'rids' | 'pausedRids'>, SdpError> {
  const sent = new Set<string>();
  for (const line of section.verbatim('rid')) {
    const [rid = '', direction] = line.split(/\s+/);
    if (!RID.test(rid)) return badLine(mid, `a=rid:${line}`);
    if (direction === 'send') sent.add(rid);
  }
  const { simulcast } = section.fields;
  const list =
    simulcast?.dir1 === 'send'
      ? simulcast.list1
      : simulcast?.dir2 === 'send'
        ? simulcast.list2
        : '';
  const rids = new Set<string>();
  const paused = new Set<string>();
  for (const alternatives of text(list).split(';')) {
    const first = alternatives.split(',')[0]!; // `split` gives at least one
    const rid = first.replace(/^~/, '');
    if (!sent.has(rid)) continue;
    rids.add(rid);
    if (first !== rid) paused.add(rid);
  }
  return ok({ rids: [...rids], pausedRids: [...paused] });
}

/** More than simulcast with Firefox (3) needs; the worker keeps a table entry for each. */
const MAX_SSRCS = 8;

/** Media SSRCs in order of appearance with their RTX partner (RFC 5576 §4.2, RFC 4588 §8.2). */
function readSsrcs(fields: MediaDescription): OfferedMedia['ssrcs'] {
  const rtxSsrcs = new Map<number, number>();
  const helpers = new Set<number>();
  for (const { semantics, ssrcs } of fields.ssrcGroups ?? []) {
    const [primary = 0, secondary = 0] = text(ssrcs).split(/\s+/).map(Number);
    if (semantics === 'SIM' || !isSsrc(primary) || !isSsrc(secondary)) continue;
    helpers.add(secondary);
    if (semantics === 'FID') rtxSsrcs.set(primary, secondary);
  }
  const ssrcs = new Set((fields.ssrcs ?? []).map(({ id }) => Number(id)));
  return [...ssrcs]
    .filter((ssrc) => isSsrc(ssrc) && !helpers.has(ssrc))
    .slice(0, MAX_SSRCS)
    .map((ssrc) => ({ ssrc, rtxSsrc: rtxSsrcs.get(ssrc) ?? null }));
}

const isSsrc = (value: number): boolean =>
  Number.isInteger(value) && value > 0 && value <= 0xffffffff;

/** RFC 8830; encoders of before 2018 write it per SSRC. */
function readMsid(section: Section<MediaDescription>): OfferedMedia['msid'] {
  const old = (section.fields.ssrcs ?? []).find(({ attribute }) => attribute === 'msid')?.value;
  const value = section.verbatim('msid')[0] ?? (old === undefined ? undefined : text(old));
  if (value === undefined) return null;
  const [streamId = '', trackId = ''] = value.split(/\s+/);
  return { streamId: streamId.slice(0, 128), trackId: trackId.slice(0, 128) };
}
