import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'sdp-transform';
import { negotiate, parseFragment } from '../src/sdp/index.ts';
import {
  FIXTURES,
  fixture,
  localSession,
  mustNegotiate,
  mustParse,
  shortOffer,
} from './sdp-fixtures.ts';

/** The answer's lines of the m-line with this mid. */
function linesOf(sdp: string, mid: string): string[] {
  const section = sdp.split(/^(?=m=)/m).find((text) => text.includes(`\r\na=mid:${mid}\r\n`));
  return section?.trimEnd().split('\r\n') ?? [];
}

test('RFC 3264 §6: an answer has the m-lines of the offer in order, kinds and mids kept', () => {
  for (const name of FIXTURES) {
    const offer = parse(fixture(name));
    const answer = parse(mustNegotiate(fixture(name)).sdp);
    const places = ({ media }: typeof offer) => media.map(({ type, mid }) => `${type} ${mid}`);
    assert.deepEqual(places(answer), places(offer), name);
  }
});

test('the session: ice-lite, BUNDLE of what was accepted, our origin, mixed headers where they were offered', () => {
  const session = (sdp: string): string => sdp.slice(0, sdp.indexOf('m='));
  assert.equal(
    session(mustNegotiate(fixture('chromium-156-data'), { sessionVersion: 7 }).sdp),
    [
      'v=0',
      'o=- 4611732458 7 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0 1',
      'a=ice-lite',
      'a=extmap-allow-mixed',
      'a=msid-semantic:WMS *',
      '',
    ].join('\r\n'),
  );
  const firefox = mustNegotiate(fixture('firefox-153-play')).sdp;
  assert.doesNotMatch(session(firefox), /extmap-allow-mixed/);
  assert.ok(linesOf(firefox, '1').includes('a=extmap-allow-mixed'));
});

test('RFC 9429 §5.3.1: an audio slot of a room, line for line', () => {
  const { sdp } = mustNegotiate(fixture('chromium-156-room'));
  assert.deepEqual(linesOf(sdp, '4'), [
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:lufrag',
    'a=ice-pwd:lpwdlpwdlpwdlpwdlpwdlpwd',
    `a=fingerprint:sha-256 ${localSession().fingerprint.value}`,
    'a=setup:passive',
    'a=mid:4',
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=rtpmap:111 opus/48000/2',
    'a=rtcp-fb:111 transport-cc',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
    'a=msid:stream4 track4',
    'a=ssrc:1000 cname:slots',
  ]);
});

test('RFC 8839 §5.1: candidates stand in the first m-line only, UDP before passive TCP', () => {
  const { sdp } = mustNegotiate(fixture('firefox-153-room'), {
    candidates: [
      { address: '192.0.2.1', port: 7000, protocol: 'udp' },
      { address: '2001:db8::1', port: 7000, protocol: 'udp' },
      { address: '192.0.2.1', port: 7001, protocol: 'tcp' },
    ],
  });
  const expected = [
    'a=candidate:1 1 udp 2130706431 192.0.2.1 7000 typ host',
    'a=candidate:2 1 udp 2130706175 2001:db8::1 7000 typ host',
    'a=candidate:3 1 tcp 1520434687 192.0.2.1 7001 typ host tcptype passive',
    'a=end-of-candidates',
  ];
  assert.deepEqual(
    sdp.split('\r\n').filter((line) => /^a=(candidate|end-of)/.test(line)),
    expected,
  );
  assert.ok(linesOf(sdp, '0').includes('a=end-of-candidates'));
});

test('RFC 8853 §5.3.2: all simulcast layers are taken, in the order of the offer', () => {
  const { sdp, incoming } = mustNegotiate(fixture('chromium-156-room'));
  assert.deepEqual(linesOf(sdp, '1').slice(-4), [
    'a=rid:q recv',
    'a=rid:h recv',
    'a=rid:f recv',
    'a=simulcast:recv q;h;f',
  ]);
  assert.deepEqual(incoming[1]?.rids, ['q', 'h', 'f']);
  assert.match(linesOf(sdp, '1').join(), /sdes:rtp-stream-id/);
});

test('RFC 8853 §5.3.2: what the offer pauses stays paused, and is no change of what comes in', () => {
  const offer = fixture('chromium-156-room');
  const { sdp, incoming } = mustNegotiate(offer.replace('send q;h;f', 'send ~q;h;~f'));
  assert.ok(linesOf(sdp, '1').includes('a=simulcast:recv ~q;h;~f'));
  assert.deepEqual(incoming, mustNegotiate(offer).incoming);
});

