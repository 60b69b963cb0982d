import { putU32, u32 } from '@switchyard/core/base';
import type { SrtpCipher, SrtpProfile, SrtpSessionKeys } from '@switchyard/core/srtp';
import { NativeMemory, NULL, type Pointer, withSecret } from './memory.ts';
import { EvpCtrl, evp } from './openssl.ts';
import type { PacketSlab } from './slab.ts';

const TAG = 16;
/** Bytes of an RTCP packet that stay readable. */
const RTCP_HEADER = 8;
/** The E bit of the SRTCP index word: the packet is encrypted, not only authenticated. */
const ENCRYPTED = 0x80000000;

/** Built before each packet and read by OpenSSL at once, so one serves all ciphers of the thread. */
const { bytes: iv, base: ivPointer } = new NativeMemory(12);

/**
 * AES-GCM for one direction of one transport: RFC 7714. The key schedule is made once; a packet costs
 * five calls into OpenSSL (nonce, associated data, payload, end, tag) at some 50 ns each.
 */
export class GcmCipher implements SrtpCipher {
  readonly profile: SrtpProfile;
  readonly bytes: Uint8Array;
  readonly #slab: PacketSlab;
  readonly #rtpSalt: Uint8Array;
  readonly #rtcpSalt: Uint8Array;
  #rtp: Pointer;
  #rtcp: Pointer;
  readonly #restart: typeof evp.encryptInit;

  constructor(
    profile: 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM',
    keys: SrtpSessionKeys,
    slab: PacketSlab,
    direction: 'send' | 'receive',
  ) {
    this.profile = profile;
    this.bytes = slab.bytes;
    this.#slab = slab;
    this.#restart = direction === 'send' ? evp.encryptInit : evp.decryptInit;
    this.#rtpSalt = Uint8Array.from(keys.rtpSalt);
    this.#rtcpSalt = Uint8Array.from(keys.rtcpSalt);
    this.#rtp = this.#open(keys.rtpKey);
    this.#rtcp = this.#open(keys.rtcpKey);
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
    const ctx = this.#rtp;
    const start = this.#slab.base + at;
    this.#startRtp(ssrc, roc, sequenceNumber);
    evp.cipher(ctx, NULL, start, headerLength);
    this.#transform(ctx, start + headerLength, length - headerLength);
    evp.cipher(ctx, NULL, NULL, 0);
    evp.ctrl(ctx, EvpCtrl.getTag, TAG, start + length);
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
    const ctx = this.#rtp;
    const start = this.#slab.base + at;
    this.#startRtp(ssrc, roc, sequenceNumber);
    evp.cipher(ctx, NULL, start, headerLength);
    this.#transform(ctx, start + headerLength, plainLength - headerLength);
    evp.ctrl(ctx, EvpCtrl.setTag, TAG, start + plainLength);
    return evp.cipher(ctx, NULL, NULL, 0) < 0 ? -1 : plainLength;
  }

  /** Counter mode is its own inverse: the same key stream once more. */
  undoOpenRtp(
    at: number,
    headerLength: number,
    length: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): void {
    if (length - TAG < headerLength) return;
    this.#slab.assertInside(at, length);
    this.#startRtp(ssrc, roc, sequenceNumber);
    this.#transform(this.#rtp, this.#slab.base + at + headerLength, length - TAG - headerLength);
  }

  sealRtcp(at: number, length: number, index: number): number {
    if (length < RTCP_HEADER) throw new Error('an RTCP packet without a header');
    this.#slab.assertInside(at, length + TAG + 4);
    const ctx = this.#rtcp;
    const start = this.#slab.base + at;
    const wordAt = length + TAG;
    putU32(this.bytes, at + wordAt, (ENCRYPTED | index) >>> 0);
    this.#startRtcp(u32(this.bytes, at + 4), index);
    evp.cipher(ctx, NULL, start, RTCP_HEADER);
    evp.cipher(ctx, NULL, start + wordAt, 4);
    this.#transform(ctx, start + RTCP_HEADER, length - RTCP_HEADER);
    evp.cipher(ctx, NULL, NULL, 0);
    evp.ctrl(ctx, EvpCtrl.getTag, TAG, start + length);
    return wordAt + 4;
  }

