import { type Random, randomU32 } from '@switchyard/core/base';
import type { SlotId, TrackId, TransportId } from '@switchyard/core/media-api';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Random text safe in URLs and file names: 6 bits a character. */
export function randomText(random: Random, length: number): string {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return Array.from(bytes, (byte) => LETTERS[byte & 63]!).join('');
}

/** What a sid names: its first two letters. */
export type SidPrefix = 'RM' | 'PA' | 'TR' | 'MS' | 'CA';

/** Makes the ids of a server's life. Numbers for workers count up and are never used again. */
export class Ids {
  readonly #random: Random;
  #transports = 0;
  #tracks = 0;
  #slots = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  transport = (): TransportId => ++this.#transports as TransportId;
  track = (): TrackId => ++this.#tracks as TrackId;
  slot = (): SlotId => ++this.#slots as SlotId;

  /** A public id, as `PA_x7Kq…`: unguessable, but not a secret. */
  sid(prefix: SidPrefix): string {
    return `${prefix}_${randomText(this.#random, 12)}`;
  }

  /** A secret with 192 bits. */
  secret(): string {
    return randomText(this.#random, 32);
  }

  /** Decimal digits for the o= line (RFC 8866 §5.2). */
  sdpSession(): string {
    return String(randomU32(this.#random) * 4096 + (randomU32(this.#random) >>> 20));
  }

  /** A synchronization source that `used` does not contain yet; it is added (RFC 3550 §8.1). */
  ssrc(used: Set<number>): number {
    for (;;) {
      const ssrc = randomU32(this.#random);
      if (ssrc === 0 || used.has(ssrc)) continue;
      used.add(ssrc);
      return ssrc;
    }
  }
}

/** Compares secrets in a time that does not depend on where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
