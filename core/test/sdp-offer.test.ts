import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareOffers, describeSdpError, parseOffer } from '../src/sdp/index.ts';
import {
  FINGERPRINT,
  FIXTURES,
  fixture,
  mustParse,
  refusalOf,
  shortOffer,
} from './sdp-fixtures.ts';

test('a room offer of either browser has its nine m-lines, all in one BUNDLE group', () => {
  for (const browser of ['chromium-156', 'firefox-153'] as const) {
    const offer = mustParse(fixture(`${browser}-room`));
    const mids = ['0', '1', '2', '3', '4', '5', '6', '7', '8'];
    assert.deepEqual(offer.bundle, mids);
    assert.deepEqual(
      offer.media.map(({ mid }) => mid),
      mids,
    );
    assert.deepEqual(
      offer.media.map(({ kind, direction }) => `${kind} ${direction}`),
      [
        'audio sendonly',
        'video sendonly',
        'video sendonly',
        'audio sendonly',
        'audio recvonly',
        'video recvonly',
        'audio recvonly',
        'video recvonly',
        'audio recvonly',
      ],
    );
    assert.equal(offer.setup, 'actpass');
    assert.equal(offer.fingerprints.length, 1);
    assert.deepEqual(offer.ice.options, ['trickle']);
    assert.ok(
      offer.media.every(({ rejected }) => !rejected),
      'port 0 with bundle-only is wanted',
    );
  }
});

test('RFC 8853 §5.1: simulcast rids are in the order of a=simulcast; Chromium gives no SSRCs, Firefox pairs', () => {
  const chromium = mustParse(fixture('chromium-156-room')).media[1];
  assert.deepEqual(chromium?.rids, ['q', 'h', 'f']);
  assert.deepEqual(chromium?.ssrcs, []);
  const firefox = mustParse(fixture('firefox-153-room')).media[1];
  assert.deepEqual(firefox?.rids, ['q', 'h', 'f']);
  assert.equal(firefox?.ssrcs.length, 3);
  assert.ok(firefox?.ssrcs.every(({ rtxSsrc }) => rtxSsrc !== null));
});

test('RFC 8285 §4.3: extmap-allow-mixed is at session level in Chromium and in each m-line in Firefox', () => {
  const chromium = mustParse(fixture('chromium-156-room'));
  assert.equal(chromium.extmapAllowMixed, true);
  const firefox = mustParse(fixture('firefox-153-room'));
  assert.equal(firefox.extmapAllowMixed, false);
  assert.ok(firefox.media.every(({ extmapAllowMixed }) => extmapAllowMixed));
});

test('a Firefox msid keeps its braces, an extension its direction', () => {
  const [audio] = mustParse(fixture('firefox-153-publish')).media;
  assert.match(audio?.msid?.streamId ?? '', /^\{[0-9a-f-]{36}\}$/);
  const csrc = audio?.extensions.find(({ uri }) => uri.endsWith('csrc-audio-level'));
  assert.equal(csrc?.direction, 'recvonly');
});

test('RFC 4588 §8.6: codecs carry the RTX payload type that names them, and their feedback', () => {
  const video = mustParse(fixture('chromium-156-publish')).media[1];
  assert.deepEqual(video?.codecs[0], {
    payloadType: 96,
    name: 'vp8',
    clockRate: 90000,
    channels: 1,
    matchKey: 'vp8',
    fmtp: '',
    rtxPayloadType: 97,
    nack: true,
    pli: true,
    fir: true,
    remb: true,
    transportCc: true,
  });
});

test('RFC 6184 table 5: spellings of one H.264 profile have one match key, modes differ, levels do not', () => {
  const key = (fmtp: string): string | undefined =>
    mustParse(
      shortOffer((sdp) => sdp.replace('96 VP8/90000', `96 H264/90000\r\na=fmtp:96 ${fmtp}`)),
    ).media[1]?.codecs[0]?.matchKey;
  assert.equal(key('packetization-mode=1;profile-level-id=42e01f'), 'h264/42e0/1');
  assert.equal(key('profile-level-id=42C02A; packetization-mode=1'), 'h264/42e0/1');
  assert.equal(key('profile-level-id=4d801f;packetization-mode=1'), 'h264/42e0/1');
  assert.equal(key('packetization-mode=0;profile-level-id=42e01f'), 'h264/42e0/0');
  assert.equal(key('profile-level-id=42001f'), 'h264/4200/0');
  assert.equal(key('profile-level-id=4d001f'), 'h264/4d00/0');
  assert.equal(key('profile-level-id=640c1f;packetization-mode=1'), 'h264/640c/1');
  assert.equal(key('packetization-mode=1'), 'h264/42e0/1');
  assert.equal(key('profile-level-id=F4001F'), 'h264/f400/0');
});

