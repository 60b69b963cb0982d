import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  Epoll,
  NativeMemory,
  PacketSlab,
  Ready,
  readStream,
  SeqpacketListener,
  SeqpacketSocket,
  SLOT_SIZE,
  StreamState,
  writeStream,
} from '@switchyard/runtime/native';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-'));
after(() => rmSync(folder, { recursive: true }));

const options = (slab: PacketSlab) => ({ slab, receiveAt: 0, receiveSlots: 4 });

function connectedPair(name: string) {
  const path = join(folder, name);
  const listener = SeqpacketListener.open(path);
  assert.ok(listener.ok);
  const ours = new PacketSlab(8);
  const theirs = new PacketSlab(8);
  assert.equal(listener.value.accept(options(theirs)), undefined);
  const client = SeqpacketSocket.connect(path, options(ours));
  assert.ok(client.ok);
  const server = listener.value.accept(options(theirs));
  assert.ok(server);
  return { listener: listener.value, client: client.value, server, ours, theirs };
}

test('unix(7) SOCK_SEQPACKET: packets cross in batches and stay apart', () => {
  const { listener, client, server, ours, theirs } = connectedPair('batches');
  for (let i = 0; i < 6; i++) {
    const at = ours.slotAt(4) + i * 100;
    ours.bytes.fill(i, at, at + 10 + i);
    client.queue(at, 10 + i);
  }
  client.flush();
  assert.equal(server.receive(), 4);
  for (let i = 0; i < 4; i++) {
    assert.equal(server.lengthOf(i), 10 + i);
    const at = server.positionOf(i);
    assert.deepEqual(theirs.bytes.subarray(at, at + 10 + i), Buffer.alloc(10 + i, i));
  }
  assert.equal(server.receive(), 2);
  assert.equal(server.receive(), 0);
  assert.equal(server.isEnded, false);
  client.queue(0, 5);
  client.flush();
  client.close();
  assert.equal(server.receive(), 1);
  assert.equal(server.isEnded, true);
  assert.equal(server.receive(), 0);
  server.queue(0, 5);
  server.flush();
  assert.equal(server.dropped, 1);
  server.close();
  listener.close();
  listener.close();
});

test('a reader that does not read costs packets, not time', () => {
  const { listener, client, server } = connectedPair('slow');
  for (let i = 0; i < 5000; i++) client.queue(0, SLOT_SIZE);
  client.flush();
  assert.ok(client.dropped > 0);
  client.close();
  server.close();
  listener.close();
});

test('paths that cannot be, and nobody listening, are errors', () => {
  const slab = new PacketSlab(4);
  assert.ok(!SeqpacketListener.open(`/${'x'.repeat(200)}`).ok);
  assert.ok(!SeqpacketListener.open('').ok);
  assert.deepEqual(SeqpacketListener.open(join(folder, 'no/such/folder')), {
    ok: false,
    error: { code: 'bind', detail: 'ENOENT' },
  });
  assert.deepEqual(SeqpacketSocket.connect(join(folder, 'nobody'), options(slab)), {
    ok: false,
    error: { code: 'connect', detail: 'ENOENT' },
  });
});

test('what a dead process left at a path is replaced', () => {
  const path = join(folder, 'again');
  const first = SeqpacketListener.open(path);
  const second = SeqpacketListener.open(path);
  assert.ok(first.ok && second.ok);
  assert.ok(SeqpacketSocket.connect(path, options(new PacketSlab(4))).ok);
  second.value.close();
  first.value.close();
});

test('epoll(7): descriptors report readiness under their tokens', () => {
  const { listener, client, server } = connectedPair('epoll');
  const epoll = new Epoll(8);
  epoll.add(client.fd, 1);
  epoll.add(server.fd, 0xfffffffe);
  assert.equal(epoll.wait(0), 0);
  client.queue(0, 5);
  client.flush();
  assert.equal(epoll.wait(Number.POSITIVE_INFINITY), 1);
  assert.equal(epoll.token(0), 0xfffffffe);
  assert.equal(epoll.events(0), Ready.read);
  epoll.modify(client.fd, 2, Ready.write);
  assert.equal(epoll.wait(0.2), 2);
  epoll.remove(client.fd);
  epoll.remove(server.fd);
  assert.equal(epoll.wait(0), 0);
  assert.throws(() => epoll.remove(server.fd), /ENOENT/);
  epoll.close();
  epoll.close();
  client.close();
  server.close();
  listener.close();
});

test('inherited descriptors are read and written without blocking', () => {
  const { listener, client, server } = connectedPair('stream');
  const memory = new NativeMemory(64);
  assert.equal(readStream(server.fd, memory, 0, 64), StreamState.wouldBlock);
  memory.bytes.write('ping');
  assert.equal(writeStream(client.fd, memory, 0, 4), 4);
  assert.equal(readStream(server.fd, memory, 32, 32), 4);
  assert.equal(memory.bytes.toString('latin1', 32, 36), 'ping');
  while (writeStream(client.fd, memory, 0, 64) === 64);
  assert.equal(writeStream(client.fd, memory, 0, 64), StreamState.wouldBlock);
  server.close();
  assert.equal(writeStream(client.fd, memory, 0, 4), StreamState.closed);
  client.close();
  assert.equal(readStream(-1, memory, 0, 64), StreamState.closed);
  assert.throws(() => readStream(0, memory, 60, 5), /outside/);
  listener.close();
});