test('senders become incoming media, slots outgoing media with the SSRCs we chose', () => {
  const { incoming, outgoing, refused } = mustNegotiate(fixture('firefox-153-room'));
  assert.deepEqual(
    incoming.map(({ mid }) => mid),
    ['0', '1', '2', '3'],
  );
  assert.deepEqual(
    outgoing.map(({ mid, ssrc, rtxSsrc }) => [mid, ssrc, rtxSsrc]),
    [
      ['4', 1000, null],
      ['5', 1001, 2001],
      ['6', 1002, null],
      ['7', 1003, 2003],
      ['8', 1004, null],
    ],
  );
  assert.ok(outgoing.every(({ allowTwoByteExtensions }) => allowTwoByteExtensions));
  assert.equal(outgoing[1]?.reducedSizeRtcp, true);
  assert.deepEqual(refused, []);
});

test('RFC 8285 §6: directions of extensions are mirrored, and only usable ones reach each side', () => {
  const { sdp, incoming, outgoing } = mustNegotiate(fixture('firefox-153-room'));
  assert.match(linesOf(sdp, '1').join('\n'), /a=extmap:6\/sendonly .*playout-delay/);
  assert.match(linesOf(sdp, '1').join('\n'), /a=extmap:9\/recvonly .*rtp-stream-id/);
  const has = (media: (typeof incoming)[number] | (typeof outgoing)[number], end: string) =>
    media.extensions.some(({ uri }) => uri.endsWith(end));
  assert.ok(!has(incoming[1]!, 'playout-delay'));
  assert.ok(has(incoming[1]!, 'sdes:rtp-stream-id'));
  assert.ok(has(outgoing[1]!, 'playout-delay'));
});

test('ids above 14 are answered only when mixed header forms were offered', () => {
  const offer = shortOffer((sdp) =>
    sdp.replace(
      'a=ssrc:11',
      'a=extmap:20 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=ssrc:11',
    ),
  );
  assert.doesNotMatch(mustNegotiate(offer).sdp, /extmap:20/);
  const mixed = offer.replace('t=0 0', 't=0 0\r\na=extmap-allow-mixed');
  assert.match(mustNegotiate(mixed).sdp, /extmap:20/);
});

test('feedback: transport-cc needs its extension, REMB is its fallback', () => {
  const offer = shortOffer((sdp) =>
    sdp.replace(
      'a=rtpmap:97',
      'a=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:* nack\r\na=rtpmap:97',
    ),
  );
  const [, video] = mustNegotiate(offer).incoming;
  assert.deepEqual(
    video?.codecs.map(({ transportCc, remb, nack, pli }) => ({ transportCc, remb, nack, pli })),
    [{ transportCc: false, remb: true, nack: true, pli: false }],
  );
  const [, chromium] = mustNegotiate(fixture('chromium-156-publish')).incoming;
  assert.ok(chromium?.codecs.every(({ transportCc, remb }) => transportCc && !remb));
});

test('codecs come in our order of preference; of H.264 the profile that most decode comes first', () => {
  const { incoming } = mustNegotiate(fixture('chromium-156-publish'), {
    videoCodecs: ['h264', 'vp8'],
    audioCodecs: ['pcma', 'opus'],
  });
  assert.deepEqual(
    incoming[0]?.codecs.map(({ name }) => name),
    ['pcma', 'opus'],
  );
  assert.deepEqual(
    incoming[1]?.codecs.map((codec) => codec.matchKey),
    [
      'h264/42e0/1',
      'h264/4200/1',
      'h264/42e0/0',
      'h264/4200/0',
      'h264/4d00/1',
      'h264/4d00/0',
      'vp8',
    ],
  );
});

test('RFC 4733 §2.1: telephone-event is answered only beside a codec of its clock rate', () => {
  const { incoming } = mustNegotiate(fixture('chromium-156-publish'), {
    audioCodecs: ['opus', 'telephone-event'],
  });
  assert.deepEqual(
    incoming[0]?.codecs.map(({ name, clockRate }) => `${name}/${clockRate}`),
    ['opus/48000', 'telephone-event/48000'],
  );
  const alone = negotiate(mustParse(fixture('chromium-156-publish')), {
    ...localSession(),
    audioCodecs: ['telephone-event'],
  });
  assert.equal(alone.ok || alone.error.code, 'noCommonCodec');
});

test('RFC 7587 §7: stereo is answered when it was offered', () => {
  assert.match(
    mustNegotiate(fixture('firefox-153-play')).sdp,
    /a=fmtp:109 .*stereo=1;sprop-stereo=1/,
  );
  assert.doesNotMatch(mustNegotiate(fixture('chromium-156-play')).sdp, /stereo/);
});

test('RFC 5763 §5: we are the DTLS server unless the offer is passive; an existing role stays', () => {
  const offer = (setup: string) => shortOffer((sdp) => sdp.replaceAll('actpass', setup));
  assert.equal(mustNegotiate(offer('actpass')).dtlsRole, 'server');
  assert.equal(mustNegotiate(offer('active')).dtlsRole, 'server');
  const client = mustNegotiate(offer('passive'));
  assert.equal(client.dtlsRole, 'client');
  assert.match(client.sdp, /a=setup:active/);
  assert.match(mustNegotiate(offer('actpass'), { dtlsRole: 'client' }).sdp, /a=setup:active/);
  assert.deepEqual(negotiate(mustParse(offer('passive')), localSession({ dtlsRole: 'server' })), {
    ok: false,
    error: { code: 'roleChanged', setup: 'passive' },
  });
});

