import { after, earlier, type Millis } from '@switchyard/core/base';
import type { TrackId, TransportQuality, WorkerLoad } from '@switchyard/core/media-api';
import type { Track } from '@switchyard/engine/sfu';
import type { WorkerState } from './worker-state.ts';

const LEVELS_MS = 200;
const REVIEW_MS = 1_000;
const QUALITY_MS = 2_000;
/** Quieter is silence: speech at a normal microphone is 60 and more. */
const AUDIBLE = 20;

/** What a worker does now and then: levels, layer choice, quality, load. */
export class Housekeeping {
  readonly #state: WorkerState;
  #levelsAt: Millis;
  #reviewAt: Millis;
  #qualityAt: Millis;
  #wasAudible = false;
  /** Tracks whose codec or layers changed since the last turn. */
  readonly #changed = new Set<number>();
  #load: WorkerLoad;
  #loadAt: Millis;
  #cpuBefore = process.cpuUsage();
  #inBefore = 0;
  #outBefore = 0;

  constructor(state: WorkerState, now: Millis) {
    this.#state = state;
    this.#levelsAt = after(now, LEVELS_MS);
    this.#reviewAt = after(now, REVIEW_MS);
    this.#qualityAt = after(now, QUALITY_MS);
    this.#loadAt = now;
    this.#load = {
      cpu: 0,
      packetsInPerSecond: 0,
      packetsOutPerSecond: 0,
      transports: 0,
      tracks: 0,
      slots: 0,
      residentSetSize: 0,
    };
  }

  /** A track's codec or set of layers has changed. */
  announce(track: number): void {
    this.#changed.add(track);
  }

  nextTimeout(): Millis {
    return earlier(this.#levelsAt, earlier(this.#reviewAt, this.#qualityAt));
  }

  handleTimeout(now: Millis): void {
    if (now >= this.#levelsAt) {
      this.#levelsAt = after(now, LEVELS_MS);
      this.#reportLevels(now);
      this.#reportTracks(now);
    }
    if (now >= this.#reviewAt) {
      this.#reviewAt = after(now, REVIEW_MS);
      for (const track of this.#state.tracks.values()) track.review(now);
    }
    if (now >= this.#qualityAt) {
      this.#qualityAt = after(now, QUALITY_MS);
      this.#measureLoad(now);
      this.#reportQuality(now);
    }
  }

  load(_now: Millis): WorkerLoad {
    return this.#load;
  }

  #reportLevels(now: Millis): void {
    const levels: number[] = [];
    for (const track of this.#state.tracks.values()) {
      if (track.kind !== 'audio' || track.muted) continue;
      const loudness = Math.round(track.meter.loudnessAt(now));
      if (loudness >= AUDIBLE) levels.push(track.id, loudness);
    }
    // One empty report tells that everybody has become silent.
    if (levels.length === 0 && !this.#wasAudible) return;
    this.#wasAudible = levels.length > 0;
    this.#state.notices.push({ kind: 'audioLevels', levels });
  }

  #reportTracks(now: Millis): void {
    for (const id of this.#changed) {
      const track = this.#state.tracks.get(id);
      if (track?.codec) this.#reportTrack(now, track, track.codec.matchKey);
    }
    this.#changed.clear();
  }

  #reportTrack(now: Millis, track: Track, matchKey: string): void {
    const name = track.media.codecs.find((codec) => codec.matchKey === matchKey)?.name ?? 'unknown';
    this.#state.notices.push({
      kind: 'trackActive',
      track: track.id as TrackId,
      matchKey,
      codec: name,
      layers: track.layers
        .filter((layer) => layer.isLive(now))
        .map((layer) => ({
          index: layer.index,
          rid: track.media.rids[layer.index] ?? '',
          width: layer.width,
          height: layer.height,
          bitrateBps: layer.rate.bitrateBps(now),
        })),
    });
  }

  #reportQuality(now: Millis): void {
    const transports: TransportQuality[] = [];
    for (const peer of this.#state.peers.byId.values())
      transports.push(peer.session.takeQuality(now));
    if (transports.length > 0) this.#state.notices.push({ kind: 'transportQuality', transports });
    this.#state.notices.push({ kind: 'load', load: this.#load });
  }

  #measureLoad(now: Millis): void {
    const { counters, peers, tracks, slots } = this.#state;
    const cpu = process.cpuUsage(this.#cpuBefore);
    const elapsedMs = now - this.#loadAt;
    const incoming = counters.rtpReceived + counters.pipedReceived;
    this.#load = {
      cpu: (cpu.user + cpu.system) / 1000 / elapsedMs,
      packetsInPerSecond: ((incoming - this.#inBefore) * 1000) / elapsedMs,
      packetsOutPerSecond: ((counters.sent - this.#outBefore) * 1000) / elapsedMs,
      transports: peers.size,
      tracks: tracks.size,
      slots: slots.size,
      residentSetSize: process.memoryUsage.rss(),
      dropped: counters.drops(),
    };
    this.#cpuBefore = process.cpuUsage();
    this.#inBefore = incoming;
    this.#outBefore = counters.sent;
    this.#loadAt = now;
  }
}
