import { SRTP_PROFILES, type SrtpProfile } from './profile.ts';

/** AES in counter mode, the pseudo-random function of the key derivation. Implemented outside. */
export interface AesCtr {
  /**
   * @param key 16 or 32 bytes.
   * @param iv the first counter block, 16 bytes.
   * @param length bytes wanted.
   */
  keystream(key: Uint8Array, iv: Uint8Array, length: number): Uint8Array;
}

/** What protects the packets of one direction. */
export interface SrtpSessionKeys {
  readonly rtpKey: Uint8Array;
  readonly rtpSalt: Uint8Array;
  /** Empty for AEAD profiles. */
  readonly rtpAuthKey: Uint8Array;
  readonly rtcpKey: Uint8Array;
  readonly rtcpSalt: Uint8Array;
  /** Empty for AEAD profiles. */
  readonly rtcpAuthKey: Uint8Array;
}

/** Labels of RFC 3711 §4.3.1, table in §4.3.2. */
const Label = {
  rtpKey: 0,
  rtpAuthKey: 1,
  rtpSalt: 2,
  rtcpKey: 3,
  rtcpAuthKey: 4,
  rtcpSalt: 5,
} as const;

/**
 * Derives the session keys of one direction. RFC 3711 §4.3 with key derivation rate 0 (so the packet
 * index does not enter), RFC 7714 §11 for AEAD: the 96-bit salt is padded with zeros on the right.
 */
export function deriveSessionKeys(
  profile: SrtpProfile,
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  port: AesCtr,
): SrtpSessionKeys {
  const { keyLength, saltLength, authKeyLength } = SRTP_PROFILES[profile];
  if (masterKey.length !== keyLength || masterSalt.length !== saltLength)
    throw new Error(`${profile} has keys of ${keyLength} and salts of ${saltLength} bytes`);
  const derive = (label: number, length: number): Uint8Array => {
    if (length === 0) return new Uint8Array(0);
    const iv = new Uint8Array(16);
    iv.set(masterSalt);
    iv[7]! ^= label; // the label stands above the 48-bit index, and the counter takes two bytes more
    return port.keystream(masterKey, iv, length);
  };
  return {
    rtpKey: derive(Label.rtpKey, keyLength),
    rtpSalt: derive(Label.rtpSalt, saltLength),
    rtpAuthKey: derive(Label.rtpAuthKey, authKeyLength),
    rtcpKey: derive(Label.rtcpKey, keyLength),
    rtcpSalt: derive(Label.rtcpSalt, saltLength),
    rtcpAuthKey: derive(Label.rtcpAuthKey, authKeyLength),
  };
}

/** Overwrites the keys with zeros. */
export function wipeSessionKeys(keys: SrtpSessionKeys): void {
  for (const key of Object.values(keys) as Uint8Array[]) key.fill(0);
}
