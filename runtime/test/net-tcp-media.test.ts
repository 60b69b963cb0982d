import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { after, test } from 'node:test';
import { printIp } from '@switchyard/core/base';
import {
  parseRelayOpen,
  RELAY_HEADER_LENGTH,
  RelayFrameReader,
  RelayKind,
  type WorkerId,
  writeRelayHeader,
} from '@switchyard/core/media-api';
import { TcpMediaRelay } from '../src/net/index.ts';
import { MediaConnection } from '../src/net/media-connection.ts';

const W2 = 2 as WorkerId;
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await tick();
}

/** A framed binding request with this USERNAME. */
function check(username: string): Buffer {
  const padded = Buffer.alloc((username.length + 3) & ~3);
  padded.write(username, 'latin1');
  const header = Buffer.from(`000100002112a442${'00'.repeat(12)}`, 'hex');
  const attribute = Buffer.from([0, 6, 0, username.length]);
  const message = Buffer.concat([header, attribute, padded]);
  message.writeUInt16BE(message.length - 20, 2);
  return frame(message);
}

function frame(datagram: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([datagram.length >> 8, datagram.length & 255]), datagram]);
}

/** The worker's end of a relay stream: what was sent to it, and a way to send. */
function fakeWorker() {
  const received: { connection: number; kind: RelayKind; payload: Buffer }[] = [];
  const reader = new RelayFrameReader();
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      for (let at = 0; at < chunk.length; ) {
        at = reader.read(chunk, at, chunk.length);
        if (!reader.isComplete) continue;
        const payload = Buffer.from(reader.payload.slice(0, reader.length));
        received.push({ connection: reader.connection, kind: reader.kind, payload });
      }
      done();
    },
  });
  const send = (connection: number, kind: RelayKind, payload: Uint8Array) => {
    const bytes = Buffer.alloc(RELAY_HEADER_LENGTH + payload.length);
    writeRelayHeader(bytes, 0, connection, kind, payload.length);
    bytes.set(payload, RELAY_HEADER_LENGTH);
    stream.push(bytes);
  };
  return { stream, received, send };
}

async function relayOnLoopback(options: ConstructorParameters<typeof TcpMediaRelay>[0] = {}) {
  const relay = new TcpMediaRelay(options);
  const server = createServer((socket) => relay.accept(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients: Socket[] = [];
  after(() => {
    for (const client of clients) client.destroy();
    relay.close();
    server.close();
  });
  const dial = () => {
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  return { relay, dial };
}

test('RFC 6544: a connection goes to the worker that its first check names, and datagrams pass both ways', async () => {
  const { relay, dial } = await relayOnLoopback();
  const worker = fakeWorker();
  relay.attach(W2, worker.stream);
  const client = dial();
  const first = check('2abcdefg:theirs');
  client.write(Buffer.concat([first, frame(Buffer.from('second'))]));
  await until(() => worker.received.length === 3);

  const [open, ...data] = worker.received;
  assert.equal(open!.kind, RelayKind.open);
  const remote = parseRelayOpen(open!.payload, 0, open!.payload.length);
  assert.ok(remote.ok);
  assert.equal(printIp(remote.value.ip), '127.0.0.1');
  assert.equal(remote.value.port, client.localPort);
  assert.deepEqual(
    data.map(({ payload }) => payload),
    [first.subarray(2), Buffer.from('second')],
  );

  worker.send(open!.connection, RelayKind.data, Buffer.from('answer'));
  const [chunk] = (await once(client, 'data')) as [Buffer];
  assert.deepEqual(chunk, frame(Buffer.from('answer')));
});

test('either side can close; a lost worker closes all of its connections', async () => {
  const { relay, dial } = await relayOnLoopback();
  const worker = fakeWorker();
  relay.attach(W2, worker.stream);
  const [byClient, byWorker, byLoss] = [dial(), dial(), dial()];
  for (const client of [byClient, byWorker, byLoss]) {
    const before = worker.received.length;
    client.write(check('2abcdefg:x'));
    await until(() => worker.received.length === before + 2);
  }
  byClient!.destroy();
  await until(() => worker.received.at(-1)!.kind === RelayKind.close);
  assert.equal(worker.received.at(-1)!.connection, 1);

  worker.send(2, RelayKind.close, new Uint8Array(0));
  await once(byWorker!, 'close');
  worker.stream.destroy();
  await once(byLoss!, 'close');
});

test('a first frame that is no check, or names no worker of ours, ends the connection; so does silence', async () => {
  const { relay, dial } = await relayOnLoopback({ firstCheckMs: 50, connectionsPerWorker: 1 });
  relay.attach(W2, fakeWorker().stream);
  for (const bytes of [
    frame(Buffer.from('nonsense')),
    check('3abcdefg:x'),
    check('2abcdefg'),
    Buffer.alloc(0),
  ]) {
    const client = dial();
    client.write(bytes);
    await once(client, 'close');
  }
  dial().write(check('2abcdefg:x'));
  const tooMany = dial();
  tooMany.write(check('2abcdefg:x'));
  await once(tooMany, 'close');
});

/** A socket that takes what it is given only when the test lets it. */
function stuckSocket() {
  const written: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      written.push(chunk);
      waiting.push(done);
    },
  });
  Object.assign(socket, { setNoDelay() {}, setTimeout() {} });
  const drain = async () => {
    for (let done = waiting.shift(); done !== undefined; done = waiting.shift()) {
      done();
      await tick();
    }
  };
  return { socket: socket as unknown as Socket, written, drain };
}

const RTP = Buffer.alloc(1200, 0x80);
const DTLS = Buffer.concat([Buffer.from([22, 254, 253]), Buffer.alloc(20)]);
const noEvents = { onDatagram() {}, onClose() {} };

test('with over 256 KiB or 500 ms of unsent frames media is dropped, STUN and DTLS are not', async () => {
  let now = 0;
  const { socket, written, drain } = stuckSocket();
  const connection = new MediaConnection(socket, noEvents, () => now);
  for (let i = 0; i < 300; i++) connection.send(RTP, 0, RTP.length);
  assert.equal(connection.droppedCount, 300 - Math.ceil((256 * 1024 + 1) / 1202));
  connection.send(DTLS, 0, DTLS.length);
  assert.equal(connection.droppedCount, 81);
  await drain();
  assert.deepEqual(written.at(-1), frame(DTLS));

  connection.send(RTP, 0, RTP.length);
  now = 501;
  connection.send(RTP, 0, RTP.length);
  assert.equal(connection.droppedCount, 82, 'the frame before it waits since 501 ms');
  await drain();
  connection.send(RTP, 0, RTP.length);
  assert.equal(connection.droppedCount, 82);
});

test('frames longer than 2048 bytes are skipped, those behind them are read', async () => {
  const { socket } = stuckSocket();
  const seen: Buffer[] = [];
  new MediaConnection(
    socket,
    { ...noEvents, onDatagram: (buf, length) => seen.push(Buffer.from(buf.slice(0, length))) },
    () => 0,
  );
  socket.push(Buffer.concat([frame(Buffer.alloc(2049)), frame(Buffer.from('next'))]));
  await until(() => seen.length > 0);
  assert.deepEqual(seen, [Buffer.from('next')]);
});
