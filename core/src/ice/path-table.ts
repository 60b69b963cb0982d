import type { Millis } from '../base/index.ts';

/** More addresses than this nobody has at once; the table must not be a peer's memory. SEC-ICE-03. */
const MAX_PATHS = 8;

/** An unproved address may be sent this many times what came from it. SEC-ICE-03. */
const AMPLIFICATION = 3;

/** One source address that sent an authentic check. */
export interface Path {
  /** The owner's handle of the address. */
  readonly tuple: number;
  /** From the last check. RFC 8445 §5.1.2. */
  priority: number;
  /** When something authentic last came from there; media is noted about once a second. */
  lastHeard: Millis;
  /** When it last was nominated; -Infinity when never. */
  nominatedAt: number;
  /** Whether something that we sent there has provably arrived. */
  isVerified: boolean;
  /** Bytes that may still be sent while not verified. */
  allowance: number;
}

/** The paths of one transport, at most 8; the one silent longest makes room, unproved ones before proved ones. */
export class PathTable {
  readonly #paths: Path[] = [];

  get size(): number {
    return this.#paths.length;
  }

  find(tuple: number): Path | null {
    for (const path of this.#paths) if (path.tuple === tuple) return path;
    return null;
  }

  /** Adds a path; returns the one that had to go, null when none. `kept` and `alsoKept` never go. */
  add(path: Path, kept: Path | null, alsoKept: Path | null): Path | null {
    this.#paths.push(path);
    if (this.#paths.length <= MAX_PATHS) return null;
    let oldest: Path | null = null;
    for (const other of this.#paths) {
      if (other === path || other === kept || other === alsoKept) continue;
      if (oldest === null || isLessWorth(other, oldest)) oldest = other;
    }
    this.#paths.splice(this.#paths.indexOf(oldest!), 1); // 9 paths, 3 of them kept
    return oldest;
  }

  /** What was proved about addresses is worth nothing once consent is lost: others may have them now. */
  forgetProofs(): void {
    for (const path of this.#paths) {
      path.isVerified = false;
      path.allowance = 0;
    }
  }

  /** A new ICE generation nominates anew; what was proved about an address stays proved. */
  forgetNominations(): void {
    for (const path of this.#paths) path.nominatedAt = Number.NEGATIVE_INFINITY;
  }
}

function isLessWorth(path: Path, than: Path): boolean {
  if (path.isVerified !== than.isVerified) return than.isVerified;
  return path.lastHeard < than.lastHeard;
}

/** Counts `length` bytes that came over `path`. */
export function creditPath(path: Path, length: number): void {
  if (!path.isVerified) path.allowance += AMPLIFICATION * length;
}

/** Takes `length` bytes to send over `path`; false when that is more than came in allows. */
export function debitPath(path: Path, length: number): boolean {
  if (path.isVerified) return true;
  if (path.allowance < length) return false;
  path.allowance -= length;
  return true;
}
