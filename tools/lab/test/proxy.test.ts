/** The proxy over real loopback sockets: the one part of the lab that cannot run on a virtual clock. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { Impairment, redirectCandidates, startImpairmentProxy } from '../index.ts';

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Sends everything back, and remembers who sent. */
async function openEcho() {
  const socket = await openSocket();
  const sources = new Set<number>();
  socket.on('message', (datagram, from) => {
    sources.add(from.port);
    socket.send(datagram, from.port, from.address);
  });
  return { socket, sources, port: socket.address().port };
}

test('datagrams are lost as the seed says, in each direction by itself', async () => {
  const echo = await openEcho();
  const client = await openSocket();
  const [up, down] = [{ lossPercent: 30 }, { lossPercent: 20 }];
  await using proxy = await startImpairmentProxy({
    target: { port: echo.port },
    seed: 7,
    up,
    down,
  });
  const expected = new Impairment(7, up);
  for (let i = 0; i < 200; i++) expected.decide(0, 4);
  const returned = 200 - expected.counters.lost;

  let received = 0;
  client.on('message', () => received++);
  for (let i = 0; i < 200; i++) {
    client.send(Buffer.from([i]), proxy.port, '127.0.0.1');
    if (i % 20 === 19) await new Promise(setImmediate); // socket buffers are not what is tested
  }
  await until(
    () => proxy.counters.up.received === 200 && proxy.counters.down.received === returned,
  );
  await until(() => received === proxy.counters.down.delivered);
  assert.equal(proxy.counters.up.lost, expected.counters.lost);
  assert.ok(proxy.counters.down.lost > 0);
  echo.socket.close();
  client.close();
});

test('the server sees each client at an address of its own, and answers reach the right one', async () => {
  const echo = await openEcho();
  const clients = await Promise.all([openSocket(), openSocket(), openSocket()]);
  await using proxy = await startImpairmentProxy({
    target: { port: echo.port },
    seed: 1,
    up: { delayMs: 5 },
  });
  const answers = await Promise.all(
    clients.map(async (client, i) => {
      client.send(`client ${i}`, proxy.port, '127.0.0.1');
      const [datagram] = await once(client, 'message');
      return String(datagram);
    }),
  );
  assert.deepEqual(answers, ['client 0', 'client 1', 'client 2']);
  assert.equal(echo.sources.size, 3);
  assert.equal(proxy.clientCount, 3);
  for (const socket of [echo.socket, ...clients]) socket.close();
});

test('a path can fail and come back while running', async () => {
  const echo = await openEcho();
  const client = await openSocket();
  await using proxy = await startImpairmentProxy({ target: { port: echo.port }, seed: 1 });
  proxy.change({ up: { lossPercent: 100 } });
  client.send('lost', proxy.port, '127.0.0.1');
  await until(() => proxy.counters.up.lost === 1);
  proxy.change({ up: {} });
  client.send('found', proxy.port, '127.0.0.1');
  const [datagram] = await once(client, 'message');
  assert.equal(String(datagram), 'found');
  echo.socket.close();
  client.close();
});

test('addresses outside this machine are refused', async () => {
  await assert.rejects(
    startImpairmentProxy({ target: { address: '192.0.2.1', port: 9 }, seed: 1 }),
    /not a loopback address/,
  );
});

test("candidates at the server's port are told at the proxy's", async () => {
  await using proxy = await startImpairmentProxy({ target: { port: 7_882 }, seed: 1 });
  const sdp =
    'a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host\r\na=candidate:2 1 tcp 1 127.0.0.1 7880 typ host\r\n';
  assert.equal(redirectCandidates(sdp, 7_882, proxy), sdp.replace('7882', String(proxy.port)));
});

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it did not come about in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
