import { createCipheriv } from 'node:crypto';
import {
  type AesCtr,
  deriveSessionKeys,
  type SrtpCipher,
  type SrtpMasterKeys,
  type SrtpProfile,
  type SrtpSessionKeys,
  wipeSessionKeys,
} from '@switchyard/core/srtp';
import { CmCipher } from './cm-cipher.ts';
import { GcmCipher } from './gcm-cipher.ts';
import type { PacketSlab } from './slab.ts';

/** The pseudo-random function of the key derivation. Runs a few times per transport. */
export const aesCtr: AesCtr = {
  keystream(key, iv, length) {
    const cipher = createCipheriv(key.length === 16 ? 'aes-128-ctr' : 'aes-256-ctr', key, iv);
    return cipher.update(new Uint8Array(length));
  },
};

/** A cipher with session keys at hand; the caller wipes `keys`. For vectors; transports have master keys. */
export function createSrtpCipher(
  profile: SrtpProfile,
  keys: SrtpSessionKeys,
  slab: PacketSlab,
  direction: 'send' | 'receive',
): SrtpCipher {
  return profile === 'AES_CM_128_HMAC_SHA1_80'
    ? new CmCipher(keys, slab)
    : new GcmCipher(profile, keys, slab, direction);
}

/**
 * One direction of a transport from its master keys. The session keys exist in JavaScript only within
 * this call; the caller wipes the master keys when both directions are made.
 */
export function openSrtpCipher(
  profile: SrtpProfile,
  master: SrtpMasterKeys,
  slab: PacketSlab,
  direction: 'send' | 'receive',
): SrtpCipher {
  const keys = deriveSessionKeys(profile, master.masterKey, master.masterSalt, aesCtr);
  try {
    return createSrtpCipher(profile, keys, slab, direction);
  } finally {
    wipeSessionKeys(keys);
  }
}
