import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerMessage } from '@switchyard/core/signal';
import { type HostPorts, SwitchboardHost } from '../src/api/index.ts';
import { DEFAULT_PERMISSIONS, Switchboard } from '../src/rooms/index.ts';
import { TestClock } from './api-bench.ts';
import { seededRandom } from './rooms-bench.ts';

const ADMISSION = {
  identity: 'ada',
  name: 'Ada',
  metadata: '',
  attributes: {},
  room: 'lab',
  permissions: DEFAULT_PERMISSIONS,
  mayCreateRoom: false,
};

const JOIN = {
  kind: 'join',
  id: 1,
  token: '',
  client: { sdk: 'test', version: '1' },
} as const;

/** A host over real rooms whose `message` requests fail as a bug would. */
function createHost(ports: Partial<HostPorts> = {}) {
  const clock = new TestClock();
  const switchboard = new Switchboard({
    random: seededRandom('host'),
    wallClock: () => clock.wallClock(),
    advertise: () => [],
    iceServers: () => [],
    issueToken: () => {
      throw new Error('a bug');
    },
  });
  const host = new SwitchboardHost(switchboard, clock, {
    sendCommand: () => {},
    onEvent: () => {},
    ...ports,
  });
  const join = (identity: string, room: string | null) => {
    const sent: ServerMessage[] = [];
    const closed: number[] = [];
    const session = host.connect({
      send: (message) => sent.push(message),
      close: (code) => closed.push(code),
    });
    host.open(session, { ...ADMISSION, identity, room }, 'standard');
    host.message(session, JOIN);
    return { session, sent, closed };
  };
  return { host, clock, join };
}

/** Accepting a call asks for a token, which fails here. */
function acceptCall({ host, join }: ReturnType<typeof createHost>) {
  const ada = join('ada', null);
  const bob = join('bob', null);
  host.message(ada.session, { kind: 'call', id: 2, to: 'bob' });
  const update = bob.sent.at(-1);
  assert.ok(update?.kind === 'callUpdated');
  const { callId } = update.call;
  const accept = () =>
    host.message(bob.session, { kind: 'answerCall', id: 3, callId, answer: 'accept' });
  return { ada, bob, accept };
}

test('a bug costs the session that met it, and the others go on', () => {
  const faults: unknown[] = [];
  const world = createHost({ onFault: (error) => faults.push(error) });
  const { ada, bob, accept } = acceptCall(world);
  accept();
  assert.equal(faults.length, 1);
  assert.deepEqual(bob.closed, [1011]);
  world.host.message(ada.session, { kind: 'ping', time: 4 });
  assert.equal(ada.sent.at(-1)?.kind, 'pong');
});

test('without a port for faults they are thrown on', () => {
  const { accept } = acceptCall(createHost());
  assert.throws(accept, /a bug/);
});

test('one timer follows the next deadline of the rooms', () => {
  const { host, clock, join } = createHost();
  const ada = join('ada', 'lab');
  assert.equal(clock.nextTimer, Number.POSITIVE_INFINITY);
  host.disconnect(ada.session);
  assert.equal(clock.nextTimer, 30_000);
  clock.pass(30_000);
  assert.equal(clock.nextTimer, 90_000);
  clock.pass(60_000);
  assert.equal(
    host.administer((rooms) => rooms.listRooms().length),
    0,
  );
  assert.equal(clock.nextTimer, Number.POSITIVE_INFINITY);
});

test('a sink may call back into the host while it is being served', () => {
  const { host, join } = createHost();
  const bob = join('bob', 'lab');
  const answers: string[] = [];
  const session = host.connect({
    send: (message) => {
      answers.push(message.kind);
      if (message.kind === 'joined') host.message(session, { kind: 'ping', time: 1 });
    },
    close: () => {},
  });
  host.open(session, { ...ADMISSION, identity: 'gateway' }, 'whip');
  host.message(session, JOIN);
  assert.deepEqual(answers, ['joined', 'pong']);
  assert.equal(bob.sent.at(-1)?.kind, 'participantJoined');
});
