import type { IncomingMedia, MediaNotice, TrackId, WorkerId } from '@switchyard/core/media-api';
import type { Layer, MediaKind, TrackInfo, TrackSource } from '@switchyard/core/signal';

/** What a track is made with. */
export interface TrackOptions {
  readonly sid: string;
  readonly id: TrackId;
  readonly worker: WorkerId;
  readonly incoming: IncomingMedia;
  readonly publisherSid: string;
  /** Counts up over all tracks: earlier tracks come first where nothing else decides. */
  readonly arrival: number;
  readonly source: TrackSource;
  readonly name: string;
  readonly muted: boolean;
  readonly width: number;
  readonly height: number;
  readonly layers: readonly Layer[];
}

type TrackActive = Extract<MediaNotice, { kind: 'trackActive' }>;

/** One published source as the room knows it. */
export class Track {
  readonly sid: string;
  readonly id: TrackId;
  readonly worker: WorkerId;
  readonly incoming: IncomingMedia;
  readonly publisherSid: string;
  readonly arrival: number;
  readonly source: TrackSource;
  readonly name: string;
  muted: boolean;
  #width: number;
  #height: number;
  #layers: readonly Layer[];
  #codec = '';
  #matchKey = '';

  constructor(options: TrackOptions) {
    this.sid = options.sid;
    this.id = options.id;
    this.worker = options.worker;
    this.incoming = options.incoming;
    this.publisherSid = options.publisherSid;
    this.arrival = options.arrival;
    this.source = options.source;
    this.name = options.name;
    this.muted = options.muted;
    this.#width = options.width;
    this.#height = options.height;
    this.#layers = options.layers;
  }

  get kind(): MediaKind {
    return this.incoming.kind;
  }

  get mid(): string {
    return this.incoming.mid;
  }

  get matchKey(): string {
    return this.#matchKey;
  }

  /** Heights of the layers in pixels, lowest layer first; at least one entry, 0 while unknown. */
  layerHeights(): readonly number[] {
    const count = Math.max(this.incoming.rids.length, this.#layers.length, 1);
    return Array.from(
      { length: count },
      // Browsers scale simulcast layers by powers of two (W3C webrtc-pc, default encodings).
      (_, i) => this.#layers[i]?.height ?? Math.floor(this.#height / 2 ** (count - 1 - i)),
    );
  }

  /** Takes over what the worker saw of the media; true when what people are told has changed. */
  handleActive(notice: TrackActive): boolean {
    const before = JSON.stringify(this.info());
    this.#matchKey = notice.matchKey;
    this.#codec = mimeType(this.kind, notice.codec);
    const layers = [...this.#layers];
    for (const { index, rid, width, height } of notice.layers) {
      if (width <= 0 || height <= 0) continue;
      // Without simulcast there is one layer, which `layers` does not list.
      if (this.incoming.rids.length > 0 && index < this.incoming.rids.length)
        layers[index] = { ...layers[index], rid, width, height };
      if (width * height < this.#width * this.#height && index < this.layerHeights().length - 1)
        continue;
      this.#width = width;
      this.#height = height;
    }
    this.#layers = Array.from(layers, (layer, i) => layer ?? { rid: this.incoming.rids[i] ?? '' });
    return JSON.stringify(this.info()) !== before;
  }

  info(): TrackInfo {
    return {
      sid: this.sid,
      kind: this.kind,
      source: this.source,
      name: this.name,
      muted: this.muted,
      width: this.#width,
      height: this.#height,
      layers: [...this.#layers],
      codec: this.#codec,
    };
  }
}

/** `video/VP8` for `vp8`; a name that is a MIME type already stays. */
function mimeType(kind: MediaKind, codec: string): string {
  if (codec === '' || codec.includes('/')) return codec;
  return `${kind}/${codec === 'opus' ? codec : codec.toUpperCase()}`;
}
