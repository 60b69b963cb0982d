import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../src/rooms/index.ts';
import { Bench, type TestClient } from './rooms-bench.ts';

const say = (client: TestClient, text: string, to?: string[], scope: 'room' | 'user' = 'room') =>
  client.send({
    kind: 'message',
    id: 40,
    topic: 'chat',
    text,
    scope,
    ...(to === undefined ? {} : { to }),
  });

const call = (client: TestClient, to: string, room?: string): string => {
  client.send({ kind: 'call', id: 50, to, ...(room === undefined ? {} : { room }) });
  return client.all('reply').at(-1)?.callId ?? '';
};

const answer = (
  client: TestClient,
  callId: string,
  what: 'ringing' | 'accept' | 'reject' | 'busy' | 'cancel',
) => client.send({ kind: 'answerCall', id: 51, callId, answer: what });

test('a message reaches everybody else, or those who are named', () => {
  const bench = new Bench();
  const [ada, bob, carol] = ['ada', 'bob', 'carol'].map((name) => bench.join(name)) as [
    TestClient,
    TestClient,
    TestClient,
  ];
  say(ada, 'hello');
  assert.equal(bob.last('message').text, 'hello');
  assert.equal(carol.last('message').direct, false);
  assert.equal(ada.all('message').length, 0);
  assert.equal(ada.last('reply').messageId, bob.last('message').messageId);
  say(ada, 'psst', ['bob']);
  assert.equal(bob.last('message').direct, true);
  assert.equal(carol.all('message').length, 1);
  say(ada, 'psst', ['nobody']);
  assert.equal(ada.error, 'recipientNotFound');
});

test('a message to a user reaches all his sessions, in rooms or not', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { room: null });
  const phone = bench.join('bob', { room: null });
  const laptop = bench.join('bob', { room: 'office' });
  say(ada, 'call me', ['bob'], 'user');
  assert.equal(phone.last('message').text, 'call me');
  assert.equal(laptop.last('message').from.identity, 'ada');
  say(ada, 'x', [], 'user');
  assert.equal(ada.error, 'noRecipient');
  say(ada, 'x');
  assert.equal(ada.error, 'notInRoom');
});

test('messages need the permission and are limited in length and rate', () => {
  const limits = { ...DEFAULT_LIMITS, messageBurst: 2, messagesPerSecond: 1, messageLength: 10 };
  const bench = new Bench({ limits });
  const ada = bench.join('ada');
  bench.join('bob');
  const mute = bench.join('mute', { permissions: { canPublishData: false } });
  say(mute, 'x');
  assert.equal(mute.error, 'notAllowed');
  say(ada, 'x'.repeat(11));
  assert.equal(ada.error, 'messageTooLong');
  say(ada, '1');
  say(ada, '2');
  assert.equal(ada.all('reply').length, 2);
  say(ada, '3');
  assert.equal(ada.error, 'tooManyMessages');
  bench.pass(1_000);
  say(ada, '4');
  assert.equal(ada.all('reply').length, 3);
});

test('a call rings on every device; the one that accepts and the caller get tokens', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { room: null, name: 'Ada' });
  const phone = bench.join('bob', { room: null });
  const laptop = bench.join('bob', { room: null });
  const id = call(ada, 'bob');
  assert.equal(phone.last('callUpdated').call.state, 'pending');
  assert.equal(laptop.last('callUpdated').call.from.name, 'Ada');
  answer(phone, id, 'ringing');
  assert.equal(ada.last('callUpdated').call.state, 'ringing');
  answer(laptop, id, 'accept');
  assert.equal(ada.last('callUpdated').call.state, 'accepted');
  assert.equal(ada.last('callUpdated').token, 'token for ada');
  assert.equal(laptop.last('callUpdated').token, 'token for bob');
  assert.equal(phone.last('callUpdated').token, undefined);
  const { room } = laptop.last('callUpdated').call;
  assert.deepEqual(
    bench.tokens.map((token) => token.room),
    [room, room],
  );
  answer(phone, id, 'reject');
  assert.equal(phone.error, 'callNotFound');
});

test('calls end by refusal, by cancelling, and after 30 s without an answer', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { room: null });
  const bob = bench.join('bob', { room: null });
  answer(bob, call(ada, 'bob'), 'reject');
  assert.equal(ada.last('callUpdated').call.state, 'rejected');
  answer(bob, call(ada, 'bob'), 'busy');
  assert.equal(ada.last('callUpdated').call.state, 'busy');
  const id = call(ada, 'bob');
  answer(bob, id, 'cancel');
  assert.equal(bob.error, 'badCallAnswer');
  answer(ada, id, 'accept');
  assert.equal(ada.error, 'badCallAnswer');
  answer(ada, id, 'cancel');
  assert.equal(bob.last('callUpdated').call.state, 'cancelled');
  call(ada, 'bob');
  bench.pass(29_999);
  assert.equal(bob.last('callUpdated').call.state, 'pending');
  bench.pass(1);
  assert.equal(bob.last('callUpdated').call.state, 'noAnswer');
});

test('a caller who leaves cancels', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { room: null });
  const bob = bench.join('bob', { room: null });
  call(ada, 'bob');
  ada.send({ kind: 'leave' });
  assert.equal(bob.last('callUpdated').call.state, 'cancelled');
});

test('a call opens no room that the caller is not in himself', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { room: 'lab' });
  const bob = bench.join('bob', { room: null });
  call(ada, 'bob', 'boardroom');
  assert.equal(ada.error, 'notAllowed');
  call(ada, 'bob', 'lab');
  assert.equal(bob.last('callUpdated').call.room, 'lab');
});

test('nobody calls himself, somebody offline, or too many at once; strangers cannot answer', () => {
  const bench = new Bench();
  const ada = bench.join('ada', { room: null });
  const eve = bench.join('eve', { room: null });
  bench.join('bob', { room: null });
  call(ada, 'ada');
  assert.equal(ada.error, 'callSelf');
  call(ada, 'zoe');
  assert.equal(ada.error, 'userOffline');
  const id = call(ada, 'bob');
  answer(eve, id, 'accept');
  assert.equal(eve.error, 'callNotFound');
  for (let i = 0; i < 8; i++) call(ada, 'bob');
  assert.equal(ada.error, 'tooManyCalls');
});