test('static payload types need no rtpmap; payload types that look like RTCP are left out', () => {
  const { media } = mustParse(
    shortOffer((sdp) =>
      sdp
        .replace('SAVPF 111', 'SAVPF 111 0 9 72')
        .replace('a=ssrc:11', 'a=rtpmap:72 PCMA/8000\r\na=ssrc:11'),
    ),
  );
  assert.deepEqual(
    media[0]?.codecs.map(({ name, payloadType }) => `${payloadType} ${name}`),
    ['111 opus', '0 pcmu', '9 g722'],
  );
});

test('line ends may be LF, encoding names any case, s= anything, unknown lines are skipped', () => {
  const sdp = shortOffer((text) =>
    text
      .replaceAll('\r\n', '\n')
      .replace('s=-', 's=Björn = "live"; 100%')
      .replace('VP8/', 'vp8/')
      .replace('t=0 0', 't=0 0\nx=what\na=unknown:thing'),
  );
  assert.deepEqual(mustParse(sdp), mustParse(shortOffer()));
});

test('RFC 8122 §5: of several fingerprints those with strong hashes count, wherever they stand', () => {
  const weak = `a=fingerprint:SHA-1 ${Array(20).fill('0B').join(':')}`;
  const strong = `a=fingerprint:SHA-256 ${FINGERPRINT.toLowerCase()}`;
  const both = mustParse(
    shortOffer((sdp) => sdp.replaceAll(/^a=fingerprint.*$/gm, `${strong}\r\n${weak}`)),
  );
  assert.deepEqual(both.fingerprints, [{ algorithm: 'sha-256', value: FINGERPRINT }]);
  const session = shortOffer((sdp) =>
    sdp.replaceAll(/^a=fingerprint.*\r\n/gm, '').replace('t=0 0', `t=0 0\r\n${strong}`),
  );
  assert.deepEqual(mustParse(session).fingerprints, both.fingerprints);
});

test('RFC 4145 §4: an offer without a=setup is active', () => {
  assert.equal(
    mustParse(shortOffer((sdp) => sdp.replaceAll('a=setup:actpass\r\n', ''))).setup,
    'active',
  );
});

test('RFC 9143 §7: one m-line needs no group; a rejected one stays outside it', () => {
  const single = shortOffer((sdp) =>
    sdp.replace('a=group:BUNDLE a v\r\n', '').replace(/m=video[\s\S]*/, ''),
  );
  assert.deepEqual(mustParse(single).bundle, []);
  const rejected = mustParse(
    shortOffer((sdp) => sdp.replace('BUNDLE a v', 'BUNDLE a').replace('m=video 9', 'm=video 0')),
  );
  assert.deepEqual(rejected.bundle, ['a']);
  assert.deepEqual(
    rejected.media.map((media) => media.rejected),
    [false, true],
  );
});

const replaced = (from: string | RegExp, to: string): string =>
  shortOffer((sdp) => sdp.replaceAll(from, to));

