import { millis } from '@switchyard/core/base';
import type { DtlsSession } from '@switchyard/core/dtls';
import { OpensslDtlsContext } from '@switchyard/runtime/native';
import { DTLS } from './corpus.ts';
import type { FuzzTarget } from './target.ts';

const MAX_DATAGRAM = 1_200;
const MAX_FLIGHT = 20;
const NOW = millis(1_000);

const server = new OpensslDtlsContext();
const client = new OpensslDtlsContext();

function drain(session: DtlsSession): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  const out = new Uint8Array(2 * MAX_DATAGRAM);
  for (let n = session.pollTransmit(out, 0); n > 0; n = session.pollTransmit(out, 0)) {
    if (n > MAX_DATAGRAM) throw new Error(`a datagram of ${n} bytes`);
    datagrams.push(out.slice(0, n));
    if (datagrams.length > MAX_FLIGHT) throw new Error('a flight without end');
  }
  return datagrams;
}

const openServer = (): DtlsSession =>
  server.create({ role: 'server', remoteFingerprints: [client.fingerprint] });

/** What a client sends in a whole handshake. */
function record(): Uint8Array[] {
  const a = client.create({ role: 'client', remoteFingerprints: [server.fingerprint] });
  const b = openServer();
  const sent: Uint8Array[] = [];
  a.handleTimeout(NOW);
  for (let round = 0; round < 6; round++) {
    for (const datagram of drain(a)) {
      sent.push(datagram);
      b.handleDatagram(NOW, datagram, 0, datagram.length);
    }
    for (const datagram of drain(b)) a.handleDatagram(NOW, datagram, 0, datagram.length);
  }
  a.close();
  b.close();
  drain(a);
  return sent;
}

const RECORDED = record();

/** OpenSSL behind the gate, at the beginning and in the middle of a handshake: native code must stand it. */
export const dtlsTarget: FuzzTarget = {
  name: 'dtls',
  corpus: [...RECORDED, ...DTLS],
  run(input) {
    const session = openServer();
    const before = (input[input.length - 1] ?? 0) % (RECORDED.length + 1);
    for (const datagram of [...RECORDED.slice(0, before), input, input]) {
      session.handleDatagram(NOW, datagram, 0, datagram.length);
      drain(session);
    }
    for (let event = session.pollEvent(); event !== undefined; event = session.pollEvent())
      if (event.kind === 'connected') throw new Error('a stale handshake has connected');
    session.handleTimeout(millis(60_000));
    drain(session);
    session.close();
    drain(session);
  },
};
