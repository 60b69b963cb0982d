/**
 * Marks that make a video frame tell where it comes from: black and white blocks over the whole picture, large enough to
 * survive scaling to 160x90 and a low bitrate. Ten columns and four rows, read line by line, most significant bit
 * first, white is 1:
 *
 *     sync 10110010 | source 8 bits | frame number 16 bits | CRC-8 of source and frame
 *
 * page/media.js has the same layout for the browser's side.
 */
export const COLUMNS = 10;
export const ROWS = 4;
const SYNC = 0b1011_0010;

/** What a frame says of itself. The frame number wraps at 65536. */
export interface Mark {
  /** Who sends it: 0 to 255, chosen by the test. */
  readonly source: number;
  readonly frame: number;
}

/** The 40 blocks of a mark, row by row; true is white. */
export function encodeMark({ source, frame }: Mark): boolean[] {
  const bytes = [SYNC, source & 0xff, (frame >> 8) & 0xff, frame & 0xff];
  bytes.push(crc8(bytes.slice(1)));
  return bytes.flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte & (0x80 >> bit)) !== 0),
  );
}

/** CRC-8 with the polynomial x^8 + x^2 + x + 1. */
export function crc8(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}
