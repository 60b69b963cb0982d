import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignalClient } from '../src/signal-client.ts';
import { toSignalUrl } from '../src/signal-messages.ts';
import type { SignalOutput } from '../src/signal-output.ts';
import { participantInfo, roomInfo } from './entries.ts';

const JOIN = { token: 'tok', client: { sdk: 'test', version: '0' } };

function drain(client: SignalClient): SignalOutput[] {
  const outputs: SignalOutput[] = [];
  for (let one = client.pollOutput(); one; one = client.pollOutput()) outputs.push(one);
  return outputs;
}

/** What was sent, parsed. */
function sent(outputs: readonly SignalOutput[]): Record<string, unknown>[] {
  return outputs.flatMap((one) => (one.kind === 'send' ? [JSON.parse(one.text)] : []));
}

function kinds(outputs: readonly SignalOutput[]): string[] {
  return outputs.map(({ kind }) => kind);
}

function joined(id: unknown, seq = 0): string {
  return JSON.stringify({
    kind: 'joined',
    id,
    room: roomInfo,
    participant: participantInfo('PA_me'),
    participants: [],
    resumeToken: 'resume-1',
    seq,
    iceServers: [],
    slots: { pairs: 1, videoOnly: 0, audioOnly: 0 },
    serverTime: 0,
    pingIntervalMs: 5_000,
    resumeWindowMs: 30_000,
    serverVersion: '0',
  });
}

function connected(now = 0, random = () => 0.5): SignalClient {
  const client = new SignalClient(JOIN, random);
  client.start(now);
  client.handleOpen();
  const [join] = sent(drain(client));
  client.handleText(now, joined(join?.['id']));
  drain(client);
  return client;
}

function error(id: unknown, code: string, retryable = false): string {
  return JSON.stringify({
    kind: 'error',
    id,
    error: { code, message: code, fix: '', retryable },
  });
}

const left = (seq: number) =>
  JSON.stringify({ kind: 'participantLeft', seq, participantSid: 'x', reason: 'left' });

test('joining opens a socket, sends the token first and reports the snapshot', () => {
  const client = new SignalClient(JOIN, () => 0.5);
  client.start(0);
  assert.deepEqual(kinds(drain(client)), ['openSocket']);
  client.handleOpen();
  const [join] = sent(drain(client));
  assert.equal(join?.['kind'], 'join');
  assert.equal(join?.['token'], 'tok');
  client.handleText(10, joined(join?.['id']));
  const outputs = drain(client);
  assert.deepEqual(kinds(outputs), ['joined']);
  assert.equal(outputs[0]?.kind === 'joined' && outputs[0].isAgain, false);
});

test('a refused join ends with the error of the server', () => {
  const client = new SignalClient(JOIN, () => 0.5);
  client.start(0);
  client.handleOpen();
  const [join] = sent(drain(client));
  client.handleText(5, error(join?.['id'], 'roomFull'));
  const ended = drain(client).find(({ kind }) => kind === 'ended');
  assert.equal(ended?.kind === 'ended' && ended.error?.code, 'roomFull');
  assert.equal(client.nextTimeout(), Infinity);
});

test('a server that cannot be reached is reported after the second attempt', () => {
  const client = new SignalClient(JOIN, () => 0.5);
  client.start(0);
  client.handleClose(1, 1006);
  assert.ok(client.nextTimeout() > 1);
  client.handleTimeout(client.nextTimeout());
  client.handleClose(1_000, 1006);
  const ended = drain(client).find(({ kind }) => kind === 'ended');
  assert.equal(ended?.kind === 'ended' && ended.reason, 'unreachable');
});

test('a server that opens but never greets is left after 8 s', () => {
  const client = new SignalClient(JOIN, () => 0.5);
  client.start(0);
  client.handleOpen();
  drain(client);
  assert.equal(client.nextTimeout(), 8_000);
  client.handleTimeout(8_000);
  assert.deepEqual(kinds(drain(client)), ['closeSocket']);
});

