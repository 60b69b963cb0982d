/*
 * What a DTLS association costs in resident memory, before and after `rest`. Each run connects 1000 pairs in
 * this process; the difference of two runs is one association's. Run it as
 * `node --expose-gc tools/bench/dtls-memory.ts [both | server | none]`: which ends are put to rest.
 */
import { type Millis, millis } from '@switchyard/core/base';
import type { DtlsSession } from '@switchyard/core/dtls';
import { OpensslDtlsContext } from '@switchyard/runtime/native';

const PAIRS = 1_000;
const ours = new OpensslDtlsContext();
const theirs = new OpensslDtlsContext();
const datagram = Buffer.alloc(2_048);

const now = (): Millis => millis(performance.now());

/** Hands everything that one end wants to send to the other; false when there was nothing. */
function carry(from: DtlsSession, to: DtlsSession): boolean {
  let isIdle = true;
  for (;;) {
    const length = from.pollTransmit(datagram, 0);
    if (length === 0) return !isIdle;
    isIdle = false;
    to.handleDatagram(now(), datagram, 0, length);
  }
}

function connect(): { readonly server: DtlsSession; readonly client: DtlsSession } {
  const server = ours.create({ role: 'server', remoteFingerprints: [theirs.fingerprint] });
  const client = theirs.create({ role: 'client', remoteFingerprints: [ours.fingerprint] });
  client.handleTimeout(now());
  while (carry(client, server) || carry(server, client));
  if (server.pollEvent()?.kind !== 'connected' || client.pollEvent()?.kind !== 'connected')
    throw new Error('the handshake did not complete');
  return { server, client };
}

const who = process.argv[2] ?? 'both';
for (let i = 0; i < 200; i++) {
  const { server, client } = connect(); // until the heaps have found their size
  server.close();
  client.close();
}
const held: DtlsSession[] = [];
globalThis.gc?.();
const before = process.memoryUsage().rss;
for (let i = 0; i < PAIRS; i++) {
  const { server, client } = connect();
  if (who !== 'none') server.rest();
  if (who === 'both') client.rest();
  held.push(server, client);
}
globalThis.gc?.();
const kibPerPair = (process.memoryUsage().rss - before) / PAIRS / 1024;
console.log(`${who} at rest: ${kibPerPair.toFixed(1)} KiB a pair (${held.length / 2} pairs)`);
