/*
 * Tries in a process of its own whether batched system calls work here: libraries may be missing, and a
 * container's seccomp profile may refuse the calls or end whoever makes them. Prints what went wrong.
 */
import { AddressTable } from './address-table.ts';
import { Epoll } from './epoll.ts';
import { PacketSlab } from './slab.ts';
import { UdpBatchSocket } from './udp-socket.ts';

/** Over loopback it comes at once. */
const WAIT_MS = 1_000;
/** Two datagrams of one length, so that the kernel is asked to cut them (UDP_SEGMENT). */
const LENGTH = 100;
const COUNT = 2;

const RECEIVE_SLOTS = 4;

function probe(): string | null {
  const slab = new PacketSlab(RECEIVE_SLOTS + 1);
  const addresses = new AddressTable(16);
  const opened = UdpBatchSocket.open({
    address: '127.0.0.1',
    port: 0,
    slab,
    receiveAt: 0,
    receiveSlots: RECEIVE_SLOTS,
    addresses,
  });
  if (!opened.ok) return `${opened.error.code}: ${opened.error.detail}`;
  const socket = opened.value;
  const epoll = new Epoll(1);
  epoll.add(socket.fd, 1);
  const tuple = addresses.acquire({ ip: '127.0.0.1', port: socket.port });
  for (let i = 0; i < COUNT; i++) socket.queue(slab.slotAt(RECEIVE_SLOTS), LENGTH, tuple);
  socket.flush();
  let received = 0;
  while (received < COUNT && epoll.wait(WAIT_MS) > 0) received += socket.receive();
  const { dropped, refused } = socket.counters;
  epoll.close();
  socket.close();
  if (received === COUNT) return null;
  return `${received} of ${COUNT} datagrams came back, ${dropped + refused} were refused`;
}

const problem = probe();
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
