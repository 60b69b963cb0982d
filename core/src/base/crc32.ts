const TABLE = makeTable();

/** One entry a byte value, for the reflected polynomial 0xEDB88320. */
function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++)
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    table[byte] = remainder;
  }
  return table;
}

/** CRC-32 of ISO 3309 (STUN FINGERPRINT, ZIP, PNG) over `length` bytes; "123456789" gives CBF43926. */
export function crc32(buf: Uint8Array, at: number, length: number): number {
  let crc = 0xffffffff;
  const end = at + length;
  for (let i = at; i < end; i++) crc = TABLE[(crc ^ buf[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
