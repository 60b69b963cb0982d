import type { LocalPeer, RemotePeer } from './load-client.ts';

/** One m-line that the load client offers. */
export interface OfferedMedia {
  readonly kind: 'audio' | 'video';
  readonly mid: string;
  readonly payloadType: number;
  readonly direction: 'sendonly' | 'recvonly';
  readonly ssrc?: number;
  /** Offers the audio level extension, for servers that choose whom to forward by it. */
  readonly withLevel?: boolean;
}

/** The few facts of a server's description that the load client needs. */
export interface ParsedSdp {
  lite: boolean;
  readonly transport: Transport;
  readonly media: ParsedMedia[];
}
interface Transport {
  ufrag?: string;
  pwd?: string;
  setup?: string;
}
interface ParsedMedia extends Transport {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  mid: string;
  midExtension: number;
  levelExtension: number;
  readonly payloadTypes: Map<string, number>;
  readonly candidates: { ip: string; port: number; priority: number }[];
}

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const MID_ID = 4;
const LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const LEVEL_ID = 5;

/** An offer with all candidates: nothing is trickled. */
export function writeOffer(local: LocalPeer, media: readonly OfferedMedia[]): string {
  const lines = header(media.map((m) => m.mid));
  for (const m of media) {
    lines.push(
      `m=${m.kind} 9 UDP/TLS/RTP/SAVPF ${m.payloadType}`,
      ...transportLines(local, 'actpass'),
      `a=mid:${m.mid}`,
      `a=extmap:${MID_ID} ${MID}`,
      ...(m.withLevel ? [`a=extmap:${LEVEL_ID} ${LEVEL}`] : []),
      `a=${m.direction}`,
      ...codecLines(m.kind, m.payloadType),
    );
    if (m.ssrc !== undefined) {
      lines.push(`a=msid:bench bench-${m.kind}`, `a=ssrc:${m.ssrc} cname:bench`);
      lines.push(`a=ssrc:${m.ssrc} msid:bench bench-${m.kind}`);
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** A receive-only answer: takes the server's first Opus or VP8 payload type, refuses everything else. */
export function writeAnswer(local: LocalPeer, offer: ParsedSdp): string {
  const lines = header(offer.media.map((m) => m.mid));
  for (const m of offer.media) {
    const kind = m.kind === 'audio' ? 'audio' : 'video';
    const payloadType = m.payloadTypes.get(kind === 'audio' ? 'opus' : 'vp8');
    if (payloadType === undefined) {
      lines.push(`m=${m.kind} 0 ${m.protocol} ${m.formats[0]}`, `a=mid:${m.mid}`, 'a=inactive');
      continue;
    }
    lines.push(
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
      ...transportLines(local, 'active'),
      `a=mid:${m.mid}`,
      ...(m.midExtension > 0 ? [`a=extmap:${m.midExtension} ${MID}`] : []),
      'a=recvonly',
      ...codecLines(kind, payloadType),
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}

export function parseSdp(text: string): ParsedSdp {
  const sdp: ParsedSdp = { lite: false, transport: {}, media: [] };
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('m=')) {
      const [kind = '', port = '0', protocol = '', ...formats] = line.slice(2).split(' ');
      sdp.media.push({
        kind,
        port: Number(port),
        protocol,
        formats,
        mid: '',
        midExtension: 0,
        levelExtension: 0,
        payloadTypes: new Map(),
        candidates: [],
      });
    } else if (line.startsWith('a=')) parseAttribute(sdp, line.slice(2));
  }
  return sdp;
}

function parseAttribute(sdp: ParsedSdp, line: string): void {
  const media = sdp.media.at(-1);
  const place = media ?? sdp.transport;
  const [, name, value = ''] = /^([^:]+):?(.*)$/.exec(line) ?? [];
  const [first = '', second = ''] = value.split(' ');
  if (name === 'ice-ufrag') place.ufrag = value;
  else if (name === 'ice-pwd') place.pwd = value;
  else if (name === 'setup') place.setup = value;
  else if (name === 'ice-lite') sdp.lite = true;
  else if (!media) return;
  else if (name === 'mid') media.mid = value;
  else if (name === 'extmap' && second === MID) media.midExtension = Number.parseInt(first, 10);
  else if (name === 'extmap' && second === LEVEL) media.levelExtension = Number.parseInt(first, 10);
  else if (name === 'rtpmap') {
    const codec = second.split('/')[0]?.toLowerCase() ?? '';
    if (!media.payloadTypes.has(codec)) media.payloadTypes.set(codec, Number(first));
  } else if (name === 'candidate') {
    const [, component, protocol, priority, ip = '', port] = value.split(' ');
    if (component === '1' && protocol?.toLowerCase() === 'udp') {
      media.candidates.push({ ip, port: Number(port), priority: Number(priority) });
    }
  }
}

/** The transport of the server's bundled description. Throws when it has no UDP candidate on loopback. */
export function remotePeer(sdp: ParsedSdp, weOffered: boolean): RemotePeer {
  const media = sdp.media.find((m) => m.port !== 0) ?? sdp.media[0];
  const candidate = sdp.media
    .flatMap((m) => m.candidates)
    .filter((c) => c.ip.startsWith('127.'))
    .sort((a, b) => b.priority - a.priority)[0];
  if (!candidate || !media) throw new Error('the server offered no UDP candidate on loopback');
  const setup = media.setup ?? sdp.transport.setup ?? 'passive';
  return {
    ip: candidate.ip,
    port: candidate.port,
    ufrag: media.ufrag ?? sdp.transport.ufrag ?? '',
    pwd: media.pwd ?? sdp.transport.pwd ?? '',
    dtls: setup === 'active' ? 'passive' : 'active',
    ice: weOffered || sdp.lite ? 'controlling' : 'controlled',
    midExtension: media.midExtension,
    levelExtension: sdp.media.find((m) => m.levelExtension > 0)?.levelExtension ?? 0,
  };
}

function header(mids: readonly string[]): string[] {
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    'a=msid-semantic: WMS *',
  ];
}

function transportLines(local: LocalPeer, setup: 'actpass' | 'active'): string[] {
  return [
    'c=IN IP4 127.0.0.1',
    `a=candidate:1 1 udp 2130706431 ${local.ip} ${local.port} typ host`,
    'a=end-of-candidates',
    `a=ice-ufrag:${local.ufrag}`,
    `a=ice-pwd:${local.pwd}`,
    `a=fingerprint:sha-256 ${local.fingerprint}`,
    `a=setup:${setup}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
  ];
}

function codecLines(kind: 'audio' | 'video', pt: number): string[] {
  if (kind === 'audio')
    return [`a=rtpmap:${pt} opus/48000/2`, `a=fmtp:${pt} minptime=10;useinbandfec=1`];
  return [
    `a=rtpmap:${pt} VP8/90000`,
    `a=rtcp-fb:${pt} nack`,
    `a=rtcp-fb:${pt} nack pli`,
    `a=rtcp-fb:${pt} ccm fir`,
  ];
}
