import type { CodecName } from '../media-api/index.ts';
import { parseFmtp } from './fmtp.ts';

/**
 * What must be equal in two payload types so that packets of one can be sent as the other: the codec with
 * those parameters that change the bit stream or its packets. Levels may differ.
 */
export function matchKey(name: CodecName, clockRate: number, fmtp: string): string {
  const parameters = parseFmtp(fmtp);
  const parameter = (key: string, absent: string): string =>
    parameters.get(key)?.slice(0, 16) || absent;
  switch (name) {
    case 'h264':
      return `h264/${h264Profile(parameter('profile-level-id', ''))}/${parameter('packetization-mode', '0')}`;
    case 'h265':
      return `h265/${parameter('profile-id', '1')}/${parameter('tier-flag', '0')}`;
    case 'vp9':
      return `vp9/${parameter('profile-id', '0')}`;
    case 'av1':
      return `av1/${parameter('profile', '0')}`;
    case 'telephone-event':
      return `telephone-event/${clockRate}`;
    default:
      return name;
  }
}

/** profile_idc, the bits of profile-iop that count, their values, and the name we give it. RFC 6184 table 5. */
const H264_PROFILES: readonly (readonly [idc: number, mask: number, bits: number, key: string])[] =
  [
    [0x42, 0b0100_1111, 0b0100_0000, '42e0'],
    [0x4d, 0b1000_1111, 0b1000_0000, '42e0'],
    [0x58, 0b1100_1111, 0b1100_0000, '42e0'],
    [0x42, 0b0100_1111, 0b0000_0000, '4200'],
    [0x58, 0b1100_1111, 0b1000_0000, '4200'],
    [0x4d, 0b1010_1111, 0b0000_0000, '4d00'],
    [0x64, 0b1111_1111, 0b0000_0000, '6400'],
    [0x64, 0b1111_1111, 0b0000_1100, '640c'],
  ];

/**
 * The profile of a profile-level-id, level left out: several spellings mean the same one (RFC 6184 table 5).
 * Absent means Baseline by §8.1, but what encoders that leave it out send is Constrained Baseline, and
 * libwebrtc reads it so.
 */
function h264Profile(profileLevelId: string): string {
  if (!/^[0-9a-fA-F]{6}$/.test(profileLevelId)) return '42e0';
  const idc = Number.parseInt(profileLevelId.slice(0, 2), 16);
  const iop = Number.parseInt(profileLevelId.slice(2, 4), 16);
  const known = H264_PROFILES.find(
    ([profile, mask, bits]) => profile === idc && (iop & mask) === bits,
  );
  return known?.[3] ?? profileLevelId.slice(0, 4).toLowerCase();
}
