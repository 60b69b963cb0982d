import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { makeCredentials } from '@switchyard/core/ice';
import type { TransportId } from '@switchyard/core/media-api';
import { SeededRandom } from '@switchyard/tools/testkit';
import { now, OpensslDtlsContext } from '../src/native/index.ts';
import { bindingRequest } from './support/hostile-packets.ts';
import { OPUS, rtp, WorkerFixture } from './support/worker-fixture.ts';

/** As `WorkerFixture` sets them. */
const MAX_TRANSPORTS = 1_000;
const MAX_HANDSHAKES = 64;

const random = new SeededRandom(1);
const context = new OpensslDtlsContext();
let fixture: WorkerFixture;
let goesOn: () => Promise<void>;

before(async () => {
  fixture = await WorkerFixture.start();
  const { client: publisher, track } = await fixture.publisher(OPUS, 1);
  const { client: subscriber } = await fixture.subscriber(OPUS, 2, track);
  let sent = 0;
  goesOn = async () => {
    const number = sent++;
    const mark = `mark ${number}.`;
    publisher.sendRtp(rtp(111, 1, number, 960 * number, Buffer.from(mark)), 12);
    await subscriber.waitFor(({ bytes }) => bytes.includes(mark));
  };
});
after(() => fixture.close());

function openTransport(): { transport: TransportId; ice: ReturnType<typeof makeCredentials> } {
  const ice = makeCredentials(random);
  const transport = fixture.id() as TransportId;
  const remote = { remoteUfrag: 'CLNT', remotePwd: 'client-password-24-chars' };
  fixture.send({
    kind: 'openTransport',
    transport,
    ice: { localUfrag: ice.ufrag, localPwd: ice.pwd, ...remote },
    dtlsRole: 'server',
    fingerprints: [context.fingerprint],
  });
  return { transport, ice };
}

/** The first datagram of a real handshake. */
function clientHello(): Buffer {
  const session = context.create({ role: 'client', remoteFingerprints: [] });
  session.handleTimeout(now());
  const out = Buffer.alloc(2_048);
  const length = session.pollTransmit(out, 0);
  session.close();
  return out.subarray(0, length);
}

async function counters(): Promise<Readonly<Record<string, number>>> {
  const id = fixture.id();
  fixture.send({ kind: 'getStatistics', id });
  return (await fixture.notice('statistics', (notice) => notice.id === id)).counters;
}

test('half-open handshakes are limited; the call goes on, and newcomers are served once those are gone', async () => {
  const sockets: Socket[] = [];
  const transports: TransportId[] = [];
  const hello = clientHello();
  const before = (await counters())['handshakesRefused']!;
  for (let i = 0; i < MAX_HANDSHAKES + 20; i++) {
    const { transport, ice } = openTransport();
    transports.push(transport);
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    await fixture.settle();
    const answered = once(socket, 'message');
    const username = `${ice.ufrag}:CLNT`;
    socket.send(
      bindingRequest({ username, password: ice.pwd, nominate: true }),
      fixture.port(),
      '127.0.0.1',
    );
    await answered;
    socket.send(hello, fixture.port(), '127.0.0.1');
    if (i % 10 === 0) await goesOn();
  }
  await goesOn();
  const refused = (await counters())['handshakesRefused']! - before;
  assert.ok(refused >= 20, `${refused} refused`);
  for (const transport of transports) fixture.send({ kind: 'closeTransport', transport });
  for (const socket of sockets) socket.close();
  const { client } = await fixture.client();
  client.close();
  fixture.clients.splice(fixture.clients.indexOf(client), 1);
  assert.deepEqual(fixture.lost, []);
});

test('a worker opens no more transports than it may, and says so', async () => {
  const opened = Array.from({ length: MAX_TRANSPORTS }, openTransport);
  const isRefusal = ({ state, detail }: { state: string; detail: string }) =>
    state === 'failed' && detail.includes('as many transports');
  const { transport } = await fixture.notice('transportState', isRefusal);
  assert.ok(opened.some((one) => one.transport === transport));
  await goesOn();
  for (const one of opened) fixture.send({ kind: 'closeTransport', transport: one.transport });
  await fixture.settle();
  const { client } = await fixture.client();
  client.close();
  fixture.clients.splice(fixture.clients.indexOf(client), 1);
  await goesOn();
});
