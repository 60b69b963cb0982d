import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddressTable,
  type BatchSocket,
  DgramBatchSocket,
  Epoll,
  PacketSlab,
  SLOT_SIZE,
  UdpBatchSocket,
} from '@switchyard/runtime/native';

const RECEIVE_SLOTS = 32;
const SPARE = RECEIVE_SLOTS * SLOT_SIZE;

interface End {
  readonly socket: BatchSocket;
  readonly slab: PacketSlab;
  readonly addresses: AddressTable;
}

async function openEnd(kind: 'native' | 'dgram', address: string): Promise<End> {
  const slab = new PacketSlab(RECEIVE_SLOTS + 80);
  const addresses = new AddressTable(16);
  const options = { address, port: 0, slab, receiveAt: 0, receiveSlots: RECEIVE_SLOTS, addresses };
  const opened =
    kind === 'native' ? UdpBatchSocket.open(options) : await DgramBatchSocket.open(options);
  assert.ok(opened.ok);
  return { socket: opened.value, slab, addresses };
}

/** Waits for datagrams as the owner of the socket would. */
async function receiveSome({ socket }: End): Promise<number> {
  const count = socket.receive();
  if (count > 0) return count;
  if (socket.fd < 0) {
    await new Promise<void>((resolve) => socket.onReadable(resolve));
    return socket.receive();
  }
  const epoll = new Epoll(4);
  epoll.add(socket.fd, 7);
  // Briefly each time, because a sender on node:dgram in this process needs the event loop.
  let ready = 0;
  for (let i = 0; i < 100 && ready === 0; i++) {
    ready = epoll.wait(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(ready, 1);
  assert.equal(epoll.token(0), 7);
  epoll.close();
  return socket.receive();
}

/** All datagrams until `count` have come, as [source port, text]. */
async function receiveAll(end: End, count: number): Promise<Buffer[]> {
  const datagrams: Buffer[] = [];
  while (datagrams.length < count) {
    const n = await receiveSome(end);
    for (let i = 0; i < n; i++) {
      const at = end.socket.positionOf(i);
      datagrams.push(Buffer.from(end.slab.bytes.subarray(at, at + end.socket.lengthOf(i))));
    }
  }
  return datagrams;
}

for (const kind of ['native', 'dgram'] as const)
  for (const ip of ['127.0.0.1', '::1']) {
    test(`${kind} ${ip}: datagrams travel both ways and sources become tuples`, async () => {
      const a = await openEnd(kind, ip);
      const b = await openEnd('native', ip);
      const toB = a.addresses.acquire({ ip, port: b.socket.port });
      a.slab.bytes.write('hello', SPARE);
      a.socket.queue(SPARE, 5, toB);
      a.socket.flush();

      assert.equal(await receiveSome(b), 1);
      assert.equal(b.socket.lengthOf(0), 5);
      assert.equal(b.slab.bytes.toString('latin1', 0, 5), 'hello');
      assert.deepEqual(b.socket.sourceOf(0), { ip, port: a.socket.port });
      assert.equal(b.socket.tupleOf(0), -1);
      const toA = b.socket.acquireSource(0);
      assert.equal(b.socket.tupleOf(0), toA);
      assert.deepEqual(b.addresses.address(toA), { ip, port: a.socket.port });

      b.slab.bytes.write('interned', SPARE);
      b.socket.queue(SPARE, 8, toA);
      b.slab.bytes.write('reply', SPARE + SLOT_SIZE);
      b.socket.reply(0, SPARE + SLOT_SIZE, 5);
      b.socket.flush();
      const texts = (await receiveAll(a, 2)).map(String);
      assert.deepEqual(texts.sort(), ['interned', 'reply']);
      a.socket.close();
      b.socket.close();
      b.socket.close();
    });

    test(`${kind} ${ip}: datagrams of any length arrive whole; longer than a slot, as nothing`, async () => {
      const a = await openEnd('native', ip);
      const b = await openEnd(kind, ip);
      const toB = a.addresses.acquire({ ip, port: b.socket.port });
      const lengths = [0, 1, 1200, SLOT_SIZE, SLOT_SIZE + 1];
      for (const length of lengths) a.socket.queue(SPARE, length, toB);
      a.socket.flush();
      const datagrams = await receiveAll(b, lengths.length);
      assert.deepEqual(
        datagrams.map((datagram) => datagram.length),
        [0, 1, 1200, SLOT_SIZE, 0],
      );
      assert.equal(b.socket.counters.truncated, 1);
      a.socket.close();
      b.socket.close();
    });
  }

test('a busy port is an error, not an exception', async () => {
  const { socket, slab, addresses } = await openEnd('native', '127.0.0.1');
  const options = {
    address: '127.0.0.1',
    port: socket.port,
    slab,
    receiveAt: 0,
    receiveSlots: 1,
    addresses,
  };
  for (const opened of [UdpBatchSocket.open(options), await DgramBatchSocket.open(options)])
    assert.deepEqual(opened, { ok: false, error: { code: 'bind', detail: 'EADDRINUSE' } });
  const bad = UdpBatchSocket.open({ ...options, address: 'example.org' });
  assert.deepEqual(bad, { ok: false, error: { code: 'badAddress', detail: 'example.org' } });
  socket.close();
});

test('udp(7) UDP_SEGMENT: runs of equal length to one address leave as one message and arrive apart', async () => {
  const a = await openEnd('native', '127.0.0.1');
  const b = await openEnd('native', '127.0.0.1');
  const c = await openEnd('native', '127.0.0.1');
  const toB = a.addresses.acquire({ ip: '127.0.0.1', port: b.socket.port });
  const toC = a.addresses.acquire({ ip: '127.0.0.1', port: c.socket.port });
  // Runs to b: 3, the last one shorter; 2 likewise; 69 of 200 bytes, cut at 64.
  const lengths = [1000, 1000, 900, 1100, ...Array.from({ length: 70 }, () => 200)];
  lengths.forEach((length, i) => {
    const at = SPARE + i * SLOT_SIZE;
    a.slab.bytes.fill(i, at, at + length);
    a.socket.queue(at, length, toB);
  });
  a.socket.queue(SPARE, 1000, toC);
  a.socket.flush();
  const datagrams = await receiveAll(b, lengths.length);
  datagrams.forEach((datagram, i) => {
    assert.deepEqual(datagram, Buffer.alloc(lengths[i]!, i));
  });
  assert.equal((await receiveAll(c, 1)).length, 1);
  const { counters } = a.socket;
  assert.equal(counters.datagramsSent, lengths.length + 1);
  assert.equal(counters.sendCalls, 1);
  assert.equal(counters.segmentedMessages, 4);
  for (const { socket } of [a, b, c]) socket.close();
});

test('one datagram that the system refuses does not take others with it', async () => {
  const a = await openEnd('native', '127.0.0.1');
  const b = await openEnd('native', '127.0.0.1');
  const toB = a.addresses.acquire({ ip: '127.0.0.1', port: b.socket.port });
  const nowhere = a.addresses.acquire({ ip: '255.255.255.255', port: 9 }); // EACCES without SO_BROADCAST
  const otherFamily = a.addresses.acquire({ ip: '::1', port: 9 });
  for (const tuple of [nowhere, toB, otherFamily, nowhere, nowhere, toB, nowhere])
    a.socket.queue(SPARE, 100, tuple);
  a.socket.flush();
  assert.equal((await receiveAll(b, 2)).length, 2);
  assert.equal(a.socket.counters.datagramsSent, 2);
  assert.equal(a.socket.counters.refused, 5);
  a.socket.close();
  b.socket.close();
});

test('a run that the system refuses as one message goes out as single datagrams', async () => {
  const a = await openEnd('native', '127.0.0.1');
  const b = await openEnd('native', '127.0.0.1');
  const toB = a.addresses.acquire({ ip: '127.0.0.1', port: b.socket.port });
  const toZero = a.addresses.acquire({ ip: '127.0.0.1', port: 0 }); // EINVAL
  for (const tuple of [toZero, toZero, toB, toB]) a.socket.queue(SPARE, 100, tuple);
  a.socket.flush();
  assert.equal((await receiveAll(b, 2)).length, 2);
  assert.equal(a.socket.counters.refused, 2);
  assert.ok((a.socket as UdpBatchSocket).usesSegmentation);
  a.socket.close();
  b.socket.close();
});

test('a queue that is full flushes itself', async () => {
  const slab = new PacketSlab(2);
  const addresses = new AddressTable(4);
  const b = await openEnd('native', '127.0.0.1');
  const opened = UdpBatchSocket.open({
    address: '127.0.0.1',
    port: 0,
    slab,
    receiveAt: 0,
    receiveSlots: 1,
    addresses,
    sendSlots: 4,
    segmentation: false,
    dscp: 46,
  });
  assert.ok(opened.ok);
  const toB = addresses.acquire({ ip: '127.0.0.1', port: b.socket.port });
  for (let i = 0; i < 10; i++) opened.value.queue(SLOT_SIZE, 10, toB);
  assert.equal(opened.value.counters.datagramsSent, 8);
  opened.value.flush();
  assert.equal((await receiveAll(b, 10)).length, 10);
  opened.value.close();
  opened.value.queue(SLOT_SIZE, 10, toB); // after close: nothing, harmlessly
  opened.value.flush();
  assert.equal(opened.value.receive(), 0);
  b.socket.close();
});

test('positions and tuples that are none are a bug, found before native code is', async () => {
  const { socket } = await openEnd('native', '127.0.0.1');
  assert.throws(() => socket.queue(-1, 10, 0), /outside/);
  assert.throws(() => socket.queue(1e9, 10, 0), /outside/);
  assert.throws(() => socket.queue(0, 10, -1), /no tuple/);
  assert.throws(() => socket.reply(0, 0, 10), /no received datagram/);
  socket.close();
});

test('receiving and sending allocate nothing per packet', async () => {
  const a = await openEnd('native', '127.0.0.1');
  const toSelf = a.addresses.acquire({ ip: '127.0.0.1', port: a.socket.port });
  let received = 0;
  const turn = (): void => {
    for (let i = 0; i < 16; i++) a.socket.queue(SPARE + i * SLOT_SIZE, 1000 + (i & 1), toSelf);
    a.socket.flush();
    const count = a.socket.receive();
    for (let i = 0; i < count; i++) if (a.socket.tupleOf(i) === toSelf) received++;
  };
  for (let i = 0; i < 1000; i++) turn();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200; i++) turn();
    const cost = (process.memoryUsage().heapUsed - before) / 3200;
    if (cost >= 0) least = Math.min(least, cost);
  }
  assert.ok(least < 8, `${least} bytes per packet`);
  assert.ok(received > 0);
  a.socket.close();
});
