import {
  err,
  ok,
  parseIp,
  printIp,
  putU16,
  putU32,
  type Result,
  type TransportAddress,
  u16,
  u32,
} from '../base/index.ts';

/*
 * The stream on which the main process hands ICE-TCP connections to a media worker, and back:
 *
 *      0                   1                   2                   3
 *     +-------------------------------+-------+---------------+-------------+
 *     | connection, 32 bit            | kind  | length, 16 bit| payload     |
 *     +-------------------------------+-------+---------------+-------------+
 *
 * `data` carries one datagram (a frame of RFC 4571 without its length). The main process opens
 * connections; both sides may close one. Numbers are not used again within a worker's life.
 */

export const RELAY_HEADER_LENGTH = 7;

/** Longest payload, bytes: what we accept as a frame over TCP. */
export const MAX_RELAY_PAYLOAD = 2048;

export const RelayKind = { data: 0, open: 1, close: 2 } as const;
export type RelayKind = (typeof RelayKind)[keyof typeof RelayKind];

/** Writes the header of a frame with `length` (0..2048) bytes of payload at `at`. */
export function writeRelayHeader(
  buf: Uint8Array,
  at: number,
  connection: number,
  kind: RelayKind,
  length: number,
): void {
  putU32(buf, at, connection);
  buf[at + 4] = kind;
  putU16(buf, at + 5, length);
}

/** Writes an `open` frame for a client that connected from `remote`; returns its length (at most 60 bytes). */
export function writeRelayOpen(
  buf: Uint8Array,
  at: number,
  connection: number,
  remote: TransportAddress,
): number {
  const text = `${remote.ip.length === 4 ? 4 : 6} ${printIp(remote.ip)} ${remote.port}`;
  writeRelayHeader(buf, at, connection, RelayKind.open, text.length);
  for (let i = 0; i < text.length; i++) buf[at + RELAY_HEADER_LENGTH + i] = text.charCodeAt(i);
  return RELAY_HEADER_LENGTH + text.length;
}

/** Reads the payload of an `open` frame: `family address port`. */
export function parseRelayOpen(
  buf: Uint8Array,
  at: number,
  length: number,
): Result<TransportAddress, { readonly code: 'badAddress' }> {
  const text = String.fromCharCode(...buf.subarray(at, at + Math.min(length, 64)));
  const match = /^([46]) ([0-9a-f.:]+) ([0-9]{1,5})$/.exec(text);
  const ip = match === null ? null : parseIp(match[2]!);
  const port = Number(match?.[3]);
  if (ip === null || port > 0xffff || ip.length !== (match?.[1] === '4' ? 4 : 16))
    return err({ code: 'badAddress' });
  return ok({ ip, port });
}

/**
 * Cuts the relay stream into frames. Holds one frame; used like `FrameReader`:
 *
 *     for (let at = 0; at < end && !reader.isBroken; ) {
 *       at = reader.read(chunk, at, end);
 *       if (reader.isComplete) handle(reader.connection, reader.kind, reader.payload, reader.length);
 *     }
 */
export class RelayFrameReader {
  connection = 0;
  kind: RelayKind = RelayKind.data;
  /** The payload, from offset 0; overwritten by the next `read`. */
  readonly payload = new Uint8Array(MAX_RELAY_PAYLOAD);
  /** Length of the payload, bytes. */
  length = 0;
  /** Whether the last `read` completed a frame. */
  isComplete = false;
  /** An impossible header was read: the two ends disagree where a frame begins, nothing more is read. */
  isBroken = false;

  readonly #header = new Uint8Array(RELAY_HEADER_LENGTH);
  #headerCount = 0;
  #payloadCount = 0;

  /** Reads from `at` up to `end` or the end of a frame, whichever is first; returns where it stopped. */
  read(chunk: Uint8Array, at: number, end: number): number {
    this.isComplete = false;
    if (this.isBroken) return end;
    let position = at;
    while (this.#headerCount < RELAY_HEADER_LENGTH) {
      if (position === end) return end;
      this.#header[this.#headerCount++] = chunk[position++]!;
      if (this.#headerCount === RELAY_HEADER_LENGTH && !this.#parseHeader()) return end;
    }
    const count = Math.min(this.length - this.#payloadCount, end - position);
    for (let i = 0; i < count; i++) this.payload[this.#payloadCount + i] = chunk[position + i]!;
    this.#payloadCount += count;
    if (this.#payloadCount === this.length) {
      this.isComplete = true;
      this.#headerCount = 0;
      this.#payloadCount = 0;
    }
    return position + count;
  }

  #parseHeader(): boolean {
    const kind = this.#header[4]!;
    this.connection = u32(this.#header, 0);
    this.length = u16(this.#header, 5);
    this.isBroken = this.length > MAX_RELAY_PAYLOAD || kind > RelayKind.close;
    if (!this.isBroken) this.kind = kind as RelayKind;
    return !this.isBroken;
  }
}
