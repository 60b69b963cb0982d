import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerCall, SeededRandom, stunCrypto } from '@switchyard/tools/testkit';
import fc from 'fast-check';
import { type Millis, millis, parseIp } from '../src/base/index.ts';
import {
  CheckVerdict,
  type IceCredentials,
  IceLiteAgent,
  type IceLiteEvent,
  readLocalUfrag,
} from '../src/ice/index.ts';
import {
  StunAttribute,
  StunClass,
  StunMethod,
  StunView,
  StunWriter,
  shortTermKey,
  writeSignedBindingSuccess,
} from '../src/stun/index.ts';

const SERVER: IceCredentials = { ufrag: 'SRVRfrag', pwd: 'server-password-of-32-characters' };
const CLIENT: IceCredentials = { ufrag: 'CLNT', pwd: 'client-password-24-chars' };
const SOURCE = { ip: parseIp('198.51.100.7')!, port: 4242 };

interface CheckOptions {
  readonly username?: string | null;
  readonly key?: string;
  readonly integrity?: 'sha1' | 'none' | 'sha256Only' | 'truncated';
  readonly nominate?: boolean;
  readonly priority?: number;
  readonly role?: number;
  readonly extra?: number;
  readonly badFingerprint?: boolean;
}

/** A browser's check. */
function check(options: CheckOptions = {}): StunView {
  const buf = new Uint8Array(300);
  const key = shortTermKey(options.key ?? SERVER.pwd);
  const writer = new StunWriter().begin(
    buf,
    0,
    StunClass.request,
    StunMethod.binding,
    new Uint8Array(12).fill(7),
    0,
  );
  const username =
    options.username === undefined ? `${SERVER.ufrag}:${CLIENT.ufrag}` : options.username;
  if (username !== null) writer.addText(StunAttribute.username, username);
  writer.addBytes(options.role ?? StunAttribute.iceControlling, new Uint8Array(8));
  writer.addU32(StunAttribute.priority, options.priority ?? 1000);
  if (options.nominate) writer.addFlag(StunAttribute.useCandidate);
  if (options.extra !== undefined) writer.addFlag(options.extra);
  const { integrity = 'sha1' } = options;
  if (integrity === 'sha1') writer.addIntegrity(stunCrypto, key);
  if (integrity === 'sha256Only')
    writer.addBytes(StunAttribute.messageIntegritySha256, new Uint8Array(32));
  if (integrity === 'truncated')
    writer.addBytes(StunAttribute.messageIntegrity, new Uint8Array(16));
  const length = writer.addFingerprint().finish();
  if (options.badFingerprint) buf[length - 1]! ^= 1;
  return parsed(buf, length);
}

function parsed(buf: Uint8Array, length: number): StunView {
  const view = new StunView();
  assert.ok(view.parse(buf, 0, length));
  return view;
}

function events(agent: IceLiteAgent): IceLiteEvent[] {
  const list: IceLiteEvent[] = [];
  for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent())
    list.push(event);
  return list;
}

const makeAgent = (remote: IceCredentials | null = CLIENT): IceLiteAgent =>
  new IceLiteAgent({ local: SERVER, remote, crypto: stunCrypto, random: new SeededRandom(1) });

const out = new Uint8Array(500);

/** Feeds a check that must be accepted; returns the answer's length. */
function accept(
  agent: IceLiteAgent,
  now: number,
  tuple: number,
  options: CheckOptions = {},
): number {
  const request = check(options);
  assert.equal(agent.authenticate(request), CheckVerdict.accepted);
  return agent.acceptCheck(millis(now), request, tuple, SOURCE, out, 0);
}

/** Sends the agent's own check, if one is due, and answers it from `tuple`. */
function answerProbe(agent: IceLiteAgent, now: Millis, tuple: number): boolean {
  const probe = new Uint8Array(300);
  const length = agent.pollTransmit(now, probe, 0);
  assert.ok(length > 0);
  assert.equal(agent.transmitTuple, tuple);
  const request = parsed(probe, length);
  assert.ok(request.hasValidIntegrity(stunCrypto, shortTermKey(CLIENT.pwd)));
  assert.ok(request.findSized(StunAttribute.iceControlled, 8) > 0);
  assert.equal(readLocalUfrag(request), CLIENT.ufrag);
  const key = shortTermKey(CLIENT.pwd);
  const size = writeSignedBindingSuccess(request, SOURCE, stunCrypto, key, probe, 0);
  return agent.handleResponse(now, parsed(probe, size), tuple);
}

