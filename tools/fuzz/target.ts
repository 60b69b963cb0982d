/** Something that hostile bytes reach. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs, which the mutations start from. */
  readonly corpus: readonly Uint8Array[];
  /** Throws when the input breaks a rule. State may live on from one input to the next. */
  run(input: Uint8Array): void | Promise<void>;
}

/** Bytes in front of and behind the input: reading them shows, since they differ from one reading to the next. */
const MARGIN = 32;
/** Longest that one input may take, ms, for each KiB; the first KiB has the collector's pauses too. */
const BASE_MS = 400;
const MS_PER_KIB = 5;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

/**
 * Reads the input twice, between different bytes. A reader that looks beyond `length`, or changes its input,
 * gives itself away. Returns what the reader said.
 *
 * @param read returns everything it has learned, as a value that prints as JSON.
 */
export function readBetween(
  input: Uint8Array,
  read: (buf: Uint8Array, at: number, length: number) => unknown,
): unknown {
  const results: string[] = [];
  let result: unknown;
  for (const margin of [0x00, 0xff]) {
    const buf = new Uint8Array(input.length + 2 * MARGIN).fill(margin);
    buf.set(input, MARGIN);
    result = read(buf, MARGIN, input.length);
    results.push(JSON.stringify(result) ?? 'undefined');
    for (let i = 0; i < input.length; i++)
      if (buf[MARGIN + i] !== input[i]) throw new Error(`the reader changed byte ${i}`);
  }
  if (results[0] !== results[1])
    throw new Error(`it read beyond its input: ${results[0]} or ${results[1]}`);
  return result;
}

/** Runs one input; a word about what went wrong, null when nothing did. */
export async function tryInput(target: FuzzTarget, input: Uint8Array): Promise<string | null> {
  const begin = performance.now();
  try {
    await target.run(input);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const elapsedMs = performance.now() - begin;
  const limitMs = BASE_MS + (input.length / 1024) * MS_PER_KIB;
  return elapsedMs > limitMs ? `took ${elapsedMs.toFixed(0)} ms for ${input.length} bytes` : null;
}
