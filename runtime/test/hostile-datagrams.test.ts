import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Attacker } from './support/attacker.ts';
import { bindingRequest, dtlsRecord } from './support/hostile-packets.ts';
import { residentBytes } from './support/resident-bytes.ts';
import { OPUS, rtp, WorkerFixture } from './support/worker-fixture.ts';

/** `npm run fuzz:live` sends ten million. */
const DATAGRAMS = Number(process.env['SWITCHYARD_ATTACK_DATAGRAMS'] ?? 200_000);
const SEED = Number(process.env['SWITCHYARD_ATTACK_SEED'] ?? 20_261_122);
/** What the kernel's buffer of the worker's socket holds: 4 MiB for root, the system's default for others. */
const BURST = process.getuid?.() === 0 ? 1_000 : 100;
/** A worker that has served a while keeps some; a leak of a byte for each datagram would be more than this. */
const GROWTH_BYTES = 48 * 1024 * 1024;
const PUBLISHER_SSRC = 1111;
const SLOT_SSRC = 5000;

let fixture: WorkerFixture;
let publisher: Awaited<ReturnType<WorkerFixture['publisher']>>;
let subscriber: Awaited<ReturnType<WorkerFixture['subscriber']>>;
let pid: number;
let sent = 0;
/** Sealed packets and checks of the call, as somebody on the way sees them. */
const recorded: Buffer[] = [];

type Participant = Awaited<ReturnType<WorkerFixture['client']>>;

/** Notes what a client sends, and signed checks of its, which a client sends only now and then. */
function overhear({ client, ice }: Participant): void {
  const username = `${ice.ufrag}:${client.ice.ufrag}`;
  for (const nominate of [false, true])
    recorded.push(bindingRequest({ username, password: ice.pwd, nominate }));
  const send = client.sendRaw.bind(client);
  client.sendRaw = (packet) => {
    if (recorded.length < 256) recorded.push(packet);
    send(packet);
  };
}

before(async () => {
  fixture = await WorkerFixture.start();
  publisher = await fixture.publisher(OPUS, PUBLISHER_SSRC);
  subscriber = await fixture.subscriber(OPUS, SLOT_SSRC, publisher.track);
  pid = fixture.pid();
  overhear(publisher);
  overhear(subscriber);
  for (let i = 0; i < 20; i++) await callGoesOn();
});

after(() => fixture.close());

/** Sends one marked packet through the call and waits for it. */
async function callGoesOn(): Promise<void> {
  const number = sent++;
  const mark = `mark ${number}.`;
  const packet = rtp(111, PUBLISHER_SSRC, number, 960 * number, Buffer.from(mark));
  publisher.client.sendRtp(packet, 12);
  await subscriber.client.waitFor(({ bytes }) => bytes.includes(mark), 3_000);
  subscriber.client.packets.length = 0;
  publisher.client.packets.length = 0;
}

async function counters(): Promise<Readonly<Record<string, number>>> {
  const id = fixture.id();
  fixture.send({ kind: 'getStatistics', id });
  return (await fixture.notice('statistics', (notice) => notice.id === id)).counters;
}

/** How much each counter has grown. */
async function during(work: () => Promise<void>): Promise<(name: string) => number> {
  const start = await counters();
  await work();
  const end = await counters();
  return (name) => (end[name] ?? 0) - (start[name] ?? 0);
}

const attacker = (seed: number): Attacker =>
  new Attacker(fixture.port(), seed, {
    localUfrag: publisher.ice.ufrag,
    remoteUfrag: publisher.client.ice.ufrag,
    ssrcs: [PUBLISHER_SSRC, SLOT_SSRC],
    recorded,
  });

test('strangers’ datagrams of every class: no packet of the call is lost, memory stays, each drop is counted', async (context) => {
  const stranger = attacker(SEED);
  context.after(() => stranger.close());
  stranger.burst(BURST);
  await callGoesOn();
  const residentBefore = residentBytes(pid);
  const grown = await during(async () => {
    while (stranger.sentCount < DATAGRAMS) {
      stranger.burst(BURST);
      await callGoesOn();
    }
  });
  stranger.drain();
  assert.equal(fixture.pid(), pid);
  assert.deepEqual(fixture.lost, []);
  const growth = residentBytes(pid) - residentBefore;
  assert.ok(growth < GROWTH_BYTES, `${growth} bytes more`);
  const hostile = stranger.sentCount - BURST;
  // A replayed check makes the stranger's address one that is listened to: what comes from there fails to authenticate.
  const reasons = ['unknownSource', 'stunReceived', 'unknownKind', 'malformed', 'unbound'];
  reasons.push('srtpUnauthenticated', 'srtpReplayed', 'rtcpReceived', 'dtlsDropped');
  const accounted = reasons.reduce((sum, name) => sum + grown(name), 0);
  assert.ok(accounted >= hostile * 0.95, `${accounted} of ${hostile} are accounted for`);
  assert.ok(grown('srtpUnauthenticated') > 0 && grown('srtpReplayed') > 0);
  assert.ok(grown('srtcpUnauthenticated') > 0 && grown('dtlsDropped') > 0);
  // Answers to replayed checks and our own checks of that address: three times what came from there at most.
  assert.ok(stranger.receivedBytes <= 3 * stranger.sentBytes);
});

