/** Why the server did not start, for the person at the terminal. */
export interface StartProblem {
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

export function describePortProblem(
  protocol: 'TCP' | 'UDP',
  place: { readonly address: string; readonly port: number },
  code: string,
): StartProblem {
  const where = `${protocol} port ${place.port} on ${place.address}`;
  const [option, key] =
    protocol === 'TCP'
      ? [`--listen :${place.port + 1}`, 'server.listen']
      : [`--udp-port ${place.port + 10}`, 'rtc.udpPort'];
  switch (code) {
    case 'EADDRINUSE':
      return {
        message: `${where} is taken by another program.`,
        fix: `Stop that program, or choose another port: sy start ${option} (${key} in switchyard.yaml).`,
      };
    case 'EACCES':
      return {
        message: `${where} may not be opened by this user.`,
        fix: `Ports below 1024 need a privilege (CAP_NET_BIND_SERVICE). Or choose another: sy start ${option}.`,
      };
    case 'EADDRNOTAVAIL':
      return {
        message: `${place.address} is not an address of this machine.`,
        fix:
          protocol === 'TCP'
            ? 'Correct server.listen; ":7880" is all addresses.'
            : 'Correct rtc.advertise; behind a NAT write "external=internal".',
      };
    default:
      return { message: `${where} cannot be opened: ${code}.`, fix: `Check ${key}.` };
  }
}