const REFUSALS: readonly (readonly [title: string, sdp: string, error: object])[] = [
  ['more than 256 KiB', 'a'.repeat(262_145), { code: 'tooLong', length: 262_145 }],
  ['too many lines', 'a\n'.repeat(16_384), { code: 'tooManyLines', count: 16_385 }],
  ['too many m-lines', 'm=audio 9 X 0\n'.repeat(257), { code: 'tooManyMedia', count: 257 }],
  ['an empty text', '', { code: 'noMedia' }],
  [
    'an m-line without fields',
    replaced('m=video 9 UDP/TLS/RTP/SAVPF 96 97', 'm=video'),
    { code: 'badLine', mid: 'v', line: 'm= …' },
  ],
  ['no mid', replaced('a=mid:v\r\n', ''), { code: 'badMid', index: 1, mid: '' }],
  [
    'a mid of 17 characters',
    replaced(/\bv\b(?=\r\n)/g, 'x'.repeat(17)),
    { code: 'badMid', index: 1, mid: 'x'.repeat(17) },
  ],
  ['a duplicate mid', replaced('a=mid:v', 'a=mid:a'), { code: 'duplicateMid', mid: 'a' }],
  [
    'plain RTP over SCTP',
    replaced('9 UDP/TLS/RTP/SAVPF 96', '9 UDP/DTLS/SCTP 96'),
    { code: 'badProtocol', mid: 'v', protocol: 'UDP/DTLS/SCTP' },
  ],
  [
    'SDES keys',
    replaced('a=mid:v', 'a=mid:v\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x'),
    { code: 'sdesCrypto', mid: 'v' },
  ],
  ['no rtcp-mux', replaced('a=rtcp-mux\r\n', ''), { code: 'missingRtcpMux', mid: 'a' }],
  ['no ICE password', replaced(/a=ice-pwd.*\r\n/g, ''), { code: 'missingIce', mid: 'a' }],
  [
    'a short ICE user name',
    replaced('a=ice-ufrag:abcd', 'a=ice-ufrag:abc'),
    { code: 'badIce', mid: 'a' },
  ],
  [
    'no fingerprint',
    replaced(/a=fingerprint.*\r\n/g, ''),
    { code: 'missingFingerprint', mid: 'a' },
  ],
  [
    'a fingerprint by SHA-1 alone',
    replaced(/sha-256 .*(?=\r)/g, 'sha-1 00'),
    { code: 'weakFingerprint', mid: 'a', algorithm: 'sha-1' },
  ],
  [
    'a fingerprint that is cut',
    replaced(/sha-256 .*(?=\r)/g, 'sha-256 A1:A1'),
    { code: 'badLine', mid: 'a', line: 'a=fingerprint:sha-256 A1:A1' },
  ],
  [
    'setup:holdconn',
    replaced('setup:actpass', 'setup:holdconn'),
    { code: 'badSetup', mid: 'a', setup: 'holdconn' },
  ],
  [
    'an m-line outside the group',
    replaced('BUNDLE a v', 'BUNDLE a'),
    { code: 'notBundled', mid: 'v' },
  ],
  ['no group', replaced('a=group:BUNDLE a v\r\n', ''), { code: 'notBundled', mid: 'a' }],
  [
    'one payload type for two codecs',
    replaced('96 97', '111 97').replace('96 VP8', '111 VP8'),
    { code: 'payloadTypeConflict', mid: 'v', payloadType: 111 },
  ],
  [
    'one extension id for two URIs',
    replaced(/(96 97[\s\S]*a=extmap:4) .*?(?=\r)/g, '$1 urn:ietf:params:rtp-hdrext:toffset'),
    { code: 'extensionConflict', mid: 'v', id: 4 },
  ],
  [
    'one extension id twice in an m-line',
    replaced('a=ssrc:11', 'a=extmap:4 urn:x\r\na=ssrc:11'),
    { code: 'extensionConflict', mid: 'a', id: 4 },
  ],
  [
    'an extension without URI',
    replaced('extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid', 'extmap:4 '),
    { code: 'badLine', mid: 'a', line: 'a=extmap:4 ' },
  ],
  [
    'payload type 128',
    replaced('SAVPF 111', 'SAVPF 128'),
    { code: 'badLine', mid: 'a', line: 'm=… 128' },
  ],
  [
    'a rid of 17 characters',
    replaced('a=mid:v', `a=mid:v\r\na=rid:${'r'.repeat(17)} send`),
    { code: 'badLine', mid: 'v', line: `a=rid:${'r'.repeat(17)} send` },
  ],
];

for (const [title, sdp, error] of REFUSALS) {
  test(`refused: ${title}`, () => {
    const refusal = refusalOf(sdp);
    assert.deepEqual(refusal, error);
    assert.match(describeSdpError(refusal), /^.{20,300}\.$/);
  });
}

test('RFC 3264 §8: a later offer keeps its m-lines; the place of a refused one may be used again', () => {
  const before = mustParse(shortOffer());
  const unchanged = compareOffers(before, before, []);
  assert.deepEqual(unchanged, { ok: true, value: { iceRestart: false } });
  const restarted = mustParse(replaced('a=ice-ufrag:abcd', 'a=ice-ufrag:efgh'));
  assert.deepEqual(compareOffers(before, restarted, []), { ok: true, value: { iceRestart: true } });

  const renamed = mustParse(replaced('a=mid:v', 'a=mid:w').replace('BUNDLE a v', 'BUNDLE a w'));
  assert.deepEqual(compareOffers(before, renamed, []), {
    ok: false,
    error: { code: 'midMoved', mid: 'w', index: 1 },
  });
  assert.ok(compareOffers(before, renamed, ['v']).ok);
  const shorter = mustParse(replaced(/m=video[\s\S]*/g, '').replace('BUNDLE a v', 'BUNDLE a'));
  assert.deepEqual(compareOffers(before, shorter, []), {
    ok: false,
    error: { code: 'mediaRemoved', count: 1, before: 2 },
  });
  const other = mustParse(replaced(FINGERPRINT, FINGERPRINT.replaceAll('A1', 'B2')));
  assert.deepEqual(compareOffers(before, other, []), {
    ok: false,
    error: { code: 'fingerprintChanged' },
  });
});

test('no text makes the parser throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseOffer(text)));
});

test('no damage to a real offer makes the parser throw, and each refusal can be told in a sentence', () => {
  const lines = FIXTURES.flatMap((name) => fixture(name).split('\r\n'));
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...lines) },
    fc
      .tuple(fc.constantFrom(...lines), fc.nat(60), fc.string({ maxLength: 6 }))
      .map(([text, at, noise]) => text.slice(0, at) + noise + text.slice(at + 1)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (damaged) => {
      const offer = parseOffer(damaged.join('\r\n'));
      if (!offer.ok) assert.notEqual(describeSdpError(offer.error), '');
    }),
    { numRuns: 500 },
  );
});

test('no line of a real offer is missed: leaving it out never throws', () => {
  const lines = fixture('firefox-153-room').split('\r\n');
  for (const [index] of lines.entries()) void parseOffer(lines.toSpliced(index, 1).join('\r\n'));
});
