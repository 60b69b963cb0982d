import { crc32, putU16, u16, u32 } from '../base/index.ts';
import {
  FINGERPRINT_XOR,
  HEADER_LENGTH,
  isUnderstood,
  MAGIC_COOKIE,
  StunAttribute,
  StunClass,
} from './constants.ts';
import type { StunCrypto } from './crypto.ts';

/** More unknown attributes than this are not listed in a 420; the answer must stay small. */
const MAX_UNKNOWN = 8;

const HMAC_SHA1_LENGTH = 20;
const digest = new Uint8Array(32);

/**
 * A reusable window on one STUN message (RFC 8489 §5, §14). `parse` moves it and makes no object; it
 * holds offsets into `buf`, -1 for what is absent, and is valid as long as those bytes are.
 *
 * Whatever follows an integrity attribute is not covered by it, so `find` stops there: only the
 * integrity attributes and FINGERPRINT themselves are seen behind (RFC 8489 §14.5).
 */
export class StunView {
  buf: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Bytes of the message: header and attributes. A datagram may have more behind it, ignored. */
  length = 0;
  messageClass: StunClass = StunClass.request;
  method = 0;
  /** Offsets of the attributes' headers, -1 when absent. */
  integrityAt = -1;
  integritySha256At = -1;
  fingerprintAt = -1;
  /** Comprehension-required attributes that we do not know, in order; the first `unknownCount`. */
  readonly unknown = new Uint16Array(MAX_UNKNOWN);
  unknownCount = 0;

  /** Where the attributes end that `find` may return. */
  #end = 0;

  /** Offset of the 12 bytes of transaction id. */
  get transactionIdAt(): number {
    return this.at + 8;
  }

  /**
   * Returns false, leaving the view unusable, when the bytes are not a STUN message. Tolerates what
   * peers send: padding of any value or missing at the end, and lengths that are no multiple of 4.
   */
  parse(buf: Uint8Array, at: number, length: number): boolean {
    if (length < HEADER_LENGTH || buf[at]! >= 0x40) return false;
    if (u32(buf, at + 4) !== MAGIC_COOKIE) return false;
    const messageLength = HEADER_LENGTH + u16(buf, at + 2);
    if (messageLength > length) return false;
    const type = u16(buf, at);
    this.buf = buf;
    this.at = at;
    this.length = messageLength;
    this.messageClass = (((type >> 7) & 2) | ((type >> 4) & 1)) as StunClass; // two bits
    this.method = (type & 0xf) | ((type >> 1) & 0x70) | ((type >> 2) & 0xf80);
    this.integrityAt = -1;
    this.integritySha256At = -1;
    this.fingerprintAt = -1;
    this.unknownCount = 0;
    return this.#scan();
  }

  /** Offset of the value of the first attribute of `type`; -1 when absent or not covered by the integrity. */
  find(type: number): number {
    return this.findAfter(type, this.at + HEADER_LENGTH - 4);
  }

  /**
   * Offset of the value of the next attribute of `type` behind the one whose value is at `valueAt`;
   * -1 when there is none. For attributes that repeat (XOR-PEER-ADDRESS).
   */
  findAfter(type: number, valueAt: number): number {
    const start = this.at + HEADER_LENGTH;
    let position = valueAt < start ? start : nextAttribute(this.buf, valueAt - 4);
    while (position + 4 <= this.#end) {
      if (u16(this.buf, position) === type) return position + 4;
      position = nextAttribute(this.buf, position);
    }
    return -1;
  }

  /** Length in bytes, without padding, of the value at `valueAt` as `find` returned it. */
  lengthOf(valueAt: number): number {
    return u16(this.buf, valueAt - 2);
  }

  /** Offset of the value of an attribute of exactly `length` bytes; -1 when absent or of another length. */
  findSized(type: number, length: number): number {
    const valueAt = this.find(type);
    return valueAt >= 0 && this.lengthOf(valueAt) === length ? valueAt : -1;
  }

  /** The error code 300..699 of an error response; 0 when there is no valid one. RFC 8489 §14.8. */
  get errorCode(): number {
    const valueAt = this.find(StunAttribute.errorCode);
    if (valueAt < 0 || this.lengthOf(valueAt) < 4) return 0;
    const hundreds = this.buf[valueAt + 2]! & 7;
    const rest = this.buf[valueAt + 3]!;
    return hundreds >= 3 && hundreds <= 6 && rest < 100 ? hundreds * 100 + rest : 0;
  }

