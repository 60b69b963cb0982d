import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IceFragment, parseFragment, printFragment, replaceIce } from '../src/sdp/index.ts';
import { fixture, mustNegotiate, mustParse, refusalOf } from './sdp-fixtures.ts';

test('RFC 9725 §4.3.2: a trickle fragment names the session it speaks of and its candidates', () => {
  const fragment = parseFragment(
    [
      'a=group:BUNDLE 0 1',
      'a=ice-ufrag:EsAw',
      'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=mid:0',
      'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw',
      'a=end-of-candidates',
      '',
    ].join('\r\n'),
  );
  assert.deepEqual(fragment, {
    ok: true,
    value: {
      ice: { ufrag: 'EsAw', pwd: 'P2uYro0UCOQ4zxjKXaWCBui1' },
      lite: false,
      bundle: ['0', '1'],
      media: [
        {
          mid: '0',
          line: { kind: 'audio', protocol: 'UDP/TLS/RTP/SAVPF', formats: '111' },
          candidates: [
            '1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw',
          ],
          endOfCandidates: true,
        },
      ],
    },
  });
});

test('RFC 8840 §9: credentials may stand alone, or be absent', () => {
  const alone = parseFragment('a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n');
  assert.deepEqual(alone.ok && alone.value.ice, { ufrag: 'abcd', pwd: '0123456789012345678901' });
  const none = parseFragment('m=audio 9 RTP/AVP 0\na=mid:0\na=end-of-candidates\n');
  assert.equal(none.ok && none.value.ice, null);
});

test('a fragment with half of the credentials, or an m-line without mid, is refused', () => {
  const code = (text: string) => {
    const fragment = parseFragment(text);
    return fragment.ok ? 'ok' : fragment.error.code;
  };
  assert.equal(code('a=ice-ufrag:abcd\n'), 'missingIce');
  assert.equal(code('a=ice-ufrag:abcd\na=ice-pwd:short\n'), 'badIce');
  assert.equal(code('m=audio 9 RTP/AVP 0\n'), 'badMid');
  assert.equal(code('m=audio\na=mid:0\n'), 'badLine');
});

test('the ICE part of an answer is the fragment of a restart', () => {
  const { sdp } = mustNegotiate(fixture('firefox-153-publish'));
  const fragment = parseFragment(sdp);
  assert.ok(fragment.ok);
  assert.match(
    printFragment(fragment.value),
    /^a=ice-lite\r\na=group:BUNDLE 0 1\r\nm=audio 9 \S+ [0-9 ]+\r\na=mid:0\r\na=ice-ufrag:lufrag\r\na=ice-pwd:\S+\r\na=candidate:1 /,
  );
});

test('an offer with replaced credentials is the same offer otherwise', () => {
  const sdp = fixture('chromium-156-room');
  const ice = { ufrag: 'new$&u', pwd: 'n'.repeat(24) };
  assert.equal(refusalOf(replaceIce(sdp, ice)).code, 'badIce');
  const offer = mustParse(replaceIce(sdp, { ...ice, ufrag: 'newu' }));
  const before = mustParse(sdp);
  assert.deepEqual(offer, { ...before, ice: { ...before.ice, ufrag: 'newu', pwd: ice.pwd } });
});

const token = fc.stringMatching(/^[A-Za-z0-9-]{1,16}$/);
const fragments: fc.Arbitrary<IceFragment> = fc.record({
  ice: fc.option(
    fc.record({
      ufrag: fc.stringMatching(/^[A-Za-z0-9+/]{4,20}$/),
      pwd: fc.stringMatching(/^[A-Za-z0-9+/]{22,40}$/),
    }),
  ),
  lite: fc.boolean(),
  bundle: fc.array(token, { maxLength: 3 }),
  media: fc.array(
    fc.record({
      mid: token,
      line: fc.record({
        kind: fc.constantFrom('audio', 'video'),
        protocol: fc.constant('UDP/TLS/RTP/SAVPF'),
        formats: fc.constantFrom('0', '96 97'),
      }),
      candidates: fc.array(fc.constant('1 1 udp 2130706431 192.0.2.1 7000 typ host'), {
        maxLength: 3,
      }),
      endOfCandidates: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
});

test('print then parse is the same', () => {
  fc.assert(
    fc.property(fragments, (drawn) => {
      const fragment = structuredClone(drawn);
      assert.deepEqual(parseFragment(printFragment(fragment)), { ok: true, value: fragment });
    }),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseFragment(text)));
});
