import type { SeededRandom } from '../testkit/seeded-random.ts';

/** Values at which counters, lengths and signs turn. */
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 63, 64, 127, 128, 191, 192, 254, 255];
const INTERESTING_WORDS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1000, 0x7fff, 0x8000, 0xbede, 0xffff];
const MAX_LENGTH = 300_000;

type Operation = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

const at = (bytes: Uint8Array, random: SeededRandom): number => random.below(bytes.length || 1);

/** Short ones mostly, now and then a long one. */
const lengthOf = (random: SeededRandom): number =>
  random.below(4) === 0 ? random.below(300) : 1 + random.below(8);

function splice(bytes: Uint8Array, from: number, to: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(from + insert.length + bytes.length - to);
  result.set(bytes.subarray(0, from), 0);
  result.set(insert, from);
  result.set(bytes.subarray(to), from + insert.length);
  return result;
}

const OPERATIONS: readonly Operation[] = [
  function flipBit(bytes, random) {
    const index = at(bytes, random);
    bytes[index] = bytes[index]! ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[at(bytes, random)] = INTERESTING[random.below(INTERESTING.length)]!;
    return bytes;
  },
  function randomByte(bytes, random) {
    bytes[at(bytes, random)] = random.below(256);
    return bytes;
  },
  function setWord(bytes, random) {
    const index = at(bytes, random);
    const value = INTERESTING_WORDS[random.below(INTERESTING_WORDS.length)]!;
    bytes[index] = value >> 8;
    if (index + 1 < bytes.length) bytes[index + 1] = value & 0xff;
    return bytes;
  },
  function addToByte(bytes, random) {
    const index = at(bytes, random);
    bytes[index] = (bytes[index]! + random.below(17) - 8) & 0xff;
    return bytes;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function remove(bytes, random) {
    const from = at(bytes, random);
    return splice(bytes, from, Math.min(bytes.length, from + lengthOf(random)), new Uint8Array(0));
  },
  function insertRandom(bytes, random) {
    const insert = new Uint8Array(lengthOf(random));
    random.fill(insert);
    const index = at(bytes, random);
    return splice(bytes, index, index, insert);
  },
  function insertSame(bytes, random) {
    const insert = new Uint8Array(lengthOf(random)).fill(INTERESTING[random.below(20)]!);
    const index = at(bytes, random);
    return splice(bytes, index, index, insert);
  },
  function repeat(bytes, random) {
    const from = at(bytes, random);
    const part = bytes.slice(from, from + lengthOf(random));
    const index = at(bytes, random);
    return splice(bytes, index, index, part);
  },
  function overwrite(bytes, random) {
    const from = at(bytes, random);
    bytes.copyWithin(at(bytes, random), from, from + lengthOf(random));
    return bytes;
  },
];

/** Seeded mutations of a corpus of valid inputs: the same seed gives the same inputs. */
export class Mutator {
  readonly #random: SeededRandom;
  readonly #corpus: readonly Uint8Array[];

  constructor(random: SeededRandom, corpus: readonly Uint8Array[]) {
    this.#random = random;
    this.#corpus = corpus;
  }

  /** The next input, which the caller may keep and change. */
  next(): Uint8Array {
    const random = this.#random;
    let bytes: Uint8Array = this.#pick().slice();
    if (random.below(8) === 0) bytes = this.#cross(bytes);
    // Now and then the valid input itself: nothing else reaches what lies behind all checks.
    const count = random.below(16) === 0 ? 0 : 1 << random.below(5);
    for (let i = 0; i < count; i++)
      bytes = OPERATIONS[random.below(OPERATIONS.length)]!(bytes, random).slice(0, MAX_LENGTH);
    return bytes;
  }

  #pick(): Uint8Array {
    return this.#corpus[this.#random.below(this.#corpus.length)]!;
  }

  /** The beginning of one and the end of another. */
  #cross(bytes: Uint8Array): Uint8Array {
    const other = this.#pick();
    const from = this.#random.below(bytes.length + 1);
    return splice(bytes, from, bytes.length, other.subarray(this.#random.below(other.length + 1)));
  }
}