test('RFC 8445 §7.3: the first authentic check connects, selects its tuple and is answered', () => {
  const agent = makeAgent();
  const length = accept(agent, 0, 5);
  const answer = parsed(out, length);
  assert.equal(answer.messageClass, StunClass.success);
  assert.ok(answer.hasValidIntegrity(stunCrypto, shortTermKey(SERVER.pwd)));
  assert.ok(answer.hasValidFingerprint());
  assert.deepEqual(events(agent), [
    { kind: 'tupleValidated', tuple: 5 },
    { kind: 'tupleSelected', tuple: 5 },
    { kind: 'stateChanged', state: 'connected' },
  ]);
});

test('SEC-ICE-01: a check that is not authentic changes nothing and teaches no tuple', () => {
  const cases: [CheckOptions, CheckVerdict, number][] = [
    [{ integrity: 'none' }, CheckVerdict.malformed, 400],
    [{ integrity: 'sha256Only' }, CheckVerdict.malformed, 400],
    [{ username: null }, CheckVerdict.malformed, 400],
    [{ integrity: 'truncated' }, CheckVerdict.unauthorized, 401],
    [{ key: CLIENT.pwd }, CheckVerdict.unauthorized, 401],
    [{ username: 'OTHRfrag:CLNT' }, CheckVerdict.unauthorized, 401],
    [{ username: `${SERVER.ufrag}:OTHR` }, CheckVerdict.unauthorized, 401],
    [{ username: `${SERVER.ufrag}:CLNTx` }, CheckVerdict.unauthorized, 401],
    [{ badFingerprint: true }, CheckVerdict.ignored, 0],
    [{ extra: 0x7fff }, CheckVerdict.unknownAttribute, 420],
    [{ role: StunAttribute.iceControlled }, CheckVerdict.roleConflict, 487],
  ];
  for (const [options, verdict, code] of cases) {
    const agent = makeAgent();
    const request = check(options);
    assert.equal(agent.authenticate(request), verdict);
    const length = agent.rejectCheck(request, verdict, out, 0);
    if (code === 0) assert.equal(length, 0);
    else {
      const answer = parsed(out, length);
      assert.equal(answer.errorCode, code);
      const isSigned = code === 420 || code === 487;
      assert.equal(answer.hasValidIntegrity(stunCrypto, shortTermKey(SERVER.pwd)), isSigned);
    }
    assert.deepEqual(events(agent), []);
    assert.equal(agent.selected, -1);
    assert.equal(agent.state, 'waiting');
  }
});

test('RFC 8445 §7.3: while the remote description is unknown, our half of USERNAME is enough', () => {
  const agent = makeAgent(null);
  accept(agent, 0, 1, { username: `${SERVER.ufrag}:any` });
  assert.equal(agent.pollTransmit(millis(0), out, 0), 0);
  agent.setRemote(CLIENT);
  assert.equal(
    agent.authenticate(check({ username: `${SERVER.ufrag}:any` })),
    CheckVerdict.unauthorized,
  );
  accept(agent, 10, 1);
});

test('SEC-ICE-02, RFC 7675 §5.1: suspect after 15 s without a check, silent after 30 s', () => {
  const agent = makeAgent();
  accept(agent, 1000, 1);
  agent.noteDelivered(millis(1000), 1);
  events(agent);
  assert.ok(agent.maySend(1200));
  assert.equal(agent.nextTimeout(), 16_000);
  agent.handleTimeout(millis(16_000));
  assert.deepEqual(events(agent), [{ kind: 'stateChanged', state: 'suspect' }]);
  assert.ok(agent.maySend(1200));
  agent.handleTimeout(agent.nextTimeout());
  assert.deepEqual(events(agent), [{ kind: 'stateChanged', state: 'failed' }]);
  assert.ok(!agent.maySend(1));
  assert.equal(agent.nextTimeout(), Number.POSITIVE_INFINITY);
  accept(agent, 60_000, 1);
  assert.deepEqual(events(agent), [{ kind: 'stateChanged', state: 'connected' }]);
  assert.ok(!agent.maySend(1200), 'somebody else may have the address by now');
  assert.ok(answerProbe(agent, millis(60_000), 1));
  assert.ok(agent.maySend(1200));
});

