import type { TrackId, WorkerId } from '@switchyard/core/media-api';
import type { Outbox } from './outbox.ts';
import type { Track } from './track.ts';

/**
 * Tracks carried from their publisher's worker to others, each as long as a slot there wants it.
 * Counted per track and receiving worker.
 */
export class Pipes {
  readonly #out: Outbox;
  readonly #users = new Map<TrackId, Map<WorkerId, number>>();

  constructor(out: Outbox) {
    this.#out = out;
  }

  /** A slot of worker `to` starts carrying the track. */
  acquire(track: Track, to: WorkerId): void {
    if (track.worker === to) return;
    let users = this.#users.get(track.id);
    if (users === undefined) {
      users = new Map();
      this.#users.set(track.id, users);
    }
    const count = users.get(to) ?? 0;
    users.set(to, count + 1);
    if (count > 0) return;
    this.#out.media(to, {
      kind: 'receivePipedTrack',
      track: track.id,
      from: track.worker,
      mediaKind: track.kind,
      media: track.incoming,
    });
    this.#out.media(track.worker, { kind: 'pipeTrack', track: track.id, to });
  }

  /** A slot of worker `to` no longer carries the track. */
  release(track: Track, to: WorkerId): void {
    const users = this.#users.get(track.id);
    const count = users?.get(to);
    if (users === undefined || count === undefined) return;
    if (count > 1) {
      users.set(to, count - 1);
      return;
    }
    users.delete(to);
    if (users.size === 0) this.#users.delete(track.id);
    this.#out.media(track.worker, { kind: 'unpipeTrack', track: track.id, to });
    this.#out.media(to, { kind: 'closeTrack', track: track.id });
  }

  /** Number of pipes, for tests and statistics. */
  get size(): number {
    let size = 0;
    for (const users of this.#users.values()) size += users.size;
    return size;
  }
}
