import koffi from 'koffi';
import type { Pointer } from './memory.ts';

/*
 * The OpenSSL that the node binary carries and exports. The system's libcrypto next to it would
 * crash: its internal calls resolve to node's symbols. Every pointer is a number.
 */
const lib = koffi.load(null);

const evpInit =
  '(uintptr_t ctx, uintptr_t cipher, uintptr_t engine, uintptr_t key, uintptr_t iv)' as const;
type EvpInit = (ctx: Pointer, cipher: Pointer, engine: 0, key: Pointer, iv: Pointer) => number;
type Make = () => Pointer;
type Free = (object: Pointer) => void;

/** Ciphers and MACs. */
export const evp = {
  newCipherCtx: lib.func('uintptr_t EVP_CIPHER_CTX_new()') as Make,
  freeCipherCtx: lib.func('void EVP_CIPHER_CTX_free(uintptr_t ctx)') as Free,
  aes128Gcm: lib.func('uintptr_t EVP_aes_128_gcm()') as Make,
  aes256Gcm: lib.func('uintptr_t EVP_aes_256_gcm()') as Make,
  aes128Ctr: lib.func('uintptr_t EVP_aes_128_ctr()') as Make,
  sha1: lib.func('uintptr_t EVP_sha1()') as Make,
  encryptInit: lib.func(`int EVP_EncryptInit_ex${evpInit}`) as EvpInit,
  decryptInit: lib.func(`int EVP_DecryptInit_ex${evpInit}`) as EvpInit,
  /** Without output: additional data. Without input: finishes. Negative on failure. */
  cipher: lib.func('int EVP_Cipher(uintptr_t ctx, uintptr_t out, uintptr_t in, uint length)') as (
    ctx: Pointer,
    out: Pointer,
    input: Pointer,
    length: number,
  ) => number,
  ctrl: lib.func('int EVP_CIPHER_CTX_ctrl(uintptr_t ctx, int type, int arg, uintptr_t ptr)') as (
    ctx: Pointer,
    type: number,
    arg: number,
    ptr: Pointer,
  ) => number,
  newHmac: lib.func('uintptr_t HMAC_CTX_new()') as Make,
  freeHmac: lib.func('void HMAC_CTX_free(uintptr_t ctx)') as Free,
  /** Without key: starts again with the same one. */
  hmacInit: lib.func(
    'int HMAC_Init_ex(uintptr_t ctx, uintptr_t key, int length, uintptr_t digest, uintptr_t engine)',
  ) as (ctx: Pointer, key: Pointer, length: number, digest: Pointer, engine: 0) => number,
  hmacUpdate: lib.func('int HMAC_Update(uintptr_t ctx, uintptr_t data, size_t length)') as (
    ctx: Pointer,
    data: Pointer,
    length: number,
  ) => number,
  hmacFinal: lib.func('int HMAC_Final(uintptr_t ctx, uintptr_t out, uintptr_t length)') as (
    ctx: Pointer,
    out: Pointer,
    length: 0,
  ) => number,
} as const;

/** Arguments of `EVP_CIPHER_CTX_ctrl`. */
export const EvpCtrl = { getTag: 0x10, setTag: 0x11 } as const;
