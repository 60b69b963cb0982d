import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  type LocalSession,
  type Negotiation,
  negotiate,
  parseOffer,
  type SdpError,
  type SessionOffer,
} from '../src/sdp/index.ts';

/*
 * Offers captured from Chromium 156 and Firefox ESR 153 with fake devices and max-bundle. `room`: microphone,
 * camera with three VP8 layers, screen, screen audio, then two audio and video pairs and one audio m-line
 * to receive. `publish`, `play`: what WHIP and WHEP pages offer. `data`: sendrecv and a data channel.
 */
export type FixtureName =
  `${'chromium-156' | 'firefox-153'}-${'room' | 'publish' | 'play' | 'data'}`;

export const FIXTURES: readonly FixtureName[] = (['chromium-156', 'firefox-153'] as const).flatMap(
  (browser) =>
    (['room', 'publish', 'play', 'data'] as const).map((use) => `${browser}-${use}` as const),
);

export const fixture = (name: FixtureName): string =>
  readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), 'utf8');

export const FINGERPRINT = Array(32).fill('A1').join(':');

/** Our side with SSRCs that tell the m-line: 1000 + index, RTX 2000 + index, in order of asking. */
export function localSession(options: Partial<LocalSession> = {}): LocalSession {
  let count = 0;
  return {
    ice: { ufrag: 'lufrag', pwd: 'lpwdlpwdlpwdlpwdlpwdlpwd' },
    fingerprint: { algorithm: 'sha-256', value: FINGERPRINT },
    candidates: [{ address: '192.0.2.1', port: 7000, protocol: 'udp' }],
    audioCodecs: ['opus', 'pcmu', 'pcma', 'telephone-event'],
    videoCodecs: ['vp8', 'h264', 'vp9', 'av1', 'h265'],
    sessionId: '4611732458',
    sessionVersion: 1,
    outgoing: (mid) => ({
      ssrc: 1000 + count,
      rtxSsrc: 2000 + count++,
      cname: 'slots',
      streamId: `stream${mid}`,
      trackId: `track${mid}`,
    }),
    ...options,
  };
}

export function mustParse(sdp: string): SessionOffer {
  const offer = parseOffer(sdp);
  assert.ok(offer.ok, JSON.stringify(offer));
  return offer.value;
}

export function mustNegotiate(sdp: string, options: Partial<LocalSession> = {}): Negotiation {
  const negotiation = negotiate(mustParse(sdp), localSession(options));
  assert.ok(negotiation.ok, JSON.stringify(negotiation));
  return negotiation.value;
}

export function refusalOf(sdp: string): SdpError {
  const offer = parseOffer(sdp);
  assert.ok(!offer.ok, 'the offer is refused');
  return offer.error;
}

/** A short offer of one Opus and one VP8 m-line, CRLF; `edit` changes the text. */
export function shortOffer(edit: (sdp: string) => string = (sdp) => sdp): string {
  const transport = [
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:0123456789012345678901',
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    'a=setup:actpass',
    'a=rtcp-mux',
    'a=sendonly',
  ];
  const lines = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE a v',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:a',
    ...transport,
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=rtpmap:111 opus/48000/2',
    'a=ssrc:11 cname:x',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
    'a=mid:v',
    ...transport,
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=rtpmap:96 VP8/90000',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=ssrc-group:FID 21 22',
    'a=ssrc:21 cname:x',
    'a=ssrc:22 cname:x',
  ];
  return edit(`${lines.join('\r\n')}\r\n`);
}
