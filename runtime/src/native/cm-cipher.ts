import { putU32, u32 } from '@switchyard/core/base';
import type { SrtpCipher, SrtpProfile, SrtpSessionKeys } from '@switchyard/core/srtp';
import { NativeMemory, NULL, type Pointer, withSecret } from './memory.ts';
import { evp } from './openssl.ts';
import type { PacketSlab } from './slab.ts';

const TAG = 10;
const RTCP_HEADER = 8;
const ENCRYPTED = 0x80000000;
const SHA1_LENGTH = 20;

/** Scratch of the thread: read or written within one call. */
const { bytes: iv, base: ivPointer } = new NativeMemory(16);
const { bytes: digest, base: digestPointer } = new NativeMemory(SHA1_LENGTH);
const receivedTag = new Uint8Array(TAG);

/**
 * AES in counter mode with an 80-bit HMAC-SHA1 tag, for one direction of one transport: RFC 3711 §4.
 * Needed for peers without AEAD; costs about twice as much.
 */
export class CmCipher implements SrtpCipher {
  readonly profile: SrtpProfile = 'AES_CM_128_HMAC_SHA1_80';
  readonly bytes: Uint8Array;
  readonly #slab: PacketSlab;
  readonly #rtpSalt: Uint8Array;
  readonly #rtcpSalt: Uint8Array;
  #rtp: Pointer;
  #rtcp: Pointer;
  #rtpMac: Pointer;
  #rtcpMac: Pointer;

  constructor(keys: SrtpSessionKeys, slab: PacketSlab) {
    this.bytes = slab.bytes;
    this.#slab = slab;
    this.#rtpSalt = Uint8Array.from(keys.rtpSalt);
    this.#rtcpSalt = Uint8Array.from(keys.rtcpSalt);
    this.#rtp = openCipher(keys.rtpKey);
    this.#rtcp = openCipher(keys.rtcpKey);
    this.#rtpMac = openMac(keys.rtpAuthKey);
    this.#rtcpMac = openMac(keys.rtcpAuthKey);
  }

  sealRtp(
    at: number,
    headerLength: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): number {
    if (length < headerLength) throw new Error('an RTP header longer than its packet');
    this.#slab.assertInside(at, length + TAG);
    this.#transformRtp(at + headerLength, length - headerLength, ssrc, roc, sequenceNumber);
    putU32(this.bytes, at + length, roc); // authenticated behind the packet, where the tag goes next
    this.#authenticate(this.#rtpMac, at, length + 4);
    this.#writeTag(at + length);
    return length + TAG;
  }

