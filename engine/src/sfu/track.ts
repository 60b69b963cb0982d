import type { Millis } from '@switchyard/core/base';
import type { IncomingMedia, MediaKind, TrackId } from '@switchyard/core/media-api';
import { AudioLevelMeter, type ExtensionIds, RtpExtension } from '@switchyard/core/rtp';
import { type Codec, CodecTable, extensionIdsOf } from './codec.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import { Layer } from './layer.ts';
import type { KeyframeSource, PacketSink } from './ports.ts';
import type { SfuContext } from './sfu-context.ts';
import type { Slot } from './slot.ts';

export interface TrackOptions {
  readonly id: TrackId;
  readonly media: IncomingMedia;
  readonly source: KeyframeSource;
  readonly context: SfuContext;
}

/**
 * One published source: its layers, and the slots and pipes that take it. Receives decrypted packets
 * in order of arrival and hands them on in runs.
 */
export class Track {
  readonly id: TrackId;
  readonly kind: MediaKind;
  readonly media: IncomingMedia;
  readonly layers: readonly Layer[];
  /** The publisher's negotiated ids. */
  readonly ids: ExtensionIds;
  readonly meter = new AudioLevelMeter();
  /** Of the newest packet; null before the first. */
  codec: Codec | null = null;
  /** What must be added to the publisher's clock (NTP of its sender reports, ms) to get ours; NaN while unknown. */
  ntpOffsetMs = Number.NaN;
  readonly #codecs: CodecTable;
  readonly #slots: Slot[] = [];
  readonly #sinks: PacketSink[] = [];
  readonly #source: KeyframeSource;
  readonly #context: SfuContext;
  #muted = false;

  constructor({ id, media, source, context }: TrackOptions) {
    this.id = id;
    this.kind = media.kind;
    this.media = media;
    this.ids = extensionIdsOf(media.extensions);
    this.#codecs = new CodecTable(media.codecs);
    this.#source = source;
    this.#context = context;
    const count = Math.max(1, media.rids.length);
    this.layers = Array.from({ length: count }, (_, index) => new Layer(this, index, context));
  }

  get muted(): boolean {
    return this.#muted;
  }

  get slotCount(): number {
    return this.#slots.length;
  }

  /**
   * Takes one packet of a layer. The packet stays valid until the end of the turn, by which time the
   * owner has flushed the dirty layers.
   */
  receive(now: Millis, layer: Layer, packet: IncomingPacket): void {
    const { view } = packet;
    const codec = this.#codecs.find(view.payloadType);
    if (codec === null || this.#muted) return;
    if (codec !== this.codec && codec.matchKey !== this.codec?.matchKey) this.#changeCodec(codec);
    if (!layer.isLive(now)) this.#announce();
    layer.lastPacketAt = now;
    layer.rate.add(now, view.length);
    packet.describe(codec.kind);
    if (this.kind === 'audio') this.#meterLevel(now, packet);
    // What is known already (RTX of a packet that was not lost, Chromium's probes) must not start anything.
    else if (!this.#remember(now, layer, packet)) return;
    layer.enqueue(now, packet);
  }

  /** Hands the first `length` packets of a layer's run to everyone who takes the track. */
  forwardRun(now: Millis, layer: Layer, length: number): void {
    const run = layer.run;
    const slots = this.#slots;
    const context = this.#context;
    for (let s = 0; s < slots.length; s++) {
      const slot = slots[s]!;
      context.serving = slot;
      slot.forwardRun(now, layer, run, length);
    }
    context.serving = null;
    for (let s = 0; s < this.#sinks.length; s++) {
      const sink = this.#sinks[s]!;
      for (let i = 0; i < length; i++) sink.forward(now, this.id, layer.index, run[i]!);
    }
  }

  /** While muted nothing is forwarded, and what was cached is forgotten. */
  setMuted(muted: boolean): void {
    if (muted === this.#muted) return;
    this.#muted = muted;
    for (const layer of this.layers) layer.history?.clear();
    for (const slot of this.#slots) slot.sourcePaused();
  }

  addSlot(slot: Slot): void {
    this.#slots.push(slot);
  }

  removeSlot(slot: Slot): void {
    const index = this.#slots.indexOf(slot);
    if (index >= 0) this.#slots.splice(index, 1);
  }

  addSink(sink: PacketSink): void {
    this.#sinks.push(sink);
  }

  removeSink(sink: PacketSink): void {
    const index = this.#sinks.indexOf(sink);
    if (index >= 0) this.#sinks.splice(index, 1);
  }

  /** Asks the publisher now; `KeyframeRequester` has decided that it is time. */
  requestKeyframe(now: Millis, layer: Layer): void {
    this.#source.requestKeyframe(now, layer.ssrc, layer.index);
  }

  /** Once a second: layers may have stopped or come back, so slots choose anew. */
  review(now: Millis): void {
    for (const slot of this.#slots) slot.review(now);
  }

  /** The best layer that arrives now and is at most `spatial`; the lowest live one if all are above; null when none is. */
  bestLayer(now: Millis, spatial: number): Layer | null {
    let best: Layer | null = null;
    for (const layer of this.layers) {
      if (!layer.isLive(now)) continue;
      if (best === null || layer.index <= spatial) best = layer;
    }
    return best;
  }

  /** The layer begins anew under another SSRC. */
  restartLayer(layer: Layer): void {
    layer.history?.clear();
    layer.senderReportNtpMs = Number.NaN;
    for (const slot of this.#slots) slot.layerRestarted(layer);
  }

  /** Takes the track out of every slot. */
  close(now: Millis): void {
    for (const slot of [...this.#slots]) slot.assign(now, null, { spatial: 0, temporal: 0 });
    for (const layer of this.layers) this.#context.wanting.delete(layer);
  }

  #changeCodec(codec: Codec): void {
    this.codec = codec;
    for (const layer of this.layers) layer.history?.clear();
    for (const slot of this.#slots) slot.codecChanged();
    this.#announce();
  }

  #announce(): void {
    this.#context.events.push({ kind: 'trackActive', track: this.id });
  }

  #meterLevel(now: Millis, { view }: IncomingPacket): void {
    if (!view.findExtension(this.ids.get(RtpExtension.audioLevel))) return;
    this.meter.handleLevel(now, view.buf[view.extensionAt]! & 0x7f);
  }

  /** False for a packet that is in the history already, or older than it. */
  #remember(now: Millis, layer: Layer, packet: IncomingPacket): boolean {
    const { view, info, described } = packet;
    const startsKeyframe = described && info.isKeyframe && info.startsFrame;
    if (!layer.history!.store(now, view, startsKeyframe)) return false; // video has one
    if (startsKeyframe) {
      layer.keyframes.satisfied();
      if (info.width > 0) {
        layer.width = info.width;
        layer.height = info.height;
      }
    }
    return true;
  }
}
