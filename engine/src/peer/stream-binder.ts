import type { Millis } from '@switchyard/core/base';
import type { IncomingMedia } from '@switchyard/core/media-api';
import { ExtensionIds, RtpExtension, type RtpView } from '@switchyard/core/rtp';
import { extensionIdsOf } from '../sfu/codec.ts';
import { IncomingLine } from './incoming-line.ts';
import { IncomingStream } from './incoming-stream.ts';

/** SSRCs of one peer, media and RTX together. */
const MAX_STREAMS = 64;
const MAX_ID_LENGTH = 16;
/** A binding costs 15 KB and its layer's history: so many a second, behind those that a start needs. */
const BINDINGS_PER_SECOND = 8;

/**
 * Finds the m-line and layer of each SSRC that a peer sends: by rid and mid, by repaired rid, by mid, by
 * `a=ssrc` lines, by a payload type that only one m-line has, in this order (RFC 9143 §9.2, RFC 8852 §4).
 * A stream is made only from an authenticated packet.
 */
export class StreamBinder {
  /** Under BUNDLE an id means the same in all m-lines. */
  #ids = new ExtensionIds();
  #lines: IncomingLine[] = [];
  /** By SSRC as a signed integer. */
  readonly #streams = new Map<number, IncomingStream>();
  readonly #onForgotten: (ssrc: number) => void;
  /** Bindings that may follow at once, at the instant below. */
  #allowance = MAX_STREAMS;
  #allowanceAt = 0;

  /** @param onForgotten called with each SSRC that is unbound. */
  constructor(onForgotten: (ssrc: number) => void = () => {}) {
    this.#onForgotten = onForgotten;
  }

  get ids(): ExtensionIds {
    return this.#ids;
  }

  get lines(): readonly IncomingLine[] {
    return this.#lines;
  }

  streams(): IterableIterator<IncomingStream> {
    return this.#streams.values();
  }

  /** The stream of an SSRC; null while it is not bound. */
  find(ssrc: number): IncomingStream | null {
    return this.#streams.get(ssrc | 0) ?? null;
  }

  line(mid: string): IncomingLine | null {
    return this.#lines.find((line) => line.media.mid === mid) ?? null;
  }

