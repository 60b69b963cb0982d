/** An m-line of a test's offer. */
export interface TestMedia {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly direction: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive';
  readonly rids?: readonly string[];
}

const FINGERPRINT = Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(
  ':',
);

/** SDP as a browser writes it, with just enough lines to be accepted. */
export function writeOffer(media: readonly TestMedia[], ufrag = 'abcd'): string {
  const lines = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${media.map((line) => line.mid).join(' ')}`,
    'a=extmap-allow-mixed',
  ];
  for (const line of media) lines.push(...mediaLines(line, ufrag));
  return `${lines.join('\r\n')}\r\n`;
}

function mediaLines({ mid, kind, direction, rids = [] }: TestMedia, ufrag: string): string[] {
  const codecs =
    kind === 'audio'
      ? ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1']
      : [
          'a=rtpmap:96 VP8/90000',
          'a=rtcp-fb:96 nack',
          'a=rtcp-fb:96 nack pli',
          'a=rtpmap:97 rtx/90000',
          'a=fmtp:97 apt=96',
        ];
  const simulcast =
    rids.length === 0
      ? []
      : [...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(';')}`];
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${kind === 'audio' ? '111' : '96 97'}`,
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    'a=ice-pwd:0123456789012345678901',
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    'a=setup:actpass',
    `a=mid:${mid}`,
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs,
    ...simulcast,
  ];
}
