/*
 * What native calls cost per packet: `node tools/bench/native.ts [packets]`. Process CPU time, so that
 * garbage collection and the kernel count; best of three. Pin it to one core: taskset -c 0.
 */
import { randomBytes } from 'node:crypto';
import { SRTP_PROFILES, type SrtpProfile } from '@switchyard/core/srtp';
import {
  AddressTable,
  openSrtpCipher,
  PacketSlab,
  UdpBatchSocket,
} from '@switchyard/runtime/native';

const PACKETS = Number(process.argv[2] ?? 200_000);
const LENGTH = 1200;
const BATCH = 64;
const DESTINATIONS = 50;

function report(name: string, run: (packets: number) => void): void {
  run(5000);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage();
    run(PACKETS);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / PACKETS);
  }
  console.log(`${name.padEnd(50)} ${best.toFixed(0).padStart(6)} ns`);
}

const slab = new PacketSlab(2 * BATCH);

for (const profile of Object.keys(SRTP_PROFILES) as SrtpProfile[]) {
  const { keyLength, saltLength, tagLength } = SRTP_PROFILES[profile];
  const master = { masterKey: randomBytes(keyLength), masterSalt: randomBytes(saltLength) };
  const sender = openSrtpCipher(profile, master, slab, 'send');
  const receiver = openSrtpCipher(profile, master, slab, 'receive');
  for (const length of [LENGTH - tagLength, 100]) {
    const seal = (i: number): number =>
      sender.sealRtp(slab.slotAt(i % BATCH), 12, length, 1234, i >>> 16, i & 0xffff);
    report(`${profile} seal ${length} B`, (packets) => {
      for (let i = 0; i < packets; i++) seal(i);
    });
    // These fail, which needs no sealing each time: with GCM at the full price, with AES-CM without the
    // decryption.
    report(`${profile} open ${length} B`, (packets) => {
      for (let i = 0; i < packets; i++)
        receiver.openRtp(slab.slotAt(i % BATCH), 12, length + tagLength, 1234, 0, i & 0xffff);
    });
  }
  sender.close();
  receiver.close();
}

const addresses = new AddressTable();

function open(segmentation: boolean, receiveSlots = 1): UdpBatchSocket {
  const opened = UdpBatchSocket.open({
    address: '127.0.0.1',
    port: 0,
    slab,
    receiveAt: slab.slotAt(BATCH),
    receiveSlots,
    addresses,
    sendSlots: BATCH,
    segmentation,
  });
  if (!opened.ok) throw new Error(opened.error.detail);
  return opened.value;
}

// Nobody reads these: their queues fill up and the kernel drops there, after all of the sender's work.
const sinks = Array.from({ length: DESTINATIONS }, () => open(false));
const tuples = sinks.map(({ port }) => addresses.acquire({ ip: '127.0.0.1', port }));

for (const run of [1, 4, 16]) {
  const socket = open(run > 1);
  report(run === 1 ? 'sendmmsg x64' : `sendmmsg of segmented messages of ${run}`, (packets) => {
    for (let i = 0; i < packets; i++)
      socket.queue(slab.slotAt(i % BATCH), LENGTH, tuples[Math.floor(i / run) % DESTINATIONS]!);
    socket.flush();
  });
  socket.close();
}

const receiver = open(false, BATCH);
const sender = open(true);
const toReceiver = addresses.acquire({ ip: '127.0.0.1', port: receiver.port });
report('send segmented to oneself and receive, both', (packets) => {
  for (let i = 0; i < packets; i += BATCH) {
    for (let k = 0; k < BATCH; k++) sender.queue(slab.slotAt(k), LENGTH, toReceiver);
    sender.flush();
    const count = receiver.receive();
    for (let k = 0; k < count; k++) receiver.tupleOf(k);
  }
});
for (const socket of [sender, receiver, ...sinks]) socket.close();