  /** Whether this message answers the request whose transaction id is at `idAt` of `id`. */
  hasTransactionId(id: Uint8Array, idAt: number): boolean {
    for (let i = 0; i < 12; i++) if (this.buf[this.at + 8 + i] !== id[idAt + i]) return false;
    return true;
  }

  /** Verifies MESSAGE-INTEGRITY in constant time; false when absent. RFC 8489 §14.5. */
  hasValidIntegrity(crypto: StunCrypto, key: Uint8Array): boolean {
    const at = this.integrityAt;
    if (at < 0 || u16(this.buf, at + 2) !== HMAC_SHA1_LENGTH) return false;
    const saved = this.#endAt(at + 4 + HMAC_SHA1_LENGTH);
    crypto.hmacSha1(key, this.buf, this.at, at - this.at, digest);
    putU16(this.buf, this.at + 2, saved);
    return matches(this.buf, at + 4, HMAC_SHA1_LENGTH);
  }

  /** Verifies MESSAGE-INTEGRITY-SHA256, 16 to 32 bytes of it, in constant time. RFC 8489 §14.6. */
  hasValidIntegritySha256(crypto: StunCrypto, key: Uint8Array): boolean {
    const at = this.integritySha256At;
    if (at < 0 || crypto.hmacSha256 === undefined) return false;
    const length = u16(this.buf, at + 2);
    if (length < 16 || length > 32 || length % 4 !== 0) return false;
    const saved = this.#endAt(at + 4 + length);
    crypto.hmacSha256(key, this.buf, this.at, at - this.at, digest);
    putU16(this.buf, this.at + 2, saved);
    return matches(this.buf, at + 4, length);
  }

  /** Whether FINGERPRINT is right; false when absent. RFC 8489 §14.7. */
  hasValidFingerprint(): boolean {
    const at = this.fingerprintAt;
    if (at < 0 || u16(this.buf, at + 2) !== 4) return false;
    const saved = this.#endAt(at + 8);
    const expected = (crc32(this.buf, this.at, at - this.at) ^ FINGERPRINT_XOR) >>> 0;
    putU16(this.buf, this.at + 2, saved);
    return u32(this.buf, at + 4) === expected;
  }

  /**
   * Makes the header say that the message ends at `end`, as it did when the check value was computed.
   * Returns the length to restore: the bytes are the receive buffer's, lent for the time of one hash.
   */
  #endAt(end: number): number {
    const saved = u16(this.buf, this.at + 2);
    putU16(this.buf, this.at + 2, end - this.at - HEADER_LENGTH);
    return saved;
  }

  /** Walks the attributes once: bounds, check values, unknown ones. */
  #scan(): boolean {
    const { buf } = this;
    const end = this.at + this.length;
    this.#end = end;
    let position = this.at + HEADER_LENGTH;
    while (position + 4 <= end && this.fingerprintAt < 0) {
      const type = u16(buf, position);
      if (position + 4 + u16(buf, position + 2) > end) return false;
      this.#note(type, position);
      position = nextAttribute(buf, position);
    }
    return true;
  }

  #note(type: number, position: number): void {
    const isProtected = this.integrityAt >= 0 || this.integritySha256At >= 0;
    if (type === StunAttribute.fingerprint) this.fingerprintAt = position;
    else if (type === StunAttribute.messageIntegritySha256) {
      if (this.integritySha256At < 0) this.integritySha256At = position;
    } else if (isProtected) return;
    else if (type === StunAttribute.messageIntegrity) this.integrityAt = position;
    else {
      if (!isUnderstood(type) && this.unknownCount < MAX_UNKNOWN)
        this.unknown[this.unknownCount++] = type;
      return;
    }
    if (position < this.#end) this.#end = position;
  }
}

/** Offset of the attribute behind the one at `position`; values are padded to a multiple of 4. */
const nextAttribute = (buf: Uint8Array, position: number): number =>
  position + 4 + ((u16(buf, position + 2) + 3) & ~3);

/** Compares with the digest just computed, in time that depends on `length` alone. */
function matches(buf: Uint8Array, at: number, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= buf[at + i]! ^ digest[i]!;
  return difference === 0;
}
