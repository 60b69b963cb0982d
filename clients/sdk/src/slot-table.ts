import type { SlotEmptyReason, SlotState } from '@switchyard/core/signal';

/** What a slot shows, and what it will show from some frame on. */
export interface SlotEntry {
  readonly mid: string;
  /** Bound for the page now. */
  readonly shown: string | null;
  /** Follows when its first frame is on the screen; null when nothing is pending. */
  readonly next: { readonly trackSid: string; readonly rtpTimestamp: number | null } | null;
}

export type SlotChange =
  | { readonly kind: 'bind'; readonly mid: string; readonly trackSid: string }
  | { readonly kind: 'unbind'; readonly mid: string; readonly trackSid: string }
  /** Watch this slot's frames, then call `swap`. Without a timestamp more news will come. */
  | { readonly kind: 'await'; readonly mid: string; readonly rtpTimestamp: number | null }
  /** The track has the slot, but nothing comes for now; null: it comes. */
  | { readonly kind: 'reason'; readonly trackSid: string; readonly reason: SlotEmptyReason | null };

/**
 * Which track stands in which receive slot. A slot that goes over from one picture to another keeps
 * showing the old one until the new one's first frame, as the browser does: so name and picture
 * change together.
 */
export class SlotTable {
  readonly #entries = new Map<string, SlotEntry>();

  get entries(): ReadonlyMap<string, SlotEntry> {
    return this.#entries;
  }

  /** The slot bound to a track now. */
  midOf(trackSid: string): string | null {
    for (const entry of this.#entries.values()) {
      if (entry.shown === trackSid) return entry.mid;
    }
    return null;
  }

  /** Takes what the server said; with `isWhole`, slots that are not in the list are empty. */
  apply(slots: readonly SlotState[], isWhole = false): SlotChange[] {
    const changes: SlotChange[] = [];
    if (isWhole) {
      const told = new Set(slots.map(({ mid }) => mid));
      for (const mid of this.#entries.keys()) if (!told.has(mid)) this.#empty(mid, changes);
    }
    // First what becomes free: a track that moves leaves its old slot before it has a new one.
    for (const slot of slots) {
      if (slot.trackSid === null) this.#empty(slot.mid, changes);
    }
    for (const slot of slots) {
      if (slot.trackSid === null) continue;
      this.#fill(slot, slot.trackSid, changes);
      changes.push({ kind: 'reason', trackSid: slot.trackSid, reason: slot.reason ?? null });
    }
    return changes;
  }

  /** The awaited frame is on the screen (or was waited for long enough). */
  swap(mid: string): SlotChange[] {
    const entry = this.#entries.get(mid);
    if (!entry?.next) return [];
    const changes: SlotChange[] = [];
    this.#bind(mid, entry.next.trackSid, changes);
    return changes;
  }

  /** A track ended: whatever slot it stood in is empty. */
  forget(trackSid: string): SlotChange[] {
    const changes: SlotChange[] = [];
    for (const entry of [...this.#entries.values()]) {
      if (entry.next?.trackSid === trackSid) this.#entries.set(entry.mid, { ...entry, next: null });
      if (entry.shown === trackSid) {
        if (entry.next) this.#bind(entry.mid, entry.next.trackSid, changes);
        else this.#empty(entry.mid, changes);
      }
    }
    return changes;
  }

  /** A new connection: every slot is empty. */
  clear(): SlotChange[] {
    const changes = this.apply([], true);
    this.#entries.clear();
    return changes;
  }

  #fill(slot: SlotState, trackSid: string, changes: SlotChange[]): void {
    const { mid } = slot;
    const entry = this.#entries.get(mid);
    if (entry?.shown === trackSid) {
      this.#entries.set(mid, { ...entry, next: null });
      return;
    }
    if (!entry || entry.shown === null) {
      this.#bind(mid, trackSid, changes);
      return;
    }
    const rtpTimestamp = slot.rtpTimestamp ?? null;
    this.#entries.set(mid, { ...entry, next: { trackSid, rtpTimestamp } });
    changes.push({ kind: 'await', mid, rtpTimestamp });
  }

  #bind(mid: string, trackSid: string, changes: SlotChange[]): void {
    const old = this.#entries.get(mid)?.shown;
    if (old) changes.push({ kind: 'unbind', mid, trackSid: old });
    const elsewhere = this.midOf(trackSid);
    if (elsewhere !== null && elsewhere !== mid) this.#empty(elsewhere, changes);
    this.#entries.set(mid, { mid, shown: trackSid, next: null });
    changes.push({ kind: 'bind', mid, trackSid });
  }

  #empty(mid: string, changes: SlotChange[]): void {
    const entry = this.#entries.get(mid);
    if (entry?.shown) changes.push({ kind: 'unbind', mid, trackSid: entry.shown });
    this.#entries.set(mid, { mid, shown: null, next: null });
  }
}

/** Whether RTP timestamp `a` is at or after `b`, modulo 2^32 (RFC 3550 §5.1). */
export function isAtOrAfter(a: number, b: number): boolean {
  return (a - b) >>> 0 < 0x80000000;
}
