import { err, ok, type Result } from '../base/index.ts';

export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';
/** RFC 6544 §4.5. */
export type TcpType = 'active' | 'passive' | 'so';

/** One `candidate-attribute`. RFC 8839 §5.1, RFC 6544 §4.5. */
export interface Candidate {
  /** 1..32 ice-chars. */
  readonly foundation: string;
  /** 1..256. */
  readonly component: number;
  readonly transport: 'udp' | 'tcp';
  /** 1..2^32-1; RFC says 2^31-1, peers send more. */
  readonly priority: number;
  /** A literal IP address, or a name (`….local` from browsers), as written. */
  readonly address: string;
  /** 0..65535; 9 for active TCP. */
  readonly port: number;
  readonly type: CandidateType;
  readonly relatedAddress: string | null;
  readonly relatedPort: number | null;
  readonly tcpType: TcpType | null;
  /** The generation that it belongs to, when the sender says so. */
  readonly ufrag: string | null;
}

export type CandidateError =
  | { readonly code: 'tooLong'; readonly length: number }
  | { readonly code: 'tooFewFields'; readonly count: number }
  | { readonly code: 'badField'; readonly field: keyof Candidate; readonly value: string };

const MAX_LENGTH = 1024;
/** Literal addresses and names; nothing that could break a line. */
const ADDRESS = /^[A-Za-z0-9.:_-]{1,255}$/;
const UFRAG = /^[A-Za-z0-9+/]{1,256}$/;

/**
 * Parses the value of an `a=candidate` line, with or without `candidate:` in front. Unknown extensions
 * are skipped. Never throws: what a peer wrote ends here or is typed.
 */
export function parseCandidate(value: string): Result<Candidate, CandidateError> {
  if (value.length > MAX_LENGTH) return err({ code: 'tooLong', length: value.length });
  const parts = value
    .trim()
    .replace(/^(a=)?candidate:/, '')
    .split(/ +/);
  if (parts.length < 8) return err({ code: 'tooFewFields', count: parts.length });
  const [foundation, component, transport, priority, address, port, typ, type] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string, // eight, counted above
  ];
  const protocol = transport.toLowerCase();
  if (!/^[A-Za-z0-9+/]{1,32}$/.test(foundation)) return bad('foundation', foundation);
  if (!isInteger(component, 1, 256)) return bad('component', component);
  if (protocol !== 'udp' && protocol !== 'tcp') return bad('transport', transport);
  if (!isInteger(priority, 1, 0xffffffff)) return bad('priority', priority);
  if (!ADDRESS.test(address)) return bad('address', address);
  if (!isInteger(port, 0, 0xffff)) return bad('port', port);
  if (typ !== 'typ' || !isType(type)) return bad('type', type);
  const extensions = readExtensions(parts);
  const relatedAddress = extensions.get('raddr') ?? null;
  if (relatedAddress !== null && !ADDRESS.test(relatedAddress))
    return bad('relatedAddress', relatedAddress);
  const relatedPort = extensions.get('rport') ?? null;
  if (relatedPort !== null && !isInteger(relatedPort, 0, 0xffff))
    return bad('relatedPort', relatedPort);
  const tcpType = extensions.get('tcptype') ?? null;
  if (tcpType !== null && !isTcpType(tcpType)) return bad('tcpType', tcpType);
  const ufrag = extensions.get('ufrag') ?? null;
  if (ufrag !== null && !UFRAG.test(ufrag)) return bad('ufrag', ufrag);
  return ok({
    foundation,
    component: Number(component),
    transport: protocol,
    priority: Number(priority),
    address,
    port: Number(port),
    type,
    relatedAddress,
    relatedPort: relatedPort === null ? null : Number(relatedPort),
    tcpType,
    ufrag,
  });
}

/** The value of an `a=candidate` line, beginning with `candidate:`. */
export function printCandidate(candidate: Candidate): string {
  const { foundation, component, transport, priority, address, port, type } = candidate;
  let text = `candidate:${foundation} ${component} ${transport} ${priority} ${address} ${port} typ ${type}`;
  if (candidate.relatedAddress !== null) text += ` raddr ${candidate.relatedAddress}`;
  if (candidate.relatedPort !== null) text += ` rport ${candidate.relatedPort}`;
  if (candidate.tcpType !== null) text += ` tcptype ${candidate.tcpType}`;
  if (candidate.ufrag !== null) text += ` ufrag ${candidate.ufrag}`;
  return text;
}

const TYPE_PREFERENCES: Readonly<Record<CandidateType, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

/** RFC 8445 §5.1.2.1; `localPreference` 0..65535 ranks the host's addresses. */
export const candidatePriority = (
  type: CandidateType,
  localPreference: number,
  component = 1,
): number => TYPE_PREFERENCES[type] * 2 ** 24 + localPreference * 2 ** 8 + (256 - component);

/** Whether the address is a name that only mDNS resolves (draft-ietf-mmusic-mdns-ice-candidates). */
export const isMdnsName = (address: string): boolean => /^[^.]+\.local$/i.test(address);

/** Name and value pairs behind the type; the first of a name counts. */
function readExtensions(parts: readonly string[]): Map<string, string> {
  const extensions = new Map<string, string>();
  for (let i = 8; i + 1 < parts.length; i += 2)
    if (!extensions.has(parts[i]!)) extensions.set(parts[i]!, parts[i + 1]!);
  return extensions;
}

const bad = (field: keyof Candidate, value: string): Result<never, CandidateError> =>
  err({ code: 'badField', field, value });

const isInteger = (text: string, least: number, most: number): boolean =>
  /^[0-9]{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most;

const isType = (text: string): text is CandidateType => Object.hasOwn(TYPE_PREFERENCES, text);

const isTcpType = (text: string): text is TcpType =>
  text === 'active' || text === 'passive' || text === 'so';