test('a data channel is refused with port 0, but not when it leads the BUNDLE group', () => {
  const { sdp, refused } = mustNegotiate(fixture('chromium-156-data'));
  assert.deepEqual(refused, ['2']);
  assert.deepEqual(linesOf(sdp, '2'), [
    'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=mid:2',
    'a=inactive',
  ]);
  const leading = fixture('chromium-156-data').replace('BUNDLE 0 1 2', 'BUNDLE 2 0 1');
  assert.deepEqual(negotiate(mustParse(leading), localSession()), {
    ok: false,
    error: { code: 'tagRejected', mid: '2' },
  });
});

test('an m-line without a common codec gets port 0; the one that leads the group is an error', () => {
  const { sdp, refused } = mustNegotiate(fixture('chromium-156-play'), { videoCodecs: ['h265'] });
  assert.deepEqual(refused, ['1']);
  assert.match(sdp, /a=group:BUNDLE 0\r\n/);
  assert.match(sdp, /^m=video 0 UDP\/TLS\/RTP\/SAVPF 96 /m);
  const none = negotiate(mustParse(shortOffer()), localSession({ audioCodecs: ['pcmu'] }));
  assert.deepEqual(none, {
    ok: false,
    error: { code: 'noCommonCodec', mid: 'a', offered: ['opus'] },
  });
});

test('sendrecv is answered as such unless the caller narrows it', () => {
  const both = mustNegotiate(fixture('chromium-156-data'));
  assert.deepEqual([both.incoming.length, both.outgoing.length], [2, 2]);
  const narrowed = mustNegotiate(fixture('chromium-156-data'), {
    allow: () => ({ receive: true, send: false }),
  });
  assert.deepEqual([narrowed.incoming.length, narrowed.outgoing.length], [2, 0]);
  assert.ok(linesOf(narrowed.sdp, '0').includes('a=recvonly'));
  const neither = mustNegotiate(fixture('chromium-156-data'), {
    allow: () => ({ receive: false, send: false }),
  });
  assert.ok(linesOf(neither.sdp, '0').includes('a=inactive'));
});

test('an ICE-lite offer is refused: nobody would check', () => {
  const lite = shortOffer((sdp) => sdp.replace('t=0 0', 't=0 0\r\na=ice-lite'));
  assert.deepEqual(negotiate(mustParse(lite), localSession()), {
    ok: false,
    error: { code: 'iceLite' },
  });
});

test('a single m-line without a group is answered without one', () => {
  const single = shortOffer((sdp) =>
    sdp.replace('a=group:BUNDLE a v\r\n', '').replace(/m=video[\s\S]*/, ''),
  );
  const { sdp } = mustNegotiate(single);
  assert.doesNotMatch(sdp, /BUNDLE/);
  assert.ok(linesOf(sdp, 'a').includes('a=end-of-candidates'));
});

test('whatever the offer and the refusals, an answer only uses what was offered', () => {
  const sorted = (values: readonly (string | number)[]) => [...values].map(String).sort();
  fc.assert(
    fc.property(
      fc.constantFrom(...FIXTURES),
      fc.uniqueArray(fc.constantFrom('vp8', 'vp9', 'h264', 'av1'), { minLength: 1 }),
      fc.subarray(['1', '2', '3', '4', '5', '6', '7', '8']),
      (name, videoCodecs, rejected) => {
        const { sdp } = mustNegotiate(fixture(name), {
          videoCodecs,
          rejectMids: new Set(rejected),
        });
        const offer = parse(fixture(name));
        for (const [index, line] of parse(sdp).media.entries()) {
          const offered = offer.media[index]!;
          assert.equal(line.type, offered.type);
          if (line.port === 0) continue;
          const formats = new Set(String(offered.payloads).split(' '));
          const answered = String(line.payloads).split(' ');
          assert.ok(answered.every((format) => formats.has(format)));
          assert.deepEqual(sorted(line.rtp.map(({ payload }) => payload)), sorted(answered));
          for (const { value, uri } of line.ext ?? [])
            assert.ok(offered.ext?.some((other) => other.value === value && other.uri === uri));
          for (const feedback of line.rtcpFb ?? [])
            assert.ok(offered.rtcpFb?.some((other) => isSameFeedback(other, feedback)));
        }
        assert.equal(parseFragment(sdp).ok, true);
      },
    ),
  );
});

interface Feedback {
  readonly payload: number | string;
  readonly type: string;
  readonly subtype?: string;
}

const isSameFeedback = (a: Feedback, b: Feedback): boolean =>
  a.payload === b.payload && a.type === b.type && a.subtype === b.subtype;