test('SEC-ICE-03: an unproved address gets at most three times the bytes that came from it', () => {
  const agent = makeAgent();
  const checkLength = check().length;
  let sent = accept(agent, 0, 1);
  sent += agent.pollTransmit(millis(0), out, 0);
  while (agent.maySend(10)) sent += 10;
  assert.ok(sent <= 3 * checkLength && sent > 3 * checkLength - 10);
  assert.ok(agent.wantsTraffic);
  agent.noteReceived(millis(1), 1, 100);
  assert.ok(agent.maySend(300));
  assert.ok(!agent.maySend(10));
});

test('SEC-ICE-03: a nominated new address gets the media only when it has answered our check', () => {
  const agent = makeAgent();
  accept(agent, 0, 1, { nominate: true });
  assert.ok(answerProbe(agent, millis(0), 1));
  accept(agent, 5000, 2, { nominate: true });
  assert.equal(agent.selected, 1);
  const probe = new Uint8Array(300);
  const length = agent.pollTransmit(millis(5000), probe, 0);
  const request = parsed(probe, length);
  const key = shortTermKey(CLIENT.pwd);
  const size = writeSignedBindingSuccess(request, SOURCE, stunCrypto, key, out, 0);
  assert.ok(!agent.handleResponse(millis(5010), parsed(out, size), 3), 'from elsewhere');
  assert.equal(agent.selected, 1);
  assert.ok(agent.handleResponse(millis(5010), parsed(out, size), 2));
  assert.equal(agent.selected, 2);
  assert.ok(!agent.wantsTraffic);
});

test('SEC-ICE-03: the old path keeps the media while the new address stays silent', () => {
  const agent = makeAgent();
  accept(agent, 0, 1, { nominate: true });
  assert.ok(answerProbe(agent, millis(0), 1));
  accept(agent, 5000, 2, { nominate: true });
  agent.noteReceived(millis(5500), 1, 1000);
  let probes = 0;
  for (let now = 5000; now <= 6000; now += 50) {
    agent.handleTimeout(millis(now));
    if (agent.pollTransmit(millis(now), out, 0) > 0) probes++;
  }
  assert.ok(probes >= 1 && probes <= 3);
  assert.equal(agent.selected, 1);
  assert.ok(!agent.wantsTraffic);
});

test('a browser that moved and answers no checks is followed when the old path has been silent 8 s, within the allowance', () => {
  const agent = makeAgent();
  accept(agent, 0, 1, { nominate: true });
  assert.ok(answerProbe(agent, millis(0), 1));
  accept(agent, 4500, 2, { nominate: true });
  agent.handleTimeout(millis(5500));
  assert.equal(agent.selected, 1);
  accept(agent, 9000, 2);
  agent.handleTimeout(millis(10_000));
  assert.equal(agent.selected, 2);
  assert.ok(!agent.maySend(1200));
  agent.noteReceived(millis(10_001), 2, 400);
  assert.ok(agent.maySend(1200));
  agent.noteDelivered(millis(10_100), 2);
  assert.ok(agent.maySend(1200) && agent.maySend(1200));
});

test('SEC-ICE-03: checks that a stranger replays never take the media from a proved path that is alive', () => {
  for (const life of ['media', 'checks'] as const) {
    const agent = makeAgent();
    accept(agent, 0, 1, { nominate: true });
    assert.ok(answerProbe(agent, millis(0), 1));
    for (let now = 10; now < 60_000; now += 10) {
      accept(agent, now, 2, { nominate: (now / 10) % 2 === 0 });
      agent.noteArrived(2, 200);
      if (life === 'media' && now % 5_000 === 0) agent.noteReceived(millis(now), 1, 100);
      if (life === 'checks' && now % 5_600 === 0) accept(agent, now, 1);
      agent.handleTimeout(millis(now));
      agent.pollTransmit(millis(now), out, 0);
      assert.equal(agent.selected, 1, `${life}: ${now} ms`);
    }
  }
});

test('SEC-ICE-03: a proved path takes the media back from an unproved one with its next sign of life', () => {
  for (const life of ['media', 'check'] as const) {
    const agent = makeAgent();
    accept(agent, 0, 1, { nominate: true });
    assert.ok(answerProbe(agent, millis(0), 1));
    for (let now = 100; now <= 10_000; now += 100) {
      accept(agent, now, 2, { nominate: true });
      agent.handleTimeout(millis(now));
    }
    assert.equal(agent.selected, 2, 'nothing else was heard for 8 s');
    if (life === 'media') agent.noteReceived(millis(10_100), 1, 100);
    else accept(agent, 10_100, 1);
    for (let now = 10_100; now <= 11_100; now += 100) {
      accept(agent, now, 2, { nominate: true });
      agent.handleTimeout(millis(now));
    }
    assert.equal(agent.selected, 1, life);
  }
});

