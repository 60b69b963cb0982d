import { readdirSync, readFileSync } from 'node:fs';
import {
  encodeControlFrame,
  RelayKind,
  writeRelayHeader,
  writeRelayOpen,
} from '@switchyard/core/media-api';
import {
  writeCname,
  writeDelay,
  writeFir,
  writeNack,
  writePli,
  writeReceiverReport,
  writeReferenceTime,
  writeRemb,
  writeSenderReport,
} from '@switchyard/core/rtcp';
import {
  StunAttribute,
  StunClass,
  StunMethod,
  StunWriter,
  shortTermKey,
} from '@switchyard/core/stun';
import { stunCrypto } from '../testkit/stun-crypto.ts';
import { bytesOf, fromHex } from './target.ts';

/** Bytes that `write` makes at the start of a buffer; it returns their length. */
function made(write: (buf: Uint8Array) => number): Uint8Array {
  const buf = new Uint8Array(4096);
  return buf.slice(0, write(buf));
}

export const STUN_PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';

/** A browser's check (RFC 8445 §7.1), an answer, an error, and the request of RFC 5769 §2.1. */
export const STUN: readonly Uint8Array[] = [
  made((buf) => {
    const id = new Uint8Array(12).fill(9);
    const writer = new StunWriter().begin(buf, 0, StunClass.request, StunMethod.binding, id, 0);
    writer.addText(StunAttribute.username, 'abcd:efgh');
    writer.addBytes(StunAttribute.iceControlling, new Uint8Array(8));
    writer.addU32(StunAttribute.priority, 0x6e7f1eff);
    writer.addFlag(StunAttribute.useCandidate);
    return writer.addIntegrity(stunCrypto, shortTermKey(STUN_PASSWORD)).addFingerprint().finish();
  }),
  made((buf) => {
    const id = new Uint8Array(12).fill(9);
    const writer = new StunWriter().begin(buf, 0, StunClass.success, StunMethod.binding, id, 0);
    const address = { ip: Uint8Array.of(192, 0, 2, 1), port: 32853 };
    writer.addXorAddress(StunAttribute.xorMappedAddress, address);
    return writer.addIntegrity(stunCrypto, shortTermKey(STUN_PASSWORD)).addFingerprint().finish();
  }),
  made((buf) => {
    const id = new Uint8Array(12).fill(9);
    const writer = new StunWriter().begin(buf, 0, StunClass.error, StunMethod.binding, id, 0);
    return writer.addError(487).addFingerprint().finish();
  }),
  fromHex(
    `000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff
     80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249
     c1b571a280280004e57a3bcf`,
  ),
];

/** Headers of each form: plain, CSRCs, one-byte and two-byte extensions, padding. RFC 3550 §5.1, RFC 8285. */
export const RTP: readonly Uint8Array[] = [
  fromHex('8060000100000bb8000003e8 9080800110020000'),
  fromHex('82e0fffffffffff0000003e8 00000001 00000002 aabbcc'),
  fromHex('90600001 00000bb8 000003e8 bede0003 4130 a068 32 0001 10 ff 00 00 00 9080'),
  fromHex('90600001 00000bb8 000003e8 10000003 0401 30 0a01 68 0302 0001 0000 9080'),
  fromHex('b0600001 00000bb8 000003e8 bede0001 32 0001 00 9080 00000004'),
  fromHex('80610005 00000bb8 000003e9 0001 908080011002000102'),
];

/** Payloads by codec: RFC 7741 §4.6, RFC 9628, RFC 6184 §5, RFC 7798 §4.4, AV1 RTP specification §4.4. */
export const PAYLOADS: readonly Uint8Array[] = [
  fromHex('90e0 8065 08 20 1002009d012a4001f000'),
  fromHex('80e0 65 07 60 0011'),
  fromHex('8e 8123 48 0a 18 03 0400 0280 0168 02 10 05 20'),
  fromHex('a8 8123 20 05 01 03 8286'),
  fromHex('67 42e01f 8c8d40'),
  fromHex('78 0008 6742e01f8c8d4001 0004 68ce3c80 0003 65b800'),
  fromHex('7c 85 b80004'),
  fromHex('4001 0c01ffff01'),
  fromHex('6001 0006 400101020304 0004 42010102'),
  fromHex('6201 93 afaf'),
  fromHex('18 0a0b00000024cfbe3de5'),
  fromHex('28 0c 0a0b0000002411223344aabb 3201'),
];

/** Dependency descriptors with and without a structure: AV1 RTP specification, annex A (as Chromium writes L1T2 and L3T3). */
export const DEPENDENCY_DESCRIPTORS: readonly Uint8Array[] = [
  fromHex('8000 01 80 00 ec 3c 41 8b'),
  fromHex('c00001800214eaa860414d141020842701df010d'),
  fromHex('80000180 03 1e a8 51 41 01 0c 13 fc 0b 3c'),
  fromHex('400002'),
  fromHex('0a0102'),
];