  openRtcp(at: number, length: number): number {
    const wordAt = length - 4;
    const plainLength = wordAt - TAG;
    if (plainLength < RTCP_HEADER) return -1;
    this.#slab.assertInside(at, length);
    const ctx = this.#rtcp;
    const start = this.#slab.base + at;
    const word = u32(this.bytes, at + wordAt);
    const isEncrypted = word >= ENCRYPTED;
    this.#startRtcp(u32(this.bytes, at + 4), word & 0x7fffffff);
    evp.cipher(ctx, NULL, start, isEncrypted ? RTCP_HEADER : plainLength);
    evp.cipher(ctx, NULL, start + wordAt, 4);
    if (isEncrypted) this.#transform(ctx, start + RTCP_HEADER, plainLength - RTCP_HEADER);
    evp.ctrl(ctx, EvpCtrl.setTag, TAG, start + plainLength);
    return evp.cipher(ctx, NULL, NULL, 0) < 0 ? -1 : plainLength;
  }

  close(): void {
    if (this.#rtp !== NULL) {
      evp.freeCipherCtx(this.#rtp); // OpenSSL wipes what it frees
      evp.freeCipherCtx(this.#rtcp);
    }
    this.#rtp = NULL;
    this.#rtcp = NULL;
    this.#rtpSalt.fill(0);
    this.#rtcpSalt.fill(0);
  }

  #open(key: Uint8Array): Pointer {
    const ctx = evp.newCipherCtx();
    const cipher = this.profile === 'AEAD_AES_128_GCM' ? evp.aes128Gcm() : evp.aes256Gcm();
    const isReady =
      ctx !== NULL &&
      withSecret(key, (pointer) => this.#restart(ctx, cipher, 0, pointer, NULL)) === 1;
    if (!isReady) throw new Error('OpenSSL refuses AES-GCM');
    return ctx;
  }

  /** An empty payload must not become a call without input: that one would end the packet. */
  #transform(ctx: Pointer, start: Pointer, length: number): void {
    if (length > 0) evp.cipher(ctx, start, start, length);
  }

  /** 00 00 | SSRC | ROC | SEQ, xor salt. RFC 7714 §8.1. */
  #startRtp(ssrc: number, roc: number, sequenceNumber: number): void {
    const salt = this.#rtpSalt;
    setIv(salt, ssrc);
    iv[6] = salt[6]! ^ (roc >>> 24);
    iv[7] = salt[7]! ^ (roc >>> 16);
    iv[8] = salt[8]! ^ (roc >>> 8);
    iv[9] = salt[9]! ^ roc;
    iv[10] = salt[10]! ^ (sequenceNumber >>> 8);
    iv[11] = salt[11]! ^ sequenceNumber;
    this.#restart(this.#live(this.#rtp), NULL, 0, NULL, ivPointer);
  }

  /** 00 00 | SSRC | 00 00 | index, xor salt. RFC 7714 §9.1. */
  #startRtcp(ssrc: number, index: number): void {
    const salt = this.#rtcpSalt;
    setIv(salt, ssrc);
    iv[6] = salt[6]!;
    iv[7] = salt[7]!;
    iv[8] = salt[8]! ^ (index >>> 24);
    iv[9] = salt[9]! ^ (index >>> 16);
    iv[10] = salt[10]! ^ (index >>> 8);
    iv[11] = salt[11]! ^ index;
    this.#restart(this.#live(this.#rtcp), NULL, 0, NULL, ivPointer);
  }

  #live(ctx: Pointer): Pointer {
    if (ctx === NULL) throw new Error('the cipher is closed');
    return ctx;
  }
}

/** The first half of every nonce. */
function setIv(salt: Uint8Array, ssrc: number): void {
  iv[0] = salt[0]!;
  iv[1] = salt[1]!;
  iv[2] = salt[2]! ^ (ssrc >>> 24);
  iv[3] = salt[3]! ^ (ssrc >>> 16);
  iv[4] = salt[4]! ^ (ssrc >>> 8);
  iv[5] = salt[5]! ^ ssrc;
}
