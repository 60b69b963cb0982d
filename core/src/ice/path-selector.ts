import { earlier, type Millis, NEVER, type Random } from '../base/index.ts';
import type { StunCrypto, StunView } from '../stun/index.ts';
import type { CredentialPair } from './credentials.ts';
import type { IceLiteEvent } from './ice-lite-events.ts';
import { PathProbe } from './path-probe.ts';
import { creditPath, type Path, PathTable } from './path-table.ts';
import { SwitchLimiter } from './switch-limiter.ts';

/** Firefox nominates every pair at once; in this time the highest priority wins. RFC 5245 §8.1.1.2. */
const AGGRESSIVE_NOMINATION_MS = 2000;

/**
 * A selected path without a check for so long has lost to one that is checked: a NAT has given the
 * peer a new port. More than Firefox's longest gap, 5.6 s.
 */
const STALE_MS = 8000;

/**
 * Decides where a lite agent sends: the first path that sends a check, then the last one nominated,
 * changed only to an address that has proved to be there, and not too often. SEC-ICE-03.
 *
 * A check proves who wrote it, not who sent it: whoever has seen one can send it again from anywhere. So a
 * path that has proved nothing never takes the media from a proved one that is alive, and gives it back as
 * soon as a proved one is heard again.
 */
export class PathSelector {
  readonly #events: IceLiteEvent[];
  readonly #paths = new PathTable();
  readonly #probe: PathProbe;
  readonly #switches = new SwitchLimiter();
  #selected: Path | null = null;
  /** The path that is to be selected once it is proved and a change is allowed. */
  #nominee: Path | null = null;
  #isNomineeApproved = false;

  /** @param events the agent's queue, to which decisions are appended. */
  constructor(crypto: StunCrypto, random: Random, events: IceLiteEvent[]) {
    this.#events = events;
    this.#probe = new PathProbe(crypto, random);
  }

  get selected(): Path | null {
    return this.#selected;
  }

  get wantsTraffic(): boolean {
    return this.#nominee !== null || this.#selected?.isVerified === false;
  }

  get transmitTuple(): number {
    return this.#probe.path?.tuple ?? -1;
  }

