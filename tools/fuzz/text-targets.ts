import { isDeepStrictEqual } from 'node:util';
import { prepareKeys, signToken, verifyToken } from '@switchyard/control/auth';
import { parseIp, printIp } from '@switchyard/core/base';
import { isMdnsName, parseCandidate, printCandidate } from '@switchyard/core/ice';
import { compareOffers, negotiate, parseFragment, parseOffer } from '@switchyard/core/sdp';
import { ClientMessage, ServerMessage } from '@switchyard/core/signal';
import { ADDRESSES, CANDIDATES, FRAGMENTS, MESSAGES, OFFERS } from './corpus.ts';
import { bytesOf, type FuzzTarget, textOf } from './target.ts';

const LOCAL = {
  ice: { ufrag: 'lufrag', pwd: 'lpwdlpwdlpwdlpwdlpwdlpwd' },
  fingerprint: { algorithm: 'sha-256', value: Array(32).fill('A1').join(':') },
  candidates: [{ address: '192.0.2.1', port: 7000, protocol: 'udp' }],
  audioCodecs: ['opus', 'pcmu', 'pcma', 'telephone-event'],
  videoCodecs: ['vp8', 'h264', 'vp9', 'av1', 'h265'],
  sessionId: '4611732458',
  sessionVersion: 1,
  outgoing: () => ({
    ssrc: 1000,
    rtxSsrc: 2000,
    cname: 'slots',
    streamId: 'stream',
    trackId: 'track',
  }),
} as const;

const FIRST_OFFER = parseOffer(textOf(OFFERS[0]!));

const sdp: FuzzTarget = {
  name: 'sdp',
  corpus: OFFERS,
  run(input) {
    const offer = parseOffer(textOf(input));
    if (!offer.ok) return;
    if (FIRST_OFFER.ok) compareOffers(FIRST_OFFER.value, offer.value, ['1']);
    const negotiation = negotiate(offer.value, LOCAL);
    if (!negotiation.ok) return;
    const { sdp: answer, incoming, outgoing } = negotiation.value;
    const lines = answer.split('\r\n').filter((line) => line.startsWith('m=')).length;
    if (lines !== offer.value.media.length) throw new Error('RFC 3264 §6: an m-line is missing');
    // What is written back must not carry lines of the peer's making.
    if (/\r(?!\n)|(?<!\r)\n/.test(answer))
      throw new Error('a line break of the offer’s in the answer');
    for (const { codecs, extensions } of [...incoming, ...outgoing]) {
      if (codecs.some(({ payloadType }) => !(payloadType >= 0 && payloadType <= 127)))
        throw new Error('no payload type');
      if (extensions.some(({ id }) => !(id >= 1 && id <= 255))) throw new Error('no extension id');
    }
  },
};

const sdpFragment: FuzzTarget = {
  name: 'sdpfrag',
  corpus: [...FRAGMENTS, OFFERS[0]!],
  run: (input) => void parseFragment(textOf(input)),
};

const candidate: FuzzTarget = {
  name: 'candidate',
  corpus: CANDIDATES,
  run(input) {
    const parsed = parseCandidate(textOf(input));
    if (!parsed.ok) return;
    isMdnsName(parsed.value.address);
    const again = parseCandidate(printCandidate(parsed.value));
    if (!again.ok || !isDeepStrictEqual(again.value, parsed.value))
      throw new Error('what it reads it cannot print');
  },
};

const ip: FuzzTarget = {
  name: 'ip',
  corpus: ADDRESSES,
  run(input) {
    const parsed = parseIp(textOf(input));
    if (parsed === null) return;
    const again = parseIp(printIp(parsed));
    if (again === null || !isDeepStrictEqual(again, parsed))
      throw new Error('what it reads it cannot print');
  },
};

const signal: FuzzTarget = {
  name: 'signal',
  corpus: MESSAGES,
  run(input) {
    let json: unknown;
    try {
      json = JSON.parse(textOf(input));
    } catch {
      return; // the connection does the same
    }
    ClientMessage.safeParse(json);
    ServerMessage.safeParse(json);
    if (({} as Record<string, unknown>)['polluted'] !== undefined)
      throw new Error('a prototype was changed');
  },
};

const NOW_SECONDS = 1_700_000_000;
const SECRET = 'a secret of more than thirty-two bytes';
const keys = prepareKeys([{ kind: 'secret', id: 'key', secret: SECRET }]);
const TOKEN = signToken(
  { id: 'key', secret: bytesOf(SECRET) },
  { identity: 'ada', name: 'Ada', video: { room: 'lobby', roomJoin: true } },
  NOW_SECONDS,
);
const SIGNED = TOKEN.slice(0, TOKEN.lastIndexOf('.'));

const token: FuzzTarget = {
  name: 'token',
  corpus: [bytesOf(TOKEN)],
  async run(input) {
    const ring = await keys;
    if (!ring.ok) throw new Error('the key cannot be used');
    const text = textOf(input);
    const verified = await verifyToken(text, ring.value, NOW_SECONDS);
    // A signature may be spelled in more than one way; what it covers may not differ by a character.
    if (verified.ok && text.slice(0, text.lastIndexOf('.')) !== SIGNED)
      throw new Error('a changed token was accepted');
    if (!verified.ok && verified.error.detail.includes(text) && text.length > 8)
      throw new Error('the token is in the error');
  },
};

export const textTargets: readonly FuzzTarget[] = [sdp, sdpFragment, candidate, ip, signal, token];