test('SEC-ICE-03: the stranger whose check came first does not end the probe of the peer’s own path', () => {
  const agent = makeAgent();
  accept(agent, 0, 2, { nominate: true });
  accept(agent, 10, 1, { nominate: true, priority: 2000 });
  const probe = new Uint8Array(300);
  const length = agent.pollTransmit(millis(10), probe, 0);
  assert.equal(agent.transmitTuple, 1);
  for (let now = 2_100; now < 2_110; now++) accept(agent, now, 2, { nominate: true });
  const key = shortTermKey(CLIENT.pwd);
  const size = writeSignedBindingSuccess(parsed(probe, length), SOURCE, stunCrypto, key, probe, 0);
  assert.ok(agent.handleResponse(millis(2_110), parsed(probe, size), 1));
  assert.equal(agent.selected, 1);
});

test('a path is held while it is proved and alive', () => {
  const agent = makeAgent();
  accept(agent, 0, 1, { nominate: true });
  assert.ok(!agent.holds(millis(0), 1), 'not proved');
  assert.ok(answerProbe(agent, millis(0), 1));
  assert.ok(agent.holds(millis(7_999), 1));
  assert.ok(!agent.holds(millis(8_000), 1), 'silent');
  agent.noteReceived(millis(8_000), 1, 100);
  assert.ok(agent.holds(millis(15_999), 1));
  assert.ok(!agent.holds(millis(8_000), 2), 'unknown');
});

test('SEC-ICE-03: at most one switch a second and ten a minute', () => {
  const agent = makeAgent();
  for (const tuple of [1, 2]) {
    accept(agent, 0, tuple);
    agent.noteDelivered(millis(0), tuple);
  }
  events(agent);
  let switches = 0;
  for (let now = 10_000; now < 70_000; now += 100) {
    agent.handleTimeout(millis(now));
    accept(agent, now, (now / 100) & 1 ? 1 : 2, { nominate: true });
    switches += events(agent).filter(({ kind }) => kind === 'tupleSelected').length;
  }
  assert.ok(switches >= 9 && switches <= 10, `${switches}`);
});

test('RFC 5245 §8.1.1.2: of pairs nominated together the highest priority wins; later the last', () => {
  const agent = makeAgent();
  for (const tuple of [1, 2]) {
    accept(agent, 0, tuple);
    agent.noteDelivered(millis(0), tuple);
  }
  accept(agent, 10, 1, { nominate: true, priority: 2000 });
  accept(agent, 20, 2, { nominate: true, priority: 1000 });
  assert.equal(agent.selected, 1);
  accept(agent, 6000, 2, { nominate: true, priority: 1000 });
  assert.equal(agent.selected, 2);
});

test('a transport keeps at most 8 tuples; the longest silent goes, never the selected one', () => {
  const agent = makeAgent();
  accept(agent, 0, 100);
  events(agent);
  for (let tuple = 0; tuple < 20; tuple++) accept(agent, 1 + tuple, tuple);
  const released = events(agent).filter(({ kind }) => kind === 'tupleReleased');
  assert.deepEqual(
    released,
    Array.from({ length: 13 }, (_, tuple) => ({ kind: 'tupleReleased', tuple })),
  );
  assert.equal(agent.selected, 100);
});

const NEW_SERVER: IceCredentials = { ufrag: 'NEWfrag1', pwd: 'another-server-password-32-chars' };
const NEW_CLIENT: IceCredentials = { ufrag: 'NEWC', pwd: 'client-password-renewed!' };
const NEW_CHECK = { username: 'NEWfrag1:NEWC', key: NEW_SERVER.pwd };

test('SEC-ICE-05: after a restart the old credentials hold until the new ones are used', () => {
  const agent = makeAgent();
  accept(agent, 0, 1);
  agent.restart(millis(100), NEW_SERVER, NEW_CLIENT);
  events(agent);
  const length = accept(agent, 200, 1);
  assert.ok(parsed(out, length).hasValidIntegrity(stunCrypto, shortTermKey(SERVER.pwd)));
  accept(agent, 300, 2, NEW_CHECK);
  assert.deepEqual(events(agent), [
    { kind: 'ufragRetired', ufrag: SERVER.ufrag },
    { kind: 'tupleValidated', tuple: 2 },
  ]);
  assert.equal(agent.authenticate(check()), CheckVerdict.unauthorized);
});

