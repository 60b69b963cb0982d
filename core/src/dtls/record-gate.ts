import { type Millis, u16, u24 } from '@switchyard/core/base';

/** What the gate says about a datagram: 0 lets it pass, anything else is the reason to drop it. */
export const GateVerdict = {
  pass: 0,
  /** A header is cut, or a length runs past its end. */
  truncated: 1,
  /** Content type other than 20..23, version other than DTLS 1.0/1.2, epoch above 1. */
  foreign: 2,
  /** An encrypted record too short to hold nonce and tag, or longer than any may be. */
  badProtectedLength: 3,
  /** Plaintext of a type that has no business at this time. */
  unexpectedPlaintext: 4,
  /** A plaintext handshake fragment whose lengths contradict each other or are absurd. */
  badFragment: 5,
  /** A handshake message too far ahead of the one awaited. */
  tooFarAhead: 6,
  /** Too many repetitions of the handshake after its end. */
  rateLimited: 7,
  /** Fragments whose messages, all awaited together, would take too much memory. */
  tooMuchAnnounced: 8,
} as const;
export type GateVerdict = (typeof GateVerdict)[keyof typeof GateVerdict];

const VERDICT_COUNT = 9;

const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

const RECORD_HEADER_LENGTH = 13;
const HANDSHAKE_HEADER_LENGTH = 12;

/** 2^14 of payload and 2^11 of expansion. RFC 5246 §6.2.3. */
const MAX_PROTECTED_LENGTH = 18_432;
/** Explicit nonce and tag of AES-GCM. RFC 5288 §3. */
const MIN_GCM_LENGTH = 24;
/** Tag and one byte of ChaCha20-Poly1305, whose nonce is implicit. RFC 7905 §2. */
const MIN_CHACHA20_LENGTH = 17;
/** The longest handshake message, certificates included. */
const MAX_MESSAGE_LENGTH = 16_384;
/** A whole flight has fewer messages than this. */
const MAX_MESSAGES_AHEAD = 8;
/** Messages that may be in pieces at once: the awaited one and those ahead of it. */
const WINDOW = MAX_MESSAGES_AHEAD + 1;
/** What they may announce in sum: one long certificate list, and as much again. */
const MAX_ANNOUNCED_LENGTH = 2 * MAX_MESSAGE_LENGTH;
/** Datagrams with plaintext records a second after the handshake: the peer repeating its last flight. */
const MAX_LATE_HANDSHAKES_PER_SECOND = 20;

/**
 * Stands in front of a DTLS 1.2 implementation and lets through only datagrams whose every record
 * could belong to the association. It exists because OpenSSL before 3.5.9 ends an established
 * association for one unauthenticated record of epoch 1 that is too short (CVE-2026-75806), and
 * before 3.5.10 allocates the announced length of each stray fragment (CVE-2026-95690).
 *
 * One per association. Pure: it reads headers, decrypts nothing, allocates nothing.
 */
export class DtlsRecordGate {
  /** Datagrams by verdict. */
  readonly counts = new Uint32Array(VERDICT_COUNT);
  #isComplete = false;
  #minProtectedLength = MIN_GCM_LENGTH;
  /** The `message_seq` awaited next, as far as plaintext shows it. */
  #expectedMessage = 0;
  /** Announced lengths of the messages of the window, by `message_seq` modulo its size. */
  readonly #announced = new Uint16Array(WINDOW);
  #announcedLength = 0;
  #windowStart = 0;
  #lateHandshakes = 0;

  /** The handshake has finished; from now on plaintext is only a repetition of its last flight. */
  handshakeCompleted(suite: 'aesGcm' | 'chacha20Poly1305'): void {
    this.#isComplete = true;
    if (suite === 'chacha20Poly1305') this.#minProtectedLength = MIN_CHACHA20_LENGTH;
  }

  /** Judges one datagram as a whole: one bad record condemns those beside it. */
  check(now: Millis, buf: Uint8Array, at: number, length: number): GateVerdict {
    const verdict = this.#judge(now, buf, at, at + length);
    this.counts[verdict]!++;
    return verdict;
  }

