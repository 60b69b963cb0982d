import { randomBytes } from 'node:crypto';
import {
  StunAttribute,
  StunClass,
  StunMethod,
  StunWriter,
  shortTermKey,
} from '@switchyard/core/stun';
import type { SeededRandom } from '@switchyard/tools/testkit';
import { stunCrypto } from '../../src/media/stun-crypto.ts';

/** What an attacker has seen of a call. */
export interface Overheard {
  /** The server's user fragments and one client's. */
  readonly localUfrag: string;
  readonly remoteUfrag: string;
  readonly ssrcs: readonly number[];
  /** Sealed packets of the call. */
  readonly recorded: readonly Buffer[];
}

export interface CheckOptions {
  readonly username?: string;
  /** The password that signs; null: no MESSAGE-INTEGRITY. */
  readonly password: string | null;
  readonly nominate?: boolean;
}

/** A Binding request (RFC 8445 §7.1). */
export function bindingRequest({ username, password, nominate }: CheckOptions): Buffer {
  const buf = Buffer.alloc(600);
  const id = randomBytes(12);
  const writer = new StunWriter().begin(buf, 0, StunClass.request, StunMethod.binding, id, 0);
  if (username !== undefined) writer.addText(StunAttribute.username, username);
  writer.addBytes(StunAttribute.iceControlling, new Uint8Array(8));
  writer.addU32(StunAttribute.priority, 0x6e7f1eff);
  if (nominate === true) writer.addFlag(StunAttribute.useCandidate);
  if (password !== null) writer.addIntegrity(stunCrypto, shortTermKey(password));
  return buf.subarray(0, writer.addFingerprint().finish());
}

/** A DTLS record (RFC 6347 §4.1) with `length` bytes of nonsense in it. */
export function dtlsRecord(type: number, epoch: number, length: number): Buffer {
  const record = Buffer.alloc(13 + length);
  record[0] = type;
  record.writeUInt16BE(0xfefd, 1);
  record.writeUInt16BE(epoch, 3);
  record.writeUInt32BE(7, 7);
  record.writeUInt16BE(length, 11);
  randomBytes(length).copy(record, 13);
  return record;
}

/** A ClientHello with a cut body, as the first fragment of a handshake. */
function clientHello(random: SeededRandom): Buffer {
  const body = Buffer.alloc(12 + random.below(200));
  body[0] = 1;
  body.writeUIntBE(body.length - 12, 1, 3);
  body.writeUIntBE(body.length - 12, 9, 3);
  random.fill(body.subarray(12));
  const record = dtlsRecord(22, 0, body.length);
  body.copy(record, 13);
  return record;
}

type Make = (random: SeededRandom, overheard: Overheard) => Buffer;

const pick = <Item>(random: SeededRandom, items: readonly Item[]): Item =>
  items[random.below(items.length)]!;

/** Flips a few bits, so that nothing authentic stays authentic. */
function damaged(random: SeededRandom, packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  for (let i = 0; i <= random.below(4); i++) {
    const at = random.below(copy.length);
    copy[at] = copy[at]! ^ (1 << random.below(8));
  }
  return copy;
}

function nonsense(random: SeededRandom, head: readonly number[], max: number): Buffer {
  const bytes = Buffer.alloc(head.length + random.below(max));
  random.fill(bytes);
  Buffer.from(head).copy(bytes);
  return bytes;
}

/** Signing costs the attacker more than all else: a stock of each is enough. */
function stock(make: () => Buffer): Make {
  const kept: Buffer[] = [];
  return (random) => {
    if (kept.length < 64) kept.push(make());
    return pick(random, kept);
  };
}

/** One maker for each class of datagram; none of what they make is authentic. */
export function hostilePackets(overheard: Overheard): readonly Make[] {
  const username = `${overheard.localUfrag}:${overheard.remoteUfrag}`;
  const rightSsrc: Make = (random, { ssrcs }) => {
    const packet = nonsense(random, [0x80, 111, random.below(256), random.below(256)], 300);
    const longEnough = packet.length < 40 ? Buffer.concat([packet, Buffer.alloc(40)]) : packet;
    longEnough.writeUInt32BE(pick(random, ssrcs), 8);
    return longEnough;
  };
  return [
    (random) => nonsense(random, [], 1_400),
    (random) => nonsense(random, [random.below(4)], 100),
    (random) => nonsense(random, [0x80 + random.below(64), random.below(256)], 1_200),
    (random) => nonsense(random, [20 + random.below(44), 0xfe, 0xfd], 200),
    rightSsrc,
    (random, known) => {
      const packet = rightSsrc(random, known);
      packet[1] = 192 + random.below(32); // RTCP
      packet.writeUInt32BE(pick(random, known.ssrcs), 4);
      return packet;
    },
    (random, { recorded }) => damaged(random, pick(random, recorded)),
    (random, { recorded }) => pick(random, recorded),
    stock(() => bindingRequest({ password: null })),
    stock(() => bindingRequest({ username, password: null })),
    stock(() => bindingRequest({ username, password: 'not the password at all' })),
    stock(() => bindingRequest({ username, password: 'not the password', nominate: true })),
    (random) => damaged(random, bindingRequest({ username, password: null })),
    // Guesses of a ufrag.
    stock(() =>
      bindingRequest({ username: `${randomBytes(3).toString('hex')}:x`, password: 'guess' }),
    ),
    (random) => nonsense(random, [1, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42], 60),
    clientHello,
    (random) => dtlsRecord(20 + random.below(5), random.below(4), random.below(65)),
    (random, { recorded }) =>
      Buffer.concat([dtlsRecord(21, 1, random.below(24)), pick(random, recorded)]),
  ];
}
