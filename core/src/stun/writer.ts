import { crc32, putU16, putU32, type TransportAddress } from '../base/index.ts';
import { addressValueLength, putXorAddress } from './address.ts';
import {
  FINGERPRINT_XOR,
  HEADER_LENGTH,
  MAGIC_COOKIE,
  STUN_REASONS,
  StunAttribute,
  type StunClass,
  TRANSACTION_ID_LENGTH,
} from './constants.ts';
import type { StunCrypto } from './crypto.ts';

const digest = new Uint8Array(32);
const encoder = new TextEncoder();

/**
 * Writes one STUN message at a time into the owner's buffer (RFC 8489 §5): `begin`, attributes in
 * order, check values last, `finish`. A message that does not fit is not finished: length 0.
 */
export class StunWriter {
  #buf: Uint8Array = new Uint8Array(0);
  #at = 0;
  #position = 0;
  #fits = false;

  /** Starts a message at `at` of `buf`, with the transaction id at `idAt` of `id`. */
  begin(
    buf: Uint8Array,
    at: number,
    messageClass: StunClass,
    method: number,
    id: Uint8Array,
    idAt: number,
  ): this {
    this.#buf = buf;
    this.#at = at;
    this.#position = at + HEADER_LENGTH;
    this.#fits = this.#position <= buf.length;
    if (!this.#fits) return this;
    const classBits = ((messageClass & 2) << 7) | ((messageClass & 1) << 4);
    putU16(buf, at, methodBits(method) | classBits);
    putU32(buf, at + 4, MAGIC_COOKIE);
    for (let i = 0; i < TRANSACTION_ID_LENGTH; i++) buf[at + 8 + i] = id[idAt + i]!;
    return this;
  }

  addBytes(type: number, value: Uint8Array): this {
    const valueAt = this.#add(type, value.length);
    if (valueAt >= 0) this.#buf.set(value, valueAt);
    return this;
  }

  /** Adds text as UTF-8. */
  addText(type: number, text: string): this {
    return this.addBytes(type, encoder.encode(text));
  }

  addU32(type: number, value: number): this {
    const valueAt = this.#add(type, 4);
    if (valueAt >= 0) putU32(this.#buf, valueAt, value);
    return this;
  }

  /** Adds an attribute without a value (USE-CANDIDATE, DONT-FRAGMENT). */
  addFlag(type: number): this {
    this.#add(type, 0);
    return this;
  }

  /** Adds XOR-MAPPED-ADDRESS or another XOR address. RFC 8489 §14.2. */
  addXorAddress(type: number, address: TransportAddress): this {
    const valueAt = this.#add(type, addressValueLength(address));
    if (valueAt >= 0) putXorAddress(this.#buf, valueAt, address, this.#at);
    return this;
  }

  /** Adds ERROR-CODE, 300..699, with its registered reason. RFC 8489 §14.8. */
  addError(code: number): this {
    const reason = encoder.encode(STUN_REASONS.get(code) ?? '');
    const valueAt = this.#add(StunAttribute.errorCode, 4 + reason.length);
    if (valueAt < 0) return this;
    putU16(this.#buf, valueAt, 0);
    this.#buf[valueAt + 2] = Math.trunc(code / 100);
    this.#buf[valueAt + 3] = code % 100;
    this.#buf.set(reason, valueAt + 4);
    return this;
  }

  /** Adds UNKNOWN-ATTRIBUTES with the first `count` of `types`. RFC 8489 §14.9. */
  addUnknownAttributes(types: Uint16Array, count: number): this {
    const valueAt = this.#add(StunAttribute.unknownAttributes, 2 * count);
    if (valueAt < 0) return this;
    for (let i = 0; i < count; i++) putU16(this.#buf, valueAt + 2 * i, types[i]!);
    return this;
  }

  /** Adds MESSAGE-INTEGRITY over all before it. RFC 8489 §14.5. */
  addIntegrity(crypto: StunCrypto, key: Uint8Array): this {
    const valueAt = this.#add(StunAttribute.messageIntegrity, 20);
    if (valueAt < 0) return this;
    this.#putLength();
    crypto.hmacSha1(key, this.#buf, this.#at, valueAt - 4 - this.#at, digest);
    for (let i = 0; i < 20; i++) this.#buf[valueAt + i] = digest[i]!;
    return this;
  }

  /** Adds FINGERPRINT; the last attribute. RFC 8489 §14.7. */
  addFingerprint(): this {
    const valueAt = this.#add(StunAttribute.fingerprint, 4);
    if (valueAt < 0) return this;
    this.#putLength();
    const crc = crc32(this.#buf, this.#at, valueAt - 4 - this.#at);
    putU32(this.#buf, valueAt, crc ^ FINGERPRINT_XOR);
    return this;
  }

  /** Completes the message; returns its length in bytes, 0 when the buffer was too small. */
  finish(): number {
    if (!this.#fits) return 0;
    this.#putLength();
    return this.#position - this.#at;
  }

  #putLength(): void {
    putU16(this.#buf, this.#at + 2, this.#position - this.#at - HEADER_LENGTH);
  }

  /** Makes room for an attribute with a value of `length` bytes; returns the value's offset, -1 without room. */
  #add(type: number, length: number): number {
    const valueAt = this.#position + 4;
    const end = valueAt + ((length + 3) & ~3);
    if (!this.#fits || end > this.#buf.length) {
      this.#fits = false;
      return -1;
    }
    putU16(this.#buf, this.#position, type);
    putU16(this.#buf, this.#position + 2, length);
    for (let i = valueAt + length; i < end; i++) this.#buf[i] = 0;
    this.#position = end;
    return valueAt;
  }
}

/** Spreads the 12 bits of a method around the two of the class. */
const methodBits = (method: number): number =>
  (method & 0xf) | ((method & 0x70) << 1) | ((method & 0xf80) << 2);
