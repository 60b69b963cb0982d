import { after, earlier, type Millis, NEVER } from '@switchyard/core/base';
import type { TrackId } from '@switchyard/core/media-api';

/** Loudness (0 silent to 127, RFC 6464 turned around) from which somebody may be speaking: -50 dBov. */
const SPEECH = 77;

/** Speech lasts this long before it counts, so that a cough or a key stroke does not, ms. */
const ATTACK_MS = 300;

/** Pauses up to this long belong to the speech, ms. */
const HOLD_MS = 1_500;

/** Somebody must be so much louder than a speaker before him in the order to pass him, dB. */
const CLEARLY_LOUDER = 6;

interface Voice {
  loudness: number;
  /** Since when without a pause; NEVER while silent. */
  since: Millis;
  lastHeardAt: Millis;
  speaking: boolean;
  /** The last instant of speech that counted; -Infinity when there was none. */
  lastSpokeAt: number;
}

/** Tells who speaks from audio levels, with hysteresis in time and loudness so that it does not flicker. */
export class ActiveSpeakers {
  readonly #voices = new Map<TrackId, Voice>();
  #order: TrackId[] = [];

  /** A level of a track; the worker reports every 200 ms while it hears something. */
  handleLevel(now: Millis, track: TrackId, loudness: number): void {
    let voice = this.#voices.get(track);
    if (voice === undefined) {
      if (loudness < SPEECH) return;
      voice = {
        loudness,
        since: NEVER,
        lastHeardAt: now,
        speaking: false,
        lastSpokeAt: Number.NEGATIVE_INFINITY,
      };
      this.#voices.set(track, voice);
    }
    voice.loudness = loudness;
    if (loudness < SPEECH) {
      if (!voice.speaking) voice.since = NEVER;
      return;
    }
    if (voice.since === NEVER) voice.since = now;
    voice.lastHeardAt = now;
    if (now - voice.since >= ATTACK_MS) voice.speaking = true;
    if (voice.speaking) voice.lastSpokeAt = now;
  }

  /** Ends the speech of those silent for too long and puts the order right. True when either changed. */
  update(now: Millis): boolean {
    for (const voice of this.#voices.values()) {
      if (now - voice.lastHeardAt < HOLD_MS) continue;
      voice.speaking = false;
      voice.since = NEVER;
      voice.loudness = 0;
    }
    const before = this.#order;
    const staying = before.filter((track) => this.#voices.get(track)?.speaking);
    const known = new Set(staying);
    for (const [track, voice] of this.#voices)
      if (voice.speaking && !known.has(track)) staying.push(track);
    this.#order = this.#sort(staying);
    return (
      this.#order.length !== before.length || this.#order.some((track, i) => track !== before[i])
    );
  }

  /** A track is gone or muted: its speech ends at once. */
  remove(track: TrackId): void {
    this.#voices.delete(track);
    this.#order = this.#order.filter((other) => other !== track);
  }

  /** Who speaks, loudest first. */
  get speakers(): readonly TrackId[] {
    return this.#order;
  }

  /** Loudness of a track now, 0..127; 0 when nothing is known. */
  loudness(track: TrackId): number {
    return this.#voices.get(track)?.loudness ?? 0;
  }

  /** When the track spoke last; -Infinity when it never did. */
  lastSpokeAt(track: TrackId): number {
    return this.#voices.get(track)?.lastSpokeAt ?? Number.NEGATIVE_INFINITY;
  }

  /** When somebody's speech ends if nothing more is heard. */
  nextTimeout(): Millis {
    let next = NEVER;
    for (const voice of this.#voices.values())
      if (voice.speaking) next = earlier(next, after(voice.lastHeardAt, HOLD_MS));
    return next;
  }

  /** Insertion sort that moves a track forward only past those it is clearly louder than. */
  #sort(tracks: readonly TrackId[]): TrackId[] {
    const sorted: TrackId[] = [];
    for (const track of tracks) {
      let at = sorted.length;
      const loudness = this.loudness(track);
      while (at > 0 && loudness >= this.loudness(sorted[at - 1]!) + CLEARLY_LOUDER) at--;
      sorted.splice(at, 0, track);
    }
    return sorted;
  }
}