  openRtp(
    at: number,
    headerLength: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): number {
    const plainLength = length - TAG;
    if (plainLength < headerLength) return -1;
    this.#slab.assertInside(at, length);
    const tagAt = at + plainLength;
    for (let i = 0; i < TAG; i++) receivedTag[i] = this.bytes[tagAt + i]!;
    putU32(this.bytes, tagAt, roc);
    this.#authenticate(this.#rtpMac, at, plainLength + 4);
    for (let i = 0; i < 4; i++) this.bytes[tagAt + i] = receivedTag[i]!;
    if (!this.#tagMatches(tagAt)) return -1;
    this.#transformRtp(at + headerLength, plainLength - headerLength, ssrc, roc, sequenceNumber);
    return plainLength;
  }

  /** Authentication comes before decryption here: a failure has changed nothing. */
  undoOpenRtp(): void {}

  sealRtcp(at: number, length: number, index: number): number {
    if (length < RTCP_HEADER) throw new Error('an RTCP packet without a header');
    this.#slab.assertInside(at, length + 4 + TAG);
    this.#transformRtcp(at, length, index);
    putU32(this.bytes, at + length, (ENCRYPTED | index) >>> 0);
    this.#authenticate(this.#rtcpMac, at, length + 4);
    this.#writeTag(at + length + 4);
    return length + 4 + TAG;
  }

  openRtcp(at: number, length: number): number {
    const tagAt = at + length - TAG;
    const plainLength = length - TAG - 4;
    if (plainLength < RTCP_HEADER) return -1;
    this.#slab.assertInside(at, length);
    this.#authenticate(this.#rtcpMac, at, plainLength + 4);
    if (!this.#tagMatches(tagAt)) return -1;
    const word = u32(this.bytes, at + plainLength);
    if (word >= ENCRYPTED) this.#transformRtcp(at, plainLength, word & 0x7fffffff);
    return plainLength;
  }

  close(): void {
    if (this.#rtp !== NULL) {
      evp.freeCipherCtx(this.#rtp);
      evp.freeCipherCtx(this.#rtcp);
      evp.freeHmac(this.#rtpMac);
      evp.freeHmac(this.#rtcpMac);
    }
    this.#rtp = NULL;
    this.#rtcp = NULL;
    this.#rtpMac = NULL;
    this.#rtcpMac = NULL;
    this.#rtpSalt.fill(0);
    this.#rtcpSalt.fill(0);
  }

  /** (salt << 16) xor (SSRC << 64) xor (index << 16). RFC 3711 §4.1.1. */
  #transformRtp(
    payloadAt: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): void {
    const salt = this.#rtpSalt;
    setIv(salt, ssrc);
    iv[8] = salt[8]! ^ (roc >>> 24);
    iv[9] = salt[9]! ^ (roc >>> 16);
    iv[10] = salt[10]! ^ (roc >>> 8);
    iv[11] = salt[11]! ^ roc;
    iv[12] = salt[12]! ^ (sequenceNumber >>> 8);
    iv[13] = salt[13]! ^ sequenceNumber;
    this.#transform(this.#rtp, payloadAt, length);
  }

  #transformRtcp(at: number, length: number, index: number): void {
    const salt = this.#rtcpSalt;
    setIv(salt, u32(this.bytes, at + 4));
    iv[8] = salt[8]!;
    iv[9] = salt[9]!;
    iv[10] = salt[10]! ^ (index >>> 24);
    iv[11] = salt[11]! ^ (index >>> 16);
    iv[12] = salt[12]! ^ (index >>> 8);
    iv[13] = salt[13]! ^ index;
    this.#transform(this.#rtcp, at + RTCP_HEADER, length - RTCP_HEADER);
  }

  #transform(ctx: Pointer, at: number, length: number): void {
    if (ctx === NULL) throw new Error('the cipher is closed');
    if (length === 0) return;
    evp.encryptInit(ctx, NULL, 0, NULL, ivPointer);
    evp.cipher(ctx, this.#slab.base + at, this.#slab.base + at, length);
  }

  #authenticate(mac: Pointer, at: number, length: number): void {
    if (mac === NULL) throw new Error('the cipher is closed');
    evp.hmacInit(mac, NULL, 0, NULL, 0);
    evp.hmacUpdate(mac, this.#slab.base + at, length);
    evp.hmacFinal(mac, digestPointer, 0);
  }

  #writeTag(at: number): void {
    for (let i = 0; i < TAG; i++) this.bytes[at + i] = digest[i]!;
  }

  /** In constant time. */
  #tagMatches(at: number): boolean {
    let difference = 0;
    for (let i = 0; i < TAG; i++) difference |= this.bytes[at + i]! ^ digest[i]!;
    return difference === 0;
  }
}

function setIv(salt: Uint8Array, ssrc: number): void {
  for (let i = 0; i < 4; i++) iv[i] = salt[i]!;
  iv[4] = salt[4]! ^ (ssrc >>> 24);
  iv[5] = salt[5]! ^ (ssrc >>> 16);
  iv[6] = salt[6]! ^ (ssrc >>> 8);
  iv[7] = salt[7]! ^ ssrc;
}

function openCipher(key: Uint8Array): Pointer {
  const ctx = evp.newCipherCtx();
  const isReady =
    ctx !== NULL &&
    withSecret(key, (pointer) => evp.encryptInit(ctx, evp.aes128Ctr(), 0, pointer, NULL)) === 1;
  if (!isReady) throw new Error('OpenSSL refuses AES-CTR');
  return ctx;
}

function openMac(key: Uint8Array): Pointer {
  const mac = evp.newHmac();
  const isReady =
    mac !== NULL &&
    withSecret(key, (pointer) => evp.hmacInit(mac, pointer, key.length, evp.sha1(), 0)) === 1;
  if (!isReady) throw new Error('OpenSSL refuses HMAC-SHA1');
  return mac;
}
