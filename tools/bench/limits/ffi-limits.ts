/**
 * What a batched TypeScript data plane costs per 1200 B packet: AES-128-GCM through OpenSSL's EVP by FFI, and sendmmsg
 * with and without UDP GSO by FFI, beside node:crypto and node:dgram. Prints CPU nanoseconds (process CPU time, so
 * garbage collection is included), best of three. The receiving sockets are never read: their queues are full.
 */
import { createCipheriv, randomBytes } from 'node:crypto';
import koffi from 'koffi';

const COUNT = Number(process.argv[2] ?? 300_000);
const SIZE = 1200;
const BATCH = 64;
const SINKS = 50;
const SLOT = 2048;

function measure(name: string, body: (count: number) => void, count = COUNT): void {
  body(Math.min(count, 5_000));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage();
    body(count);
    const used = process.cpuUsage(start);
    best = Math.min(best, ((used.user + used.system) * 1000) / count);
  }
  console.log(name.padEnd(66), best.toFixed(0).padStart(7), 'ns/pkt');
}

// The OpenSSL inside the node binary. Loading the system's libcrypto beside it crashes: its internal calls would
// resolve to node's symbols.
const own = koffi.load(null);
const libc = koffi.load('libc.so.6');
const address = (bytes: Uint8Array): bigint => BigInt(koffi.address(bytes));

const newContext = own.func('void *EVP_CIPHER_CTX_new()');
const aes128Gcm = own.func('void *EVP_aes_128_gcm()');
const encryptInit = own.func(
  'int EVP_EncryptInit_ex(void *c, void *t, void *e, void *k, void *iv)',
);
const encryptUpdate = own.func('int EVP_EncryptUpdate(void *c, void *o, void *l, void *i, int n)');
const encryptFinal = own.func('int EVP_EncryptFinal_ex(void *c, void *o, void *l)');
const control = own.func('int EVP_CIPHER_CTX_ctrl(void *c, int type, int arg, void *p)');
const GET_TAG = 0x10;

const key = randomBytes(16);
const iv = Buffer.alloc(12);
const scratch = Buffer.alloc(64);
const source = randomBytes(SLOT * BATCH);
const arena = Buffer.alloc(SLOT * BATCH);
const slots = (base: bigint, at: number) =>
  Array.from({ length: BATCH }, (_, i) => base + BigInt(SLOT * i + at));
const input = slots(address(source), 0);
const inputPayload = slots(address(source), 12);
const output = slots(address(arena), 0);
const outputPayload = slots(address(arena), 12);
const outputTag = slots(address(arena), SIZE - 16);
const ivAt = address(iv);
const scratchAt = address(scratch);
const context = newContext();
encryptInit(context, aes128Gcm(), null, address(key), null);

function seal(i: number): void {
  const slot = i % BATCH;
  iv.writeUInt32BE(i, 8);
  encryptInit(context, null, null, null, ivAt);
  encryptUpdate(context, null, scratchAt, input[slot], 12);
  encryptUpdate(context, outputPayload[slot], scratchAt, inputPayload[slot], SIZE - 28);
  encryptFinal(context, outputTag[slot], scratchAt);
  control(context, GET_TAG, 16, outputTag[slot]);
}

const toUpper = libc.func('int toupper(int)');
measure('one FFI call without a system call', (n) => {
  for (let i = 0; i < n; i++) toUpper(65);
});
measure('AES-128-GCM, 5 EVP calls, pointers computed beforehand', (n) => {
  for (let i = 0; i < n; i++) seal(i);
});
measure(
  'node:crypto createCipheriv AES-128-GCM',
  (n) => {
    const packet = source.subarray(0, SIZE);
    for (let i = 0; i < n; i++) {
      iv.writeUInt32BE(i, 8);
      const cipher = createCipheriv('aes-128-gcm', key, iv);
      cipher.setAAD(packet.subarray(0, 12));
      cipher.update(packet.subarray(12));
      cipher.final();
      cipher.getAuthTag();
    }
  },
  COUNT / 4,
);

const AF_INET = 2;
const SOCK_DGRAM = 2;
const LOOPBACK = 0x7f000001;
const socket = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, void *, unsigned int)');
const socketName = libc.func('int getsockname(int, void *, void *)');
const sendMany = libc.func('int sendmmsg(int, void *, unsigned int, int)');
const sinks = Array.from({ length: SINKS }, () => {
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  const name = Buffer.alloc(16);
  name.writeUInt16LE(AF_INET, 0);
  name.writeUInt32BE(LOOPBACK, 4);
  bind(fd, address(name), 16);
  const length = Buffer.alloc(4);
  length.writeInt32LE(16);
  socketName(fd, address(name), address(length));
  return name;
});
const sinkAt = sinks.map(address);
const sender = socket(AF_INET, SOCK_DGRAM, 0);

const headers = new BigUint64Array(8 * BATCH);
const vectors = new BigUint64Array(2 * BATCH);
const segment = Buffer.alloc(24);
segment.writeBigUInt64LE(18n, 0);
segment.writeInt32LE(17, 8); // IPPROTO_UDP
segment.writeInt32LE(103, 12); // UDP_SEGMENT
segment.writeUInt16LE(SIZE, 16);
const headersAt = address(new Uint8Array(headers.buffer));
const vectorsAt = address(new Uint8Array(vectors.buffer));
const segmentAt = address(segment);

/** Rebuilds the message headers for one batch: `run` packets of one destination in each message. */
function plan(from: readonly bigint[], i: number, run: number): number {
  const messages = BATCH / run;
  for (let m = 0; m < messages; m++) {
    const at = m * 8;
    headers[at] = sinkAt[((i / BATCH) * messages + m) % SINKS]!;
    headers[at + 1] = 16n;
    headers[at + 2] = vectorsAt + BigInt(16 * m * run);
    headers[at + 3] = BigInt(run);
    headers[at + 4] = run > 1 ? segmentAt : 0n;
    headers[at + 5] = run > 1 ? 24n : 0n;
  }
  for (let k = 0; k < BATCH; k++) {
    vectors[2 * k] = from[k]!;
    vectors[2 * k + 1] = BigInt(SIZE);
  }
  return messages;
}

function rewrite(slot: number, i: number): void {
  const at = SLOT * slot;
  arena[at] = 0x80;
  arena[at + 1] = 96;
  arena.writeUInt16BE(i & 0xffff, at + 2);
  arena.writeUInt32BE((i * 3000) >>> 0, at + 4);
  arena.writeUInt32BE(1234, at + 8);
}

for (const run of [1, 4, 16]) {
  const how = run === 1 ? 'sendmmsg x64' : `sendmmsg of GSO messages of ${run}`;
  measure(
    how,
    (n) => {
      for (let i = 0; i < n; i += BATCH) sendMany(sender, headersAt, plan(input, i, run), 0);
    },
    COUNT / 2,
  );
  measure(
    `header rewrite + AES-GCM + ${how}`,
    (n) => {
      for (let i = 0; i < n; i += BATCH) {
        for (let k = 0; k < BATCH; k++) {
          rewrite(k, i + k);
          seal(i + k);
        }
        sendMany(sender, headersAt, plan(output, i, run), 0);
      }
    },
    COUNT / 2,
  );
}