/** Compounds as browsers send them. */
export const RTCP: readonly Uint8Array[] = [
  made((buf) => {
    const report = { ssrc: 10, ntpSeconds: 1, ntpFraction: 2, timestamp: 3, packetCount: 4 };
    const length = writeSenderReport(buf, 0, { ...report, octetCount: 5 }, 1);
    return length + writeCname(buf, length, 10, bytesOf('cname'));
  }),
  made((buf) => {
    const length = writeReceiverReport(buf, 0, 10, 2);
    return length + writeNack(buf, length, 10, 20, Uint16Array.of(1, 2, 5, 700), 4);
  }),
  made((buf) => writeNack(buf, 0, 10, 20, Uint16Array.of(1, 2, 3), 3)),
  made((buf) => {
    const length = writePli(buf, 0, 10, 20);
    return length + writeFir(buf, length, 10, 20, 7);
  }),
  made((buf) => writeRemb(buf, 0, 10, 1_500_000, Uint32Array.of(20, 21, 22))),
  made((buf) => {
    const length = writeReferenceTime(buf, 0, 10, 1, 2);
    return length + writeDelay(buf, length, 10, 20, 1, 2);
  }),
  fromHex('81cb000200000014 03627965'),
  fromHex('80c90001 0000000a 81cc0003 0000000a 50494e47 00000000'),
  ...twcc(),
];

/** Feedback with run-length and vector chunks, small and large deltas. */
function twcc(): Uint8Array[] {
  return [
    fromHex('8fcd0005 0000000a 00000014 000a0008 00000a01 2008 01020304 05060708 0000 0000'),
    fromHex(
      '8fcd0006 0000000a 00000014 fff8000a ffffff02 c9a4 8000 01 8000 02 0304 0506 0000 0000',
    ),
    fromHex('8fcd0004 0000000a 00000014 00010003 00000a03 d540 0a 0003 00'),
  ];
}

/** Records as in a handshake and behind it (RFC 6347 §4.1, §4.2.2). */
export const DTLS: readonly Uint8Array[] = [
  fromHex(
    '16 fefd 0000 000000000001 001c 01 000010 0000 000000 000010 fefd 0000000000000000000000000000',
  ),
  fromHex('16 fefd 0000 000000000002 0014 0b 001000 0001 000000 000008 0102030405060708'),
  fromHex(
    '14 fefd 0000 000000000003 0001 01 16 fefd 0001 000000000000 0018 000102030405060708090a0b0c0d0e0f1011121314151617',
  ),
  fromHex('15 fefd 0001 000000000004 001a 0001000000000001000102030405060708090a0b0c0d0e0f1011'),
  fromHex('17 fefd 0001 000000000005 001b 0001000000000002000102030405060708090a0b0c0d0e0f101112'),
];

export const CONTROL_FRAMES: readonly Uint8Array[] = [
  encodeControlFrame([{ kind: 'closeTransport', transport: 1 }]),
  encodeControlFrame([
    { kind: 'closeTrack', track: 1 },
    { kind: 'getStatistics', id: 2 },
  ]),
  encodeControlFrame([]),
];

export const RELAY_FRAMES: readonly Uint8Array[] = [
  made((buf) => writeRelayOpen(buf, 0, 7, { ip: Uint8Array.of(192, 0, 2, 1), port: 5000 })),
  made((buf) => {
    writeRelayHeader(buf, 0, 7, RelayKind.data, 5);
    writeRelayHeader(buf, 12, 7, RelayKind.close, 0);
    return 19;
  }),
];

/** RFC 4571 frames. */
export const TCP_FRAMES: readonly Uint8Array[] = [fromHex('0003 010203 0000 0001 ff')];

const FIXTURES = new URL('../../core/test/fixtures/', import.meta.url);

/** Offers of Chromium and Firefox. */
export const OFFERS: readonly Uint8Array[] = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.sdp'))
  .sort()
  .map((name) => readFileSync(new URL(name, FIXTURES)));

export const FRAGMENTS: readonly Uint8Array[] = [
  bytesOf(
    'a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=group:BUNDLE 0 1\r\n' +
      'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n' +
      'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n' +
      'a=end-of-candidates\r\n',
  ),
];

export const CANDIDATES: readonly Uint8Array[] = [
  '1 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1',
  '3 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active',
  '842163049 1 UDP 1677729535 198.51.100.7 4242 typ srflx raddr 10.0.0.1 rport 50000',
  '0 1 udp 2122187007 4a0b2cd9-6c42-43a8-97dc-2ec7ed2a52a6.local 51234 typ host',
].map(bytesOf);

export const ADDRESSES: readonly Uint8Array[] = [
  '192.0.2.1',
  '2001:db8::1',
  '::ffff:192.0.2.1',
  '1:2:3:4:5:6:7:8',
  '::',
].map(bytesOf);

export const MESSAGES: readonly Uint8Array[] = [
  {
    kind: 'join',
    id: 1,
    token: 'x.y.z',
    client: { sdk: 'js', version: '1', userAgent: 'test' },
    name: 'Ada',
    attributes: { role: 'host' },
  },
  { kind: 'resume', id: 2, participantSid: 'P_1', resumeToken: 'token', lastSeq: 7 },
  {
    kind: 'offer',
    id: 3,
    sdp: 'v=0',
    fresh: true,
    senders: [{ mid: '0', source: 'camera' }],
    pairs: [{ audio: '1', video: '2' }],
  },
].map((message) => bytesOf(JSON.stringify(message)));