  /** Replaces the list of m-lines; those that stay keep their streams and track. */
  setMedia(media: readonly IncomingMedia[]): void {
    const before = this.#lines;
    this.#ids = new ExtensionIds();
    this.#lines = media.map((wanted) => {
      mergeIds(this.#ids, wanted);
      const kept = before.find((line) => line.media.mid === wanted.mid);
      if (kept === undefined || !carriesTheSame(kept.media, wanted))
        return new IncomingLine(wanted);
      kept.media = wanted;
      return kept;
    });
    for (const stream of [...this.#streams.values()])
      if (!this.#lines.includes(stream.line)) this.#remove(stream);
  }

  /**
   * Binds the SSRC of an authenticated packet. Null when nothing tells where it belongs, or the peer has
   * too many already, or changes them too often.
   */
  bind(now: Millis, view: RtpView): IncomingStream | null {
    if (this.#streams.size >= MAX_STREAMS || !this.#mayBind(now)) return null;
    const rid = this.#text(view, RtpExtension.rid);
    const repairedRid = this.#text(view, RtpExtension.rrid);
    const mid = this.#text(view, RtpExtension.mid);
    const line =
      (mid === '' ? null : this.line(mid)) ??
      this.#lineOfSsrc(view.ssrc) ??
      this.#lineOfRid(rid === '' ? repairedRid : rid) ??
      this.#lineOfPayloadType(view.payloadType);
    if (line === null) return null;
    const repaired = line.codecs.findByRtx(view.payloadType);
    if (repaired !== null) return this.#bindRepair(view, line, repairedRid);
    const codec = line.codecs.find(view.payloadType);
    if (codec === null) return null;
    const layer = rid === '' ? this.#layerOfSsrc(line, view.ssrc) : line.layerOf(rid);
    if (layer < 0 || layer >= line.streams.length) return null;
    const stream = new IncomingStream({
      ssrc: view.ssrc,
      line,
      layer,
      repairs: null,
      clockRate: codec.clockRate,
      nack: codec.nack,
    });
    const old = line.streams[layer];
    if (old) this.forget(old.ssrc);
    this.#allowance--;
    line.streams[layer] = stream;
    this.#streams.set(view.ssrc | 0, stream);
    return stream;
  }

  /** The peer said BYE, or another SSRC took its place. */
  forget(ssrc: number): void {
    const stream = this.#streams.get(ssrc | 0);
    if (stream === undefined) return;
    this.#remove(stream);
    const { streams } = stream.line;
    if (streams[stream.layer] === stream) streams[stream.layer] = null;
    for (const other of [...this.#streams.values()])
      if (other.repairs === stream) this.#remove(other);
  }

  #remove(stream: IncomingStream): void {
    this.#streams.delete(stream.ssrc | 0);
    this.#onForgotten(stream.ssrc);
  }

  #bindRepair(view: RtpView, line: IncomingLine, repairedRid: string): IncomingStream | null {
    const layer =
      repairedRid === '' ? this.#repairLayer(line, view.ssrc) : line.layerOf(repairedRid);
    const media = layer < 0 ? null : line.streams[layer];
    // Browsers send padding over RTX before any media; it is counted, and bound when media is there.
    if (!media) return null;
    const stream = new IncomingStream({
      ssrc: view.ssrc,
      line,
      layer,
      repairs: media,
      clockRate: 90_000,
      nack: false,
    });
    this.#allowance--;
    this.#streams.set(view.ssrc | 0, stream);
    return stream;
  }

  #mayBind(now: Millis): boolean {
    const earned = ((now - this.#allowanceAt) * BINDINGS_PER_SECOND) / 1000;
    this.#allowance = Math.min(MAX_STREAMS, this.#allowance + earned);
    this.#allowanceAt = now;
    return this.#allowance >= 1;
  }

  #text(view: RtpView, kind: RtpExtension): string {
    if (!view.findExtension(this.#ids.get(kind)) || view.extensionLength > MAX_ID_LENGTH) return '';
    let text = '';
    for (let i = 0; i < view.extensionLength; i++)
      text += String.fromCharCode(view.buf[view.extensionAt + i]!);
    return text;
  }

  #lineOfSsrc(ssrc: number): IncomingLine | null {
    const has = ({ media }: IncomingLine) =>
      media.ssrcs.some((pair) => pair.ssrc === ssrc || pair.rtxSsrc === ssrc);
    return this.#lines.find(has) ?? null;
  }

  #lineOfRid(rid: string): IncomingLine | null {
    if (rid === '') return null;
    const matches = this.#lines.filter((line) => line.layerOf(rid) >= 0);
    return matches.length === 1 ? matches[0]! : null;
  }

  #lineOfPayloadType(payloadType: number): IncomingLine | null {
    const matches = this.#lines.filter(
      ({ codecs }) => codecs.find(payloadType) !== null || codecs.findByRtx(payloadType) !== null,
    );
    return matches.length === 1 ? matches[0]! : null;
  }

  #layerOfSsrc(line: IncomingLine, ssrc: number): number {
    if (line.media.rids.length === 0) return 0;
    return line.media.ssrcs.findIndex((pair) => pair.ssrc === ssrc);
  }

  /** Firefox leaves the repaired rid out once acknowledged: FID groups or the only layer tell. */
  #repairLayer(line: IncomingLine, ssrc: number): number {
    if (line.streams.length === 1) return 0;
    return line.media.ssrcs.findIndex((pair) => pair.rtxSsrc === ssrc);
  }
}

function mergeIds(ids: ExtensionIds, media: IncomingMedia): void {
  const own = extensionIdsOf(media.extensions);
  for (const kind of Object.values(RtpExtension)) {
    const id = own.get(kind);
    if (id !== 0) ids.set(kind, id);
  }
}

/**
 * Renegotiation repeats most m-lines as they were: those must not lose their streams and their track. SSRC lines
 * may come and go, since they only help to bind.
 */
const carriesTheSame = (a: IncomingMedia, b: IncomingMedia): boolean =>
  a.kind === b.kind &&
  JSON.stringify([a.codecs, a.extensions, a.rids]) ===
    JSON.stringify([b.codecs, b.extensions, b.rids]);