test('SEC-ICE-05: after a restart the old credentials hold 30 s at most', () => {
  const agent = makeAgent();
  accept(agent, 0, 1);
  agent.restart(millis(100), NEW_SERVER, NEW_CLIENT);
  agent.handleTimeout(millis(30_099));
  assert.equal(agent.authenticate(check()), CheckVerdict.accepted);
  agent.handleTimeout(millis(30_100));
  assert.equal(agent.authenticate(check()), CheckVerdict.unauthorized);
});

test('SEC-ICE-04: a lite agent counts remote candidates, 64 a generation, and uses none', () => {
  const agent = makeAgent();
  let kept = 0;
  for (let i = 0; i < 10_000; i++) if (agent.noteRemoteCandidate()) kept++;
  assert.equal(kept, 64);
  assert.equal(agent.pollTransmit(millis(0), out, 0), 0);
  assert.equal(agent.nextTimeout(), Number.POSITIVE_INFINITY);
});

test('no order of checks, answers, restarts and time breaks the invariants', () => {
  const step = fc.record({
    kind: fc.constantFrom(
      'check',
      'nominate',
      'oldCheck',
      'answer',
      'restart',
      'deliver',
      'wait',
      'send',
      'traffic',
    ),
    tuple: fc.integer({ min: 0, max: 11 }),
    waitMs: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const agent = makeAgent();
      const known = new Set<number>();
      const received = new Map<number, number>();
      const sent = new Map<number, number>();
      const proved = new Set<number>();
      const add = (map: Map<number, number>, tuple: number, length: number) =>
        map.set(tuple, (map.get(tuple) ?? 0) + length);
      const feed = (now: Millis, tuple: number, options: CheckOptions) => {
        const request = check(options);
        if (agent.authenticate(request) !== CheckVerdict.accepted) return;
        add(received, tuple, request.length);
        add(sent, tuple, agent.acceptCheck(now, request, tuple, SOURCE, out, 0));
      };
      let now = millis(0);
      let generation: CheckOptions = {};
      for (const { kind, tuple, waitMs } of steps) {
        if (kind === 'check') feed(now, tuple, generation);
        if (kind === 'nominate') feed(now, tuple, { ...generation, nominate: true });
        if (kind === 'oldCheck') feed(now, tuple, {});
        if (kind === 'restart') {
          agent.restart(now, NEW_SERVER, NEW_CLIENT);
          generation = NEW_CHECK;
        }
        if (kind === 'traffic' && known.has(tuple)) {
          agent.noteReceived(now, tuple, 500);
          add(received, tuple, 500);
        }
        if (kind === 'deliver' && known.has(tuple)) {
          agent.noteDelivered(now, tuple);
          proved.add(tuple);
        }
        if (kind === 'send' && agent.maySend(waitMs)) add(sent, agent.selected, waitMs);
        if (kind === 'wait') {
          now = millis(now + waitMs);
          agent.handleTimeout(now);
          if (agent.state === 'failed') for (const map of [proved, sent, received]) map.clear();
        }
        for (const event of events(agent)) {
          if (event.kind === 'tupleValidated') known.add(event.tuple);
          if (event.kind === 'tupleReleased') {
            for (const map of [known, sent, received, proved]) map.delete(event.tuple);
          }
          if (event.kind === 'tupleSelected') assert.ok(known.has(event.tuple));
        }
        const length = agent.pollTransmit(now, out, 0);
        if (length > 0) add(sent, agent.transmitTuple, length);
        assert.ok(known.size <= 8);
        assert.equal(agent.selected >= 0, agent.state !== 'waiting');
        assert.ok(agent.nextTimeout() >= now);
        for (const [to, bytes] of sent)
          if (!proved.has(to)) assert.ok(bytes <= 3 * (received.get(to) ?? 0));
      }
    }),
  );
});

test('asking to send and counting what came allocate nothing', () => {
  const agent = makeAgent();
  accept(agent, 0, 1);
  agent.noteDelivered(millis(0), 1);
  assert.ok(bytesPerCall(() => void agent.maySend(1200)) < 1);
  assert.ok(bytesPerCall(() => agent.noteReceived(millis(5), 1, 1200)) < 1);
});