test('a dropped socket resumes with the last event seen', () => {
  const client = connected();
  client.handleText(10, left(1));
  client.handleText(11, left(2));
  drain(client);
  client.handleClose(100, 1006);
  assert.deepEqual(kinds(drain(client)), ['reconnecting']);
  client.handleTimeout(client.nextTimeout());
  client.handleOpen();
  const [resume] = sent(drain(client));
  assert.equal(resume?.['kind'], 'resume');
  assert.equal(resume?.['lastSeq'], 2);
  assert.equal(resume?.['resumeToken'], 'resume-1');
  client.handleText(
    400,
    JSON.stringify({ kind: 'resumed', id: resume?.['id'], complete: true, seq: 4 }),
  );
  client.handleText(401, left(3));
  client.handleText(401, left(4));
  assert.deepEqual(kinds(drain(client)), ['resumed', 'message', 'message']);
});

test('a refused resume joins again at once with the same token and the present name', () => {
  const client = connected();
  const id = client.request({ kind: 'updateMe', name: 'Ada' });
  client.handleText(1, JSON.stringify({ kind: 'reply', id }));
  client.handleClose(100, 1006);
  client.handleTimeout(client.nextTimeout());
  client.handleOpen();
  const resume = sent(drain(client)).at(-1);
  client.handleText(300, error(resume?.['id'], 'resumeRefused'));
  assert.deepEqual(kinds(drain(client)), ['closeSocket', 'openSocket']);
  client.handleOpen();
  const join = sent(drain(client)).at(-1);
  assert.equal(join?.['kind'], 'join');
  assert.equal(join?.['token'], 'tok');
  assert.equal(join?.['name'], 'Ada');
  client.handleText(310, joined(join?.['id'], 7));
  const again = drain(client).find(({ kind }) => kind === 'joined');
  assert.equal(again?.kind === 'joined' && again.isAgain, true);
  client.handleText(320, left(8));
  assert.deepEqual(kinds(drain(client)), ['message']);
});

test('a missing event drops the socket so that a resume brings it', () => {
  const client = connected();
  client.handleText(1, left(1));
  client.handleText(2, left(3));
  assert.deepEqual(kinds(drain(client)), ['message', 'closeSocket', 'reconnecting']);
});

test('an event seen before is not told twice', () => {
  const client = connected();
  client.handleText(1, left(1));
  client.handleText(2, left(1));
  assert.deepEqual(kinds(drain(client)), ['message']);
});

test('requests that may be asked twice are asked again after a resume; others fail as interrupted', () => {
  const client = connected();
  const mute = client.request({ kind: 'mute', trackSid: 'TR_1', muted: true });
  const text = client.request({ kind: 'message', topic: 'chat', text: 'hi', scope: 'room' });
  drain(client);
  client.handleClose(10, 1006);
  client.handleTimeout(client.nextTimeout());
  client.handleOpen();
  const resume = sent(drain(client)).at(-1);
  const late = client.request({ kind: 'message', topic: 'chat', text: 'later', scope: 'room' });
  client.handleText(
    300,
    JSON.stringify({ kind: 'resumed', id: resume?.['id'], complete: true, seq: 0 }),
  );
  const outputs = drain(client);
  const failed = outputs.filter((one) => one.kind === 'failed');
  assert.deepEqual(
    failed.map(({ id, error: why }) => [id, why]),
    [[text, 'interrupted']],
  );
  assert.deepEqual(
    sent(outputs).map(({ id }) => id),
    [mute, late],
  );
});

test('answers and refusals reach the request they are for, once', () => {
  const client = connected();
  const id = client.request({ kind: 'unpublish', trackSid: 'TR_1' });
  client.handleText(1, error(id, 'unknownTrack'));
  client.handleText(2, JSON.stringify({ kind: 'reply', id }));
  assert.deepEqual(kinds(drain(client)).slice(1), ['failed']);
});

