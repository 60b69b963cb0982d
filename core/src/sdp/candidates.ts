import type { LocalCandidate } from './session.ts';

/** RFC 8445 §5.1.2.2; TCP below UDP as RFC 6544 §4.2 recommends. */
const UDP_TYPE_PREFERENCE = 126;
const TCP_TYPE_PREFERENCE = 90;
/** Direction preference of passive TCP candidates. RFC 6544 §4.2. */
const PASSIVE_PREFERENCE = 4;

/** Values of `a=candidate` lines (RFC 8839 §5.1) for host candidates of component 1, best first. */
export function printCandidates(candidates: readonly LocalCandidate[]): string[] {
  return candidates.map(({ address, port, protocol }, index) => {
    const udp = protocol === 'udp';
    const localPreference = udp ? 65_535 - index : PASSIVE_PREFERENCE * 8192 + 8191 - index;
    const typePreference = udp ? UDP_TYPE_PREFERENCE : TCP_TYPE_PREFERENCE;
    const priority = typePreference * 0x1000000 + localPreference * 0x100 + 255;
    // Each address and protocol is a foundation of its own (RFC 8445 §5.1.1.3).
    const line = `${index + 1} 1 ${protocol} ${priority} ${address} ${port} typ host`;
    return udp ? line : `${line} tcptype passive`;
  });
}