  #judge(now: Millis, buf: Uint8Array, start: number, end: number): GateVerdict {
    if (start >= end) return GateVerdict.truncated;
    let hasPlaintext = false;
    let at = start;
    while (at < end) {
      if (end - at < RECORD_HEADER_LENGTH) return GateVerdict.truncated;
      const type = buf[at]!;
      const version = u16(buf, at + 1);
      const epoch = u16(buf, at + 3);
      const bodyAt = at + RECORD_HEADER_LENGTH;
      const bodyEnd = bodyAt + u16(buf, at + 11);
      if (bodyEnd > end) return GateVerdict.truncated;
      if (type < ContentType.changeCipherSpec || type > ContentType.applicationData)
        return GateVerdict.foreign;
      if ((version !== 0xfefd && version !== 0xfeff) || epoch > 1) return GateVerdict.foreign;
      if (epoch === 1) {
        const bodyLength = bodyEnd - bodyAt;
        if (bodyLength < this.#minProtectedLength || bodyLength > MAX_PROTECTED_LENGTH)
          return GateVerdict.badProtectedLength;
      } else {
        const verdict = this.#judgePlaintext(type, buf, bodyAt, bodyEnd);
        if (verdict !== GateVerdict.pass) return verdict;
        hasPlaintext = true;
      }
      at = bodyEnd;
    }
    return hasPlaintext && this.#isComplete && !this.#admitLateHandshake(now)
      ? GateVerdict.rateLimited
      : GateVerdict.pass;
  }

  /**
   * A client that lost our last flight repeats its own, ChangeCipherSpec included: dropping that
   * type would leave browsers `connecting` for ever. Plaintext alerts end nothing that is encrypted,
   * and plaintext application data never was ours.
   */
  #judgePlaintext(type: number, buf: Uint8Array, at: number, end: number): GateVerdict {
    if (at === end) return GateVerdict.badFragment;
    if (type === ContentType.handshake) return this.#judgeFragments(buf, at, end);
    if (type === ContentType.changeCipherSpec) return GateVerdict.pass;
    return type === ContentType.alert && !this.#isComplete
      ? GateVerdict.pass
      : GateVerdict.unexpectedPlaintext;
  }

  /** Walks the handshake fragments of one plaintext record. RFC 6347 §4.2.2. */
  #judgeFragments(buf: Uint8Array, start: number, end: number): GateVerdict {
    let at = start;
    while (at < end) {
      if (end - at < HANDSHAKE_HEADER_LENGTH) return GateVerdict.truncated;
      const total = u24(buf, at + 1);
      const sequence = u16(buf, at + 4);
      const offset = u24(buf, at + 6);
      const fragment = u24(buf, at + 9);
      at += HANDSHAKE_HEADER_LENGTH + fragment;
      if (at > end) return GateVerdict.truncated;
      if (total > MAX_MESSAGE_LENGTH || offset + fragment > total) return GateVerdict.badFragment;
      if (fragment === 0 && total > 0) return GateVerdict.badFragment;
      if (sequence > this.#expectedMessage + MAX_MESSAGES_AHEAD) return GateVerdict.tooFarAhead;
      if (sequence >= this.#expectedMessage && !this.#admitAnnounced(sequence % WINDOW, total))
        return GateVerdict.tooMuchAnnounced;
      // Only in order, so that no run of stray fragments can push the limit ahead of the handshake.
      if (sequence === this.#expectedMessage && offset + fragment === total) this.#expectNext();
    }
    return GateVerdict.pass;
  }

  /** The receiver may set the announced length aside with the first fragment of each message. */
  #admitAnnounced(place: number, total: number): boolean {
    const growth = total - this.#announced[place]!;
    if (growth <= 0) return true;
    if (this.#announcedLength + growth > MAX_ANNOUNCED_LENGTH) return false;
    this.#announced[place] = total;
    this.#announcedLength += growth;
    return true;
  }

  #expectNext(): void {
    const place = this.#expectedMessage++ % WINDOW;
    this.#announcedLength -= this.#announced[place]!;
    this.#announced[place] = 0;
  }

  #admitLateHandshake(now: Millis): boolean {
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#lateHandshakes = 0;
    }
    return ++this.#lateHandshakes <= MAX_LATE_HANDSHAKES_PER_SECOND;
  }
}