test('pings go out on time and 12 s of silence count as a dead socket', () => {
  const client = connected();
  assert.equal(client.nextTimeout(), 5_000);
  client.handleTimeout(5_000);
  assert.deepEqual(sent(drain(client)), [{ kind: 'ping', time: 5_000 }]);
  client.handleText(5_030, JSON.stringify({ kind: 'pong', time: 5_000, serverTime: 1 }));
  const [pong] = drain(client);
  assert.equal(pong?.kind === 'pong' && pong.roundTripMs, 30);
  client.handleTimeout(17_030);
  assert.deepEqual(kinds(drain(client)), ['closeSocket', 'reconnecting']);
});

test('a network change ends waiting at once and gives a silent socket 2 s', () => {
  const client = connected();
  client.handleNetworkChange(1_000);
  assert.equal(sent(drain(client))[0]?.['kind'], 'ping');
  assert.equal(client.nextTimeout(), 3_000);
  client.handleTimeout(3_000);
  assert.deepEqual(kinds(drain(client)), ['closeSocket', 'reconnecting']);
  client.handleNetworkChange(3_001);
  assert.deepEqual(kinds(drain(client)), ['openSocket']);
});

test('back-off grows from 0.2 s and stays at or below 5 s', () => {
  for (const random of [0, 0.999]) {
    const client = connected(0, () => random);
    let now = 0;
    client.handleClose(now, 1006);
    for (let attempt = 0; attempt < 12; attempt++) {
      const wait = client.nextTimeout() - now;
      assert.ok(wait >= 200 && wait <= 5_000, `${wait} ms at ${random}`);
      now = client.nextTimeout();
      client.handleTimeout(now);
      client.handleClose(now, 1006);
    }
  }
});

test('a lost session is given up after two minutes of trying', () => {
  const client = connected();
  let now = 0;
  client.handleClose(now, 1006);
  while (client.nextTimeout() < Infinity) {
    now = client.nextTimeout();
    client.handleTimeout(now);
    client.handleClose(now, 1006);
    assert.ok(now < 200_000);
  }
  assert.ok(now >= 120_000);
  assert.equal(drain(client).at(-1)?.kind, 'ended');
});

test('good-bye is final, except that of a server that restarts', () => {
  const goodbye = (reason: string, retryable: boolean) =>
    JSON.stringify({
      kind: 'goodbye',
      reason,
      error: { code: reason, message: '', fix: '', retryable },
    });
  const removed = connected();
  removed.handleText(1, goodbye('removed', false));
  const ended = drain(removed).at(-1);
  assert.equal(ended?.kind === 'ended' && ended.reason, 'removed');
  const restarted = connected();
  restarted.handleText(1, goodbye('serverShutdown', true));
  assert.deepEqual(kinds(drain(restarted)), ['closeSocket', 'reconnecting']);
});

test('the last view is told again after coming back', () => {
  const client = connected();
  client.setView({ kind: 'view', videos: [] });
  drain(client);
  client.handleClose(1, 1006);
  client.handleTimeout(client.nextTimeout());
  client.handleOpen();
  const resume = sent(drain(client)).at(-1);
  client.handleText(
    300,
    JSON.stringify({ kind: 'resumed', id: resume?.['id'], complete: true, seq: 0 }),
  );
  assert.equal(sent(drain(client)).at(-1)?.['kind'], 'view');
});

test('no text of the server makes it throw', () => {
  const client = connected();
  for (const text of ['', 'null', '[]', '{"kind":7}', '{"kind":"reply"}', '{', '{"kind":"pong"}']) {
    client.handleText(1, text);
  }
  drain(client);
});

test('addresses that people type lead to the signalling socket', () => {
  assert.equal(toSignalUrl('https://meet.example.org'), 'wss://meet.example.org/rtc');
  assert.equal(toSignalUrl('http://localhost:7880/'), 'ws://localhost:7880/rtc');
  assert.equal(toSignalUrl('meet.example.org/base'), 'wss://meet.example.org/base/rtc');
  assert.equal(toSignalUrl('wss://a.example/rtc'), 'wss://a.example/rtc');
  assert.equal(toSignalUrl('ftp://a.example'), null);
  assert.equal(toSignalUrl('http://'), null);
});
