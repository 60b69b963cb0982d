/** What a datagram on the one media port is. */
export const PacketClass = {
  unknown: 0,
  stun: 1,
  dtls: 2,
  rtp: 3,
  rtcp: 4,
  turnChannel: 5,
} as const;
export type PacketClass = (typeof PacketClass)[keyof typeof PacketClass];

/*
 *  first byte   0..3      STUN              (RFC 7983 §7)
 *              16..19     ZRTP              dropped
 *              20..63     DTLS
 *              64..79     TURN ChannelData
 *              80..127    QUIC, reserved    dropped (RFC 9443)
 *             128..191    RTP; RTCP when the second byte is 192..223 (RFC 5761 §4)
 */

/**
 * Tells the protocols of one port apart by the first two bytes (RFC 7983 §7, RFC 5761 §4). A datagram
 * shorter than its protocol's fixed header is `unknown`, so the parsers behind may read that header.
 */
export function classify(buf: Uint8Array, at: number, length: number): PacketClass {
  if (length < 4) return PacketClass.unknown;
  const first = buf[at]!;
  if (first >= 128 && first < 192) {
    const second = buf[at + 1]!;
    if (second >= 192 && second < 224) return length >= 8 ? PacketClass.rtcp : PacketClass.unknown;
    return length >= 12 ? PacketClass.rtp : PacketClass.unknown;
  }
  if (first < 4) return length >= 20 ? PacketClass.stun : PacketClass.unknown;
  if (first >= 20 && first < 64) return length >= 13 ? PacketClass.dtls : PacketClass.unknown;
  return first >= 64 && first < 80 ? PacketClass.turnChannel : PacketClass.unknown;
}
