import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOffer, negotiate, parseOffer } from '../src/sdp/index.ts';
import { localSession, mustParse } from './sdp-fixtures.ts';

const PAIR = [
  { mid: '0', kind: 'audio' },
  { mid: '1', kind: 'video' },
] as const;

/** Our offer as a browser would answer it: the first codec of each m-line, its own transport. */
function answerTo(offer: string, setup: string, edit = (sdp: string) => sdp): string {
  const answer = offer
    .replace('a=ice-lite\r\n', '')
    .replace(/a=(candidate|end-of-candidates|msid|ssrc).*\r\n/g, '')
    .replaceAll('a=ice-ufrag:lufrag', 'a=ice-ufrag:peer')
    .replaceAll('a=ice-pwd:lpwdlpwdlpwdlpwdlpwdlpwd', 'a=ice-pwd:pppppppppppppppppppppppp')
    .replaceAll('a=sendonly', 'a=recvonly')
    .replaceAll('a=setup:actpass', `a=setup:${setup}`);
  return edit(answer);
}

test('RFC 8842 §5.2: an offer of ours leaves the DTLS role open', () => {
  const offer = mustParse(createOffer(PAIR, localSession()));
  assert.equal(offer.setup, 'actpass');
  assert.equal(offer.ice.lite, true);
  assert.deepEqual(offer.bundle, ['0', '1']);
});

test('an offer of ours sends in each m-line, with the SSRCs and the codecs of the session', () => {
  const local = localSession({ videoCodecs: ['h264', 'vp8'], audioCodecs: ['opus'] });
  const { media } = mustParse(createOffer(PAIR, local));
  assert.deepEqual(
    media.map(({ direction }) => direction),
    ['sendonly', 'sendonly'],
  );
  assert.deepEqual(
    media.map(({ ssrcs }) => ssrcs[0]?.ssrc),
    [1000, 1001],
  );
  assert.deepEqual(
    media.map(({ codecs }) => [...new Set(codecs.map(({ name }) => name))]),
    [['opus'], ['h264', 'vp8']],
  );
});

test('the answer to our offer settles the same streams as an offer of the peer would', () => {
  const local = localSession();
  const offer = createOffer(PAIR, local);
  const names = mustParse(offer).media.map(({ ssrcs }) => ssrcs[0]);
  const streams = new Map(PAIR.map(({ mid }, i) => [mid as string, names[i]!]));
  const answer = parseOffer(answerTo(offer, 'active'));
  assert.ok(answer.ok, JSON.stringify(answer));
  const agreed = negotiate(answer.value, {
    ...local,
    outgoing: (mid) => ({ ...streams.get(mid)!, cname: 'c', streamId: 's', trackId: mid }),
  });
  assert.ok(agreed.ok, JSON.stringify(agreed));
  assert.equal(agreed.value.dtlsRole, 'server');
  assert.deepEqual(agreed.value.incoming, []);
  assert.deepEqual(
    agreed.value.outgoing.map(({ mid, ssrc }) => ({ mid, ssrc })),
    PAIR.map(({ mid }) => ({ mid, ssrc: streams.get(mid)!.ssrc })),
  );
});

test('RFC 8842 §5.2: we become the DTLS client of a peer that answers passive', () => {
  const local = localSession();
  const answer = mustParse(answerTo(createOffer(PAIR, local), 'passive'));
  const agreed = negotiate(answer, local);
  assert.equal(agreed.ok && agreed.value.dtlsRole, 'client');
});
