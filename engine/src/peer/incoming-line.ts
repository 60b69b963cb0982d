import type { IncomingMedia } from '@switchyard/core/media-api';
import { CodecTable } from '../sfu/codec.ts';
import type { Track } from '../sfu/track.ts';
import type { IncomingStream } from './incoming-stream.ts';

/** An m-line in which the peer sends, and the track that its media belongs to once published. */
export class IncomingLine {
  /** Replaced by a later offer that changes no more than SSRC lines. */
  media: IncomingMedia;
  readonly codecs: CodecTable;
  track: Track | null = null;
  /** Media streams by layer; null until the layer's SSRC is known. */
  readonly streams: (IncomingStream | null)[];

  constructor(media: IncomingMedia) {
    this.media = media;
    this.codecs = new CodecTable(media.codecs);
    this.streams = new Array<IncomingStream | null>(Math.max(1, media.rids.length)).fill(null);
  }

  /** Layer of a RID; -1 when the m-line has none of that name. */
  layerOf(rid: string): number {
    return this.media.rids.indexOf(rid);
  }
}
