/** The protection profiles we negotiate, best first. RFC 7714 §14.2, RFC 5764 §4.1.2. */
export type SrtpProfile = 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM' | 'AES_CM_128_HMAC_SHA1_80';

export interface SrtpProfileParameters {
  /** The value in the `use_srtp` extension of DTLS. */
  readonly id: number;
  /** Bytes of the master key and of each session encryption key. */
  readonly keyLength: number;
  /** Bytes of the master salt and of each session salt. */
  readonly saltLength: number;
  /** Bytes of the authentication session key; 0 for AEAD. */
  readonly authKeyLength: number;
  /** Bytes that sealing adds to an RTP packet. */
  readonly tagLength: number;
  /** Bytes that sealing adds to a compound RTCP packet: the tag and the E|index word. */
  readonly srtcpOverhead: number;
  readonly isAead: boolean;
}

/** The constants of each profile, in our order of preference. */
export const SRTP_PROFILES: Readonly<Record<SrtpProfile, SrtpProfileParameters>> = {
  AEAD_AES_128_GCM: {
    id: 0x0007,
    keyLength: 16,
    saltLength: 12,
    authKeyLength: 0,
    tagLength: 16,
    srtcpOverhead: 20,
    isAead: true,
  },
  AEAD_AES_256_GCM: {
    id: 0x0008,
    keyLength: 32,
    saltLength: 12,
    authKeyLength: 0,
    tagLength: 16,
    srtcpOverhead: 20,
    isAead: true,
  },
  AES_CM_128_HMAC_SHA1_80: {
    id: 0x0001,
    keyLength: 16,
    saltLength: 14,
    authKeyLength: 20,
    tagLength: 10,
    srtcpOverhead: 14,
    isAead: false,
  },
};

/** The most that sealing adds to any packet: room to leave behind each one. */
export const MAX_SRTP_OVERHEAD = 20;

/** The profile with this `use_srtp` id; undefined when it is none of ours. */
export function srtpProfileOf(id: number): SrtpProfile | undefined {
  for (const name of Object.keys(SRTP_PROFILES) as SrtpProfile[])
    if (SRTP_PROFILES[name].id === id) return name;
  return undefined;
}

/** Bytes to export from the DTLS association for `profile`: two keys and two salts. RFC 5764 §4.2. */
export function exportedKeyLength(profile: SrtpProfile): number {
  const { keyLength, saltLength } = SRTP_PROFILES[profile];
  return 2 * (keyLength + saltLength);
}

/** The master secrets of one direction. */
export interface SrtpMasterKeys {
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

/**
 * Cuts exported keying material into our two directions (RFC 5764 §4.2): client key, server key,
 * client salt, server salt. The results are views of `bytes`, so wiping it wipes them.
 *
 * @param bytes exactly `exportedKeyLength(profile)` bytes.
 * @param isServer whether we were the DTLS server.
 */
export function splitExportedKeys(
  profile: SrtpProfile,
  bytes: Uint8Array,
  isServer: boolean,
): { readonly send: SrtpMasterKeys; readonly receive: SrtpMasterKeys } {
  const { keyLength, saltLength } = SRTP_PROFILES[profile];
  if (bytes.length !== exportedKeyLength(profile))
    throw new Error(`${profile} wants ${exportedKeyLength(profile)} bytes, not ${bytes.length}`);
  const saltsAt = 2 * keyLength;
  const client = {
    masterKey: bytes.subarray(0, keyLength),
    masterSalt: bytes.subarray(saltsAt, saltsAt + saltLength),
  };
  const server = {
    masterKey: bytes.subarray(keyLength, saltsAt),
    masterSalt: bytes.subarray(saltsAt + saltLength),
  };
  return isServer ? { send: server, receive: client } : { send: client, receive: server };
}
