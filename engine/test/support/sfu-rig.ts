import { type Millis, millis } from '@switchyard/core/base';
import type { IncomingMedia, OutgoingMedia, SlotId, TrackId } from '@switchyard/core/media-api';
import {
  type Layer,
  type Outlet,
  PacketPool,
  SfuContext,
  type SfuEvent,
  Slot,
  Track,
} from '../../src/sfu/index.ts';
import { FakeOutlet } from './fake-outlet.ts';
import { incomingMedia, outgoingMedia, rtpPacket, type Vp8Fields, vp8Payload } from './packets.ts';

/** Frames of the tests' publishers follow one another at this distance. */
export const FRAME_MS = 33;
export const FRAME_TICKS = 90 * FRAME_MS;

export const copyBytes = (
  source: Uint8Array,
  sourceAt: number,
  length: number,
  target: Uint8Array,
  targetAt: number,
): void => target.set(source.subarray(sourceAt, sourceAt + length), targetAt);

/** One simulcast layer of a publisher's encoder: makes the packets of its RTP stream. */
export class Encoder {
  sequenceNumber: number;
  timestamp: number;
  pictureId: number;
  tl0PicIdx: number;
  readonly ssrc: number;
  readonly payloadType: number;

  constructor(start: {
    sequenceNumber?: number;
    timestamp?: number;
    pictureId?: number;
    ssrc?: number;
    payloadType?: number;
  }) {
    this.sequenceNumber = start.sequenceNumber ?? 1000;
    this.timestamp = start.timestamp ?? 90_000;
    this.pictureId = start.pictureId ?? 100;
    this.tl0PicIdx = 7;
    this.ssrc = start.ssrc ?? 1000;
    this.payloadType = start.payloadType ?? 96;
  }

  /** The packets of the next frame; the clock moves on behind it. */
  frame(count = 1, fields: Omit<Partial<Vp8Fields>, 'startsFrame'> = {}): Uint8Array[] {
    this.pictureId = (this.pictureId + 1) & 0x7fff;
    if ((fields.temporalId ?? 0) === 0) this.tl0PicIdx = (this.tl0PicIdx + 1) & 0xff;
    const packets: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const { pictureId, tl0PicIdx } = this;
      const startsFrame = i === 0;
      const content = `${fields.content ?? ''}#${pictureId}/${i}`;
      packets.push(
        this.#packet(
          vp8Payload({ pictureId, tl0PicIdx, ...fields, startsFrame, content }),
          i === count - 1,
        ),
      );
    }
    this.timestamp = (this.timestamp + FRAME_TICKS) >>> 0;
    return packets;
  }

  keyframe(count = 1, content = ''): Uint8Array[] {
    return this.frame(count, { isKeyframe: true, content });
  }

  /** A packet of nothing but padding, as bandwidth probes are. */
  padding(): Uint8Array {
    const { ssrc, payloadType, timestamp } = this;
    const sequenceNumber = this.#next();
    return rtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, padding: 200 });
  }

  #packet(payload: Uint8Array, marker: boolean): Uint8Array {
    const { ssrc, payloadType, timestamp } = this;
    const sequenceNumber = this.#next();
    return rtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, marker, payload });
  }

  #next(): number {
    const { sequenceNumber } = this;
    this.sequenceNumber = (sequenceNumber + 1) & 0xffff;
    return sequenceNumber;
  }
}

/** Tracks and slots of one worker with its turns, in virtual time. */
export class SfuRig {
  now: Millis = millis(100_000);
  readonly context: SfuContext;
  readonly pool = new PacketPool(512);
  /** Keyframe requests that left: layer index and time. */
  readonly requests: { readonly at: number; readonly layer: number }[] = [];
  #nextId = 1;

  constructor(gsoPadding = false) {
    this.context = new SfuContext(copyBytes, { gsoPadding });
  }

  track(media: Partial<IncomingMedia> = {}): Track {
    return new Track({
      id: this.#nextId++ as TrackId,
      media: incomingMedia(media),
      source: { requestKeyframe: (at, _ssrc, layer) => void this.requests.push({ at, layer }) },
      context: this.context,
    });
  }

  slot(media?: Partial<OutgoingMedia>): { slot: Slot; outlet: FakeOutlet };
  slot<Kind extends Outlet>(
    media: Partial<OutgoingMedia>,
    outlet: Kind,
  ): { slot: Slot; outlet: Kind };
  slot(media: Partial<OutgoingMedia> = {}, outlet: Outlet = new FakeOutlet()) {
    const slot = new Slot({
      id: this.#nextId++ as SlotId,
      media: outgoingMedia(media),
      outlet,
      context: this.context,
      firstSequenceNumber: 500,
    });
    return { slot, outlet };
  }

  /** A slot that takes `track`, up to the layers given. */
  subscribe(
    track: Track,
    layers = { spatial: 9, temporal: 7 },
    media: Partial<OutgoingMedia> = {},
  ): { slot: Slot; outlet: FakeOutlet } {
    const { slot, outlet } = this.slot(media);
    slot.assign(this.now, track, layers);
    return { slot, outlet };
  }

  /** One turn in which these packets arrived. */
  deliver(track: Track, layer: Layer, packets: readonly Uint8Array[]): void {
    for (const bytes of packets) {
      const packet = this.pool.take();
      if (packet === null || !packet.view.parse(bytes, 0, bytes.length))
        throw new Error('the test made a malformed packet');
      layer.setSsrc(packet.view.ssrc);
      track.receive(this.now, layer, packet);
    }
    this.turn();
  }

  /** The end of a turn, as the worker does it. */
  turn(): void {
    const { context, now } = this;
    for (const layer of context.dirty.splice(0)) layer.flush(now);
    this.pool.reset();
    for (const slot of context.replaying) slot.replay(now);
    for (const layer of context.wanting) {
      if (layer.keyframes.poll(now)) layer.track.requestKeyframe(now, layer);
      if (!layer.keyframes.isWanted) context.wanting.delete(layer);
    }
  }

  /** Lets time pass; a turn every `stepMs`. */
  pass(durationMs: number, stepMs = 5): void {
    const end = this.now + durationMs;
    while (this.now < end) {
      this.now = millis(Math.min(end, this.now + stepMs));
      this.turn();
    }
  }

  events(): SfuEvent[] {
    return this.context.events.splice(0);
  }
}
