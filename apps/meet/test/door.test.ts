import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deviceProblem } from '../src/lobby/device-problem.ts';
import { LevelJudge } from '../src/lobby/level-judge.ts';
import { checkServer } from '../src/lobby/server-check.ts';
import { invitationOf, requestAccess } from '../src/room/access.ts';
import { browserIdentity, takeSeat } from '../src/room/identity.ts';
import { problemOf } from '../src/room/problem.ts';
import { decodePreferences, PreferenceStore } from '../src/shared/preferences.ts';
import { MemoryStorage } from './memory-storage.ts';

const REQUEST = { room: 'standup', identity: 'guest-1', name: 'Ada', invitation: '' };
const answering = (status: number, body: unknown) => async () =>
  new Response(JSON.stringify(body), { status });

test('an invitation in the link is used without asking the server', async () => {
  const access = await requestAccess({ ...REQUEST, invitation: 'eyJ.a.b' }, () =>
    assert.fail('asked'),
  );
  assert.deepEqual(access, { kind: 'admitted', token: 'eyJ.a.b' });
});

test('without an invitation the server is asked, which answers in development mode only', async () => {
  assert.deepEqual(await requestAccess(REQUEST, answering(201, { token: 't' })), {
    kind: 'admitted',
    token: 't',
  });
  const refused = await requestAccess(REQUEST, answering(404, { code: 'notFound' }));
  assert.equal(refused.kind === 'refused' && refused.problem.code, 'invitationNeeded');
});

test('a server that is away, or answers nonsense, is a sentence and not an exception', async () => {
  for (const away of [
    () => Promise.reject(new TypeError('network')),
    answering(500, 'oops'),
    answering(201, { token: 5 }),
  ]) {
    const access = await requestAccess(REQUEST, away);
    assert.equal(access.kind === 'refused' && access.problem.code, 'serverUnreachable');
  }
});

test('the invitation stands behind the number sign', () => {
  assert.equal(invitationOf('#token=eyJ.a.b'), 'eyJ.a.b');
  assert.equal(invitationOf('#x=1&token=abc'), 'abc');
  assert.equal(invitationOf(''), '');
  assert.equal(invitationOf(`#token=${'a'.repeat(9000)}`), '');
});

test('a browser keeps its identity', () => {
  const storage = new MemoryStorage();
  const first = browserIdentity(storage, () => '0123456789ab');
  assert.equal(first, 'guest-0123456789ab');
  assert.equal(
    browserIdentity(storage, () => 'ffffffffffff'),
    first,
  );
});

test('the first tab sits under the identity of the browser, a second one beside it', async () => {
  const held = new Set<string>();
  const request = async (
    name: string,
    _options: LockOptions,
    hold: LockGrantedCallback<unknown>,
  ) => {
    if (held.has(name)) return hold(null);
    held.add(name);
    await hold({ name, mode: 'exclusive' });
    held.delete(name);
  };
  const locks = { request } as unknown as LockManager;
  const first = await takeSeat('guest-1', locks, () => 'abcdef');
  const second = await takeSeat('guest-1', locks, () => 'abcdef');
  assert.deepEqual([first.identity, second.identity], ['guest-1', 'guest-1-abcd']);
  first.release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await takeSeat('guest-1', locks, () => 'abcdef')).identity, 'guest-1');
});

test('errors of the server are told in words for people; unknown ones keep their own', () => {
  const failure = (code: string) =>
    Object.assign(new Error('Some words.'), { code, fix: 'Do this.', isRetryable: true });
  assert.equal(problemOf(failure('roomFull')).title, 'The room is full.');
  assert.deepEqual(problemOf(failure('newInTheNextVersion')), {
    code: 'newInTheNextVersion',
    title: 'Some words.',
    fix: 'Do this.',
    isRetryable: true,
  });
  assert.equal(problemOf('thrown text').code, 'unexpected');
});

test('a refused permission names the control of this browser', () => {
  const fix = (userAgent: string) => deviceProblem('camera', 'permissionDenied', userAgent).fix;
  assert.match(fix('Mozilla/5.0 (X11) Gecko/20100101 Firefox/153.0'), /crossed-out camera/);
  assert.match(fix('Mozilla/5.0 (Macintosh) Version/20.0 Safari/605.1'), /Safari > Settings/);
  assert.match(fix('Mozilla/5.0 (iPhone) Version/20.0 Safari/605.1'), /Website Settings/);
  assert.match(fix('Mozilla/5.0 (X11) Chrome/156.0 Safari/537.36'), /left of the address/);
});

test('every device failure is a title, a way out, and whether to try again', () => {
  const codes = [
    'permissionDenied',
    'deviceMissing',
    'deviceBusy',
    'insecureOrigin',
    'deviceFailed',
  ];
  for (const code of codes) {
    const problem = deviceProblem('microphone', code, '');
    assert.ok(problem.title.endsWith('.') && problem.fix.endsWith('.'));
    assert.equal(problem.isRetryable, code !== 'insecureOrigin');
  }
});

test('a microphone is judged: waiting, good, silent, too loud', () => {
  const judge = new LevelJudge();
  assert.equal(judge.judge(0, 0), 'waiting');
  assert.equal(judge.judge(3_999, 0), 'waiting');
  assert.equal(judge.judge(4_000, 0), 'silent');
  assert.equal(judge.judge(4_050, 0.5), 'good');
  assert.equal(judge.judge(7_000, 0.01), 'good');
  for (let at = 0; at < 8; at++) judge.judge(7_100 + at, 1);
  assert.equal(judge.judge(7_200, 1), 'loud');
});

test('the way to the server is measured with the second answer, over an open connection', async () => {
  const clock = [100, 112];
  const check = await checkServer(() => clock.shift() ?? 0, answering(200, 'ok'));
  assert.deepEqual(check, { kind: 'reached', roundTripMs: 12 });
  const down = await checkServer(
    () => 0,
    () => Promise.reject(new TypeError()),
  );
  assert.deepEqual(down, { kind: 'unreachable' });
});

test('stored preferences of any shape give valid ones', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { name, theme, isCameraOn } = decodePreferences(value);
      assert.equal(typeof name, 'string');
      assert.ok(['system', 'light', 'dark'].includes(theme));
      assert.equal(typeof isCameraOn, 'boolean');
    }),
  );
  assert.equal(decodePreferences({ name: 'Ada', theme: 'purple' }).name, 'Ada');
});

test('a changed preference is there at the next visit', () => {
  const storage = new MemoryStorage();
  new PreferenceStore(storage).change({ name: 'Ada', theme: 'light' });
  const { name, theme } = new PreferenceStore(storage).get();
  assert.deepEqual([name, theme], ['Ada', 'light']);
});