test('the same from the addresses of the call itself, with each other’s checks', async (context) => {
  const source = attacker(SEED + 1);
  context.after(() => source.close());
  const grown = await during(async () => {
    for (let i = 0; i < Math.min(DATAGRAMS / 10, 100_000); ) {
      for (let k = 0; k < BURST / 4; k++, i++) {
        publisher.client.sendRaw(source.make());
        subscriber.client.sendRaw(source.make());
      }
      await callGoesOn();
    }
  });
  assert.deepEqual(fixture.lost, []);
  const forgeries = grown('srtpUnauthenticated') + grown('srtcpUnauthenticated');
  assert.ok(forgeries > 1_000, `${forgeries} forgeries`);
  const states = fixture.notices.filter(({ notice }) => notice.kind === 'transportState');
  assert.ok(
    states.every(
      ({ notice }) => !['failed', 'closed'].includes((notice as { state: string }).state),
    ),
  );
});

test('SEC-DTLS-01: records too short, of other epochs and types, alone and beside good ones, end nothing', async () => {
  for (let type = 20; type <= 24; type++)
    for (let epoch = 0; epoch <= 3; epoch++) {
      for (let length = 0; length <= 64; length++) {
        publisher.client.sendRaw(dtlsRecord(type, epoch, length));
        publisher.client.sendRaw(
          Buffer.concat([dtlsRecord(23, 1, 40), dtlsRecord(type, epoch, length)]),
        );
      }
      await callGoesOn();
    }
});

test('empty and oversize datagrams are passed over', async (context) => {
  const socket = createSocket('udp4');
  context.after(() => socket.close());
  const grown = await during(async () => {
    for (const length of [0, 1, 3, 11, 2_047, 2_048, 2_049, 9_000, 60_000])
      for (let i = 0; i < 10; i++) {
        const bytes = Buffer.alloc(length, 0x80);
        socket.send(bytes, fixture.port(), '127.0.0.1');
        publisher.client.sendRaw(bytes);
      }
    await callGoesOn();
  });
  assert.ok(grown('datagramsReceived') > 100);
});

test('SEC-ICE-03: a participant’s signed check from a victim’s address draws at most three times its bytes there, and no media', async (context) => {
  const victim = createSocket('udp4');
  context.after(() => victim.close());
  victim.bind(0, '127.0.0.1');
  await once(victim, 'listening');
  let received = 0;
  victim.on('message', (message) => {
    received += message.length;
  });
  const username = `${subscriber.ice.ufrag}:${subscriber.client.ice.ufrag}`;
  const password = subscriber.ice.pwd;
  let spent = 0;
  for (let i = 0; i < 20; i++) {
    const check = bindingRequest({ username, password, nominate: true });
    spent += check.length;
    victim.send(check, fixture.port(), '127.0.0.1');
    await callGoesOn();
    await callGoesOn();
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(received > 0 && received <= 3 * spent, `${received} for ${spent}`);
});

test('STUN to nobody: ten answers a second for a source, none larger than 1.6 times its request', async (context) => {
  const stranger = attacker(SEED + 2);
  context.after(() => stranger.close());
  const begin = performance.now();
  const requests: number[] = [];
  for (let i = 0; i < 20; i++) {
    for (let k = 0; k < 200; k++) {
      const request = bindingRequest({ username: `guess${k}:x`, password: 'none of them' });
      requests.push(request.length);
      stranger.send(request);
    }
    stranger.flush();
    await callGoesOn();
    stranger.drain();
  }
  const seconds = (performance.now() - begin) / 1000;
  assert.ok(stranger.receivedCount <= 10 * (seconds + 2), `${stranger.receivedCount} answers`);
  if (stranger.receivedCount > 0)
    assert.ok(stranger.receivedBytes / stranger.receivedCount <= 1.6 * Math.max(...requests));
  // Somebody with the right password is served meanwhile.
  const { client } = await fixture.client();
  client.close();
  fixture.clients.splice(fixture.clients.indexOf(client), 1);
});