  /** Notes an authentic check of `length` bytes; makes the path when it is new. */
  hear(now: Millis, tuple: number, priority: number, length: number): Path {
    const path = this.#paths.find(tuple) ?? this.#addPath(now, tuple);
    path.lastHeard = now;
    path.priority = priority;
    creditPath(path, length);
    if (this.#selected === null) this.#select(now, path);
    if (now - this.#selected!.lastHeard >= STALE_MS)
      this.propose(now, path); // selected above
    else this.#returnTo(now, path);
    if (path === this.#selected && !path.isVerified && this.#probe.path === null)
      this.#probe.start(now, path);
    return path;
  }

  /** Takes a USE-CANDIDATE. */
  nominate(now: Millis, path: Path): void {
    const rival = this.#nominee ?? this.#selected;
    const isOutranked =
      rival !== null &&
      rival !== path &&
      now - rival.nominatedAt < AGGRESSIVE_NOMINATION_MS &&
      rival.priority > path.priority;
    path.nominatedAt = now;
    if (!isOutranked) this.propose(now, path);
  }

  /** Makes `path` the one to be selected: at once if it is proved, else after a probe. */
  propose(now: Millis, path: Path): void {
    if (path === this.#nominee) return;
    // While nothing is proved of the selected path, its word does not end the probe of another.
    if (path === this.#selected && !path.isVerified && this.#nominee !== null) return;
    if (this.#nominee === this.#probe.path) this.#probe.stop();
    this.#isNomineeApproved = false;
    if (path === this.#selected) {
      this.#nominee = null;
      return;
    }
    this.#nominee = path;
    if (path.isVerified) this.#approve(now);
    else this.#probe.start(now, path);
  }

  handleResponse(
    now: Millis,
    response: StunView,
    tuple: number,
    credentials: CredentialPair,
  ): boolean {
    const path = this.#probe.path;
    if (path === null || !this.#probe.isAnswer(response, tuple, credentials)) return false;
    this.#verify(now, path);
    return true;
  }

  /** Counts something that is not known to be authentic: it may be answered, but proves no life. */
  noteArrived(tuple: number, length: number): void {
    const path = this.#paths.find(tuple);
    if (path !== null) creditPath(path, length);
  }

  /** Counts something authentic. */
  noteReceived(now: Millis, tuple: number, length: number): void {
    const path = this.#paths.find(tuple);
    if (path === null) return;
    path.lastHeard = now;
    creditPath(path, length);
    this.#returnTo(now, path);
  }

  /** Whether `tuple` has proved to be the peer's, and something authentic came from there lately. */
  holds(now: Millis, tuple: number): boolean {
    const path = this.#paths.find(tuple);
    return path !== null && isHeld(now, path);
  }

  noteDelivered(now: Millis, tuple: number): void {
    const path = this.#paths.find(tuple);
    if (path !== null && !path.isVerified) this.#verify(now, path);
  }

  /** A new ICE generation nominates anew. */
  forgetNominations(): void {
    this.#paths.forgetNominations();
  }

  /** Consent is lost: every address has to prove itself again. */
  forgetProofs(): void {
    this.#paths.forgetProofs();
  }

  handleTimeout(now: Millis): void {
    if (this.#probe.hasExpired(now)) this.#endProbe(now);
    this.#trySwitch(now);
  }

  nextTimeout(): Millis {
    const switching = this.#isNomineeApproved ? this.#switches.allowedAt : NEVER;
    return earlier(this.#probe.nextTimeout(), switching);
  }

  pollTransmit(now: Millis, credentials: CredentialPair, out: Uint8Array, at: number): number {
    return this.#probe.poll(now, credentials, out, at);
  }

  #addPath(now: Millis, tuple: number): Path {
    const path: Path = {
      tuple,
      priority: 0,
      lastHeard: now,
      nominatedAt: Number.NEGATIVE_INFINITY,
      isVerified: false,
      allowance: 0,
    };
    const released = this.#paths.add(path, this.#selected, this.#nominee);
    if (released !== null) {
      if (this.#probe.path === released) this.#probe.stop();
      this.#events.push({ kind: 'tupleReleased', tuple: released.tuple });
    }
    this.#events.push({ kind: 'tupleValidated', tuple });
    return path;
  }

  #approve(now: Millis): void {
    this.#isNomineeApproved = true;
    this.#trySwitch(now);
  }

  #trySwitch(now: Millis): void {
    const nominee = this.#nominee;
    if (nominee === null || !this.#isNomineeApproved || now < this.#switches.allowedAt) return;
    this.#select(now, nominee);
  }

  #select(now: Millis, path: Path): void {
    if (this.#selected !== null) this.#switches.note(now);
    this.#selected = path;
    this.#nominee = null;
    this.#isNomineeApproved = false;
    this.#events.push({ kind: 'tupleSelected', tuple: path.tuple });
  }

  #verify(now: Millis, path: Path): void {
    path.isVerified = true;
    if (this.#probe.path === path) this.#probe.stop();
    if (this.#nominee === path) this.#approve(now);
  }

  /** A proved path is alive while an unproved one has the media. */
  #returnTo(now: Millis, path: Path): void {
    if (path.isVerified && this.#selected?.isVerified === false) this.propose(now, path);
  }

  /**
   * The probe went unanswered. A nominee then wins only over a path that has been silent as well (the
   * address has moved, and the browser has ceased to answer checks), and stays within its allowance. A
   * proved path is given longer than the longest gap between two checks.
   */
  #endProbe(now: Millis): void {
    const { path, startedAt } = this.#probe;
    const selected = this.#selected;
    this.#probe.stop();
    if (path !== this.#nominee || selected === null) return;
    if (selected.lastHeard < startedAt && !isHeld(now, selected)) this.#isNomineeApproved = true;
    else this.#nominee = null;
  }
}

const isHeld = (now: Millis, path: Path): boolean =>
  path.isVerified && now - path.lastHeard < STALE_MS;
