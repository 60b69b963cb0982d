import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok } from '@switchyard/core/base';
import type { ServerMessage } from '@switchyard/core/signal';
import { SignalConnection } from '../src/api/index.ts';
import { type Admission, DEFAULT_PERMISSIONS } from '../src/rooms/index.ts';
import { createBench } from './api-bench.ts';

const ADMISSION: Admission = {
  identity: 'ada',
  name: 'Ada',
  metadata: '',
  attributes: {},
  room: 'lab',
  permissions: DEFAULT_PERMISSIONS,
  mayCreateRoom: false,
};

const JOIN = { kind: 'join', id: 7, token: 'good', client: { sdk: 'test', version: '1' } };

async function connect() {
  const bench = await createBench();
  const sent: ServerMessage[] = [];
  const closed: { code: number; reason: string }[] = [];
  const connection = new SignalConnection({
    host: bench.host,
    clock: bench.clock,
    verify: async (token) =>
      token === 'good' ? ok(ADMISSION) : err({ code: 'tokenExpired', detail: 'exp was 9 s ago' }),
    socket: {
      send: (text) => {
        assert.equal(closed.length, 0, 'sent after close');
        sent.push(JSON.parse(text));
      },
      close: (code, reason) => closed.push({ code, reason }),
    },
  });
  const say = (message: unknown) =>
    connection.receive(typeof message === 'string' ? message : JSON.stringify(message));
  /** Lets the verification's promise settle. */
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const join = async () => {
    say(JOIN);
    await settled();
  };
  return { ...bench, connection, sent, closed, say, settled, join };
}

test('a join with a good token is answered, and messages behind it are not lost', async () => {
  const { say, sent, settled } = await connect();
  say(JOIN);
  say({ kind: 'ping', time: 1 });
  await settled();
  assert.deepEqual(
    sent.map((message) => message.kind),
    ['joined', 'pong'],
  );
});

test('a refused token is answered by its reason, then the socket closes with 4003', async () => {
  const { say, sent, closed, settled } = await connect();
  say({ ...JOIN, token: 'old' });
  await settled();
  const message = sent[0];
  assert.ok(message?.kind === 'error');
  assert.equal(message.id, 7);
  assert.equal(message.error.code, 'tokenExpired');
  assert.equal(closed[0]?.code, 4003);
});

test('the first message must be join or resume, well-formed, within 5 s', async () => {
  const other = await connect();
  other.say({ kind: 'ping', time: 1 });
  assert.equal(other.closed[0]?.code, 4001);
  assert.equal(other.closed[0]?.reason, 'notJoined');

  const malformed = await connect();
  malformed.say('{"kind":');
  assert.equal(malformed.closed[0]?.code, 4001);

  const late = await connect();
  late.clock.pass(4_999);
  assert.equal(late.closed.length, 0);
  late.clock.pass(1);
  assert.equal(late.closed[0]?.code, 4001);
  assert.equal(late.closed[0]?.reason, 'joinTimeout');
});

test('a bad message later is answered by the field that is wrong and changes nothing', async () => {
  const { say, sent, closed, join } = await connect();
  await join();
  say({ kind: 'mute', id: 3, trackSid: 'TR_x', muted: 'yes' });
  const message = sent.at(-1);
  assert.ok(message?.kind === 'error');
  assert.equal(message.id, 3);
  assert.match(message.error.message, /"muted"/);
  say({ kind: 'dance', id: 4 });
  assert.equal(sent.at(-1)?.kind, 'error');
  say('nonsense');
  assert.equal(sent.at(-1)?.kind, 'error');
  assert.equal(closed.length, 0);
});

test('RFC 6455 §7.4.1: a message over the limit closes with 1009; the limit grows with the join', async () => {
  const early = await connect();
  early.say({ ...JOIN, token: 'x'.repeat(16_384) });
  assert.equal(early.closed[0]?.code, 1009);

  const joined = await connect();
  await joined.join();
  joined.say({
    kind: 'offer',
    id: 2,
    sdp: 'x'.repeat(100_000),
    fresh: true,
    senders: [],
    pairs: [],
  });
  assert.equal(joined.closed.length, 0);
  joined.say('x'.repeat(262_145));
  assert.equal(joined.closed[0]?.code, 1009);
});

test('messages faster than the limit close with 4029', async () => {
  const { say, closed, join, clock } = await connect();
  await join();
  for (let i = 0; i < 199; i++) say({ kind: 'ping', time: i });
  assert.equal(closed.length, 0);
  clock.pass(20);
  say({ kind: 'ping', time: 0 });
  say({ kind: 'ping', time: 0 });
  assert.equal(closed[0]?.code, 4029);
});

test('12 s without a message close the socket; the seat can be resumed by another', async () => {
  const bench = await connect();
  await bench.join();
  bench.clock.pass(11_000);
  bench.say({ kind: 'ping', time: 1 });
  bench.clock.pass(11_999);
  assert.equal(bench.closed.length, 0);
  bench.clock.pass(1);
  assert.equal(bench.closed[0]?.code, 4008);

  const joined = bench.sent[0];
  assert.ok(joined?.kind === 'joined');
  const sent: ServerMessage[] = [];
  const again = new SignalConnection({
    host: bench.host,
    clock: bench.clock,
    verify: async () => err({ code: 'tokenMissing', detail: '' }),
    socket: { send: (text) => sent.push(JSON.parse(text)), close: () => {} },
  });
  again.receive(
    JSON.stringify({
      kind: 'resume',
      id: 1,
      participantSid: joined.participant.sid,
      resumeToken: joined.resumeToken,
      lastSeq: joined.seq,
    }),
  );
  assert.equal(sent[0]?.kind, 'resumed');
});

test('a socket that goes away during the verification leaves nothing behind', async () => {
  const { say, connection, settled, host, sent } = await connect();
  say(JOIN);
  connection.disconnected();
  await settled();
  assert.deepEqual(sent, []);
  assert.equal(
    host.administer((rooms) => rooms.listRooms().length),
    0,
  );
});

test('what the rooms close is closed once, and nothing is sent afterwards', async () => {
  const { say, closed, join, connection, host, clock } = await connect();
  await join();
  host.administer((rooms, now) => rooms.removeParticipant(now, 'lab', 'ada'));
  assert.deepEqual(closed, [{ code: 4000, reason: 'removed' }]);
  say({ kind: 'ping', time: 1 });
  clock.pass(60_000);
  connection.disconnected();
  assert.equal(closed.length, 1);
});
