import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type LinkOptions,
  type NatKind,
  SeededRandom,
  VirtualNetwork,
} from '@switchyard/tools/testkit';
import fc from 'fast-check';
import { isSameAddress } from '../src/base/index.ts';
import { makeCredentials } from '../src/ice/index.ts';
import {
  addStunServer,
  candidateOf,
  connect,
  FullEndpoint,
  LiteEndpoint,
} from './ice-endpoints.ts';

const WAN: LinkOptions = { latencyMs: 20, jitterMs: 5 };

interface Pair {
  readonly network: VirtualNetwork;
  readonly a: FullEndpoint;
  readonly b: FullEndpoint;
}

/** Two public hosts, connected or not yet. */
function makePair(
  seed = 1,
  link: LinkOptions = WAN,
  roles: readonly [boolean, boolean] = [true, false],
): Pair {
  const network = new VirtualNetwork(seed, link);
  const a = new FullEndpoint(network, network.addHost('192.0.2.1'), roles[0], seed * 2 + 1);
  const b = new FullEndpoint(network, network.addHost('192.0.2.2'), roles[1], seed * 2 + 2);
  return { network, a, b };
}

const areConnected = ({ a, b }: Pair) =>
  a.agent.state === 'connected' && b.agent.state === 'connected';

test('RFC 8445 §8.1.1: two agents connect and the controlling one nominates', () => {
  const pair = makePair();
  connect(pair.a, pair.b);
  assert.ok(pair.network.run(2000, () => areConnected(pair)));
  assert.ok(isSameAddress(pair.a.agent.selectedPair!.remote, pair.b.socket.address));
  assert.ok(isSameAddress(pair.b.agent.selectedPair!.remote, pair.a.socket.address));
  assert.deepEqual(pair.a.states, ['checking', 'connected']);
  assert.ok(pair.network.now < 300, `${pair.network.now}`);
});

const KINDS: readonly (NatKind | 'none')[] = [
  'none',
  'fullCone',
  'restricted',
  'portRestricted',
  'symmetric',
];

/** RFC 5128 §3.3: no hole can be punched between these without a relay. */
const NEEDS_RELAY = new Set([
  'symmetric/symmetric',
  'symmetric/portRestricted',
  'portRestricted/symmetric',
]);

for (const left of KINDS)
  for (const right of KINDS) {
    const isPossible = !NEEDS_RELAY.has(`${left}/${right}`);
    test(`NAT ${left} to ${right}: ${isPossible ? 'connects, also under 10 % loss' : 'fails after the patience of RFC 8863'}`, () => {
      for (const lossRatio of isPossible ? [0, 0.1] : [0]) {
        const network = new VirtualNetwork(7, { ...WAN, lossRatio });
        const server = addStunServer(network);
        const behind = (kind: NatKind | 'none', ip: string, inside: string) =>
          kind === 'none'
            ? network.addHost(ip)
            : network.addHost(inside, { nat: network.addNat(ip, kind) });
        const a = new FullEndpoint(network, behind(left, '198.51.100.1', '10.0.0.1'), true, 3);
        const b = new FullEndpoint(network, behind(right, '198.51.100.2', '10.1.0.1'), false, 4);
        const pair = { network, a, b };
        for (let i = 0; i < 20 && (a.reflexive === null || b.reflexive === null); i++) {
          a.askServer(server);
          b.askServer(server);
          network.run(200);
        }
        connect(a, b);
        const isConnected = network.run(45_000, () => areConnected(pair));
        assert.equal(isConnected, isPossible);
        if (!isPossible) {
          assert.deepEqual(a.states.at(-1), 'failed');
          continue;
        }
        for (let i = 0; i < 50; i++) {
          a.sendMedia();
          b.sendMedia();
          network.run(20);
        }
        assert.ok(a.receivedCount > 30 && b.receivedCount > 30);
      }
    });
  }

for (const roles of [
  [true, true],
  [false, false],
] as const)
  test(`RFC 8445 §7.3.1.1: two ${roles[0] ? 'controlling' : 'controlled'} agents settle their roles`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const pair = makePair(seed, { ...WAN, lossRatio: 0.05 }, roles);
      connect(pair.a, pair.b);
      assert.ok(pair.network.run(20_000, () => areConnected(pair)));
      assert.notEqual(pair.a.agent.isControlling, pair.b.agent.isControlling);
    }
  });

test('RFC 7675 §5.1: consent checks keep a connection; it ends 30 s after the peer has gone', () => {
  const pair = makePair();
  const { network, a, b } = pair;
  connect(a, b);
  network.run(120_000);
  assert.ok(areConnected(pair));
  const before = network.now;
  b.host.up.isDown = true;
  assert.ok(network.run(40_000, () => a.agent.state === 'suspect'));
  assert.ok(network.run(40_000, () => a.agent.state === 'failed'));
  const silence = network.now - before;
  assert.ok(silence > 23_000 && silence <= 30_000, `${silence}`);
  assert.equal(a.agent.selectedPair, null);
});

test('RFC 7675 §5.1: a gap of 20 s heals', () => {
  const pair = makePair();
  const { network, a, b } = pair;
  connect(a, b);
  network.run(5000);
  b.host.up.isDown = true;
  network.run(20_000);
  assert.equal(a.agent.state, 'suspect');
  b.host.up.isDown = false;
  network.run(7000);
  assert.ok(areConnected(pair));
});

test('RFC 8445 §9: a restart keeps the old pair until a new one is selected', () => {
  const pair = makePair();
  const { network, a, b } = pair;
  connect(a, b);
  network.run(2000);
  for (const end of [a, b]) end.local = makeCredentials(end.random);
  a.agent.restart(network.now, a.local, null);
  a.drain();
  assert.equal(a.agent.state, 'checking');
  assert.ok(a.agent.selectedPair !== null);
  network.run(8000);
  assert.equal(b.agent.state, 'connected', 'the old credentials are still good');
  b.agent.restart(network.now, b.local, null);
  connect(a, b);
  assert.ok(network.run(3000, () => areConnected(pair)));
  assert.equal(a.states.filter((state) => state === 'connected').length, 2);
  network.run(60_000);
  assert.ok(areConnected(pair));
});

test('RFC 8838, 8863: a candidate that trickles in 20 s late still connects', () => {
  const { network, a, b } = makePair();
  a.agent.setRemote(network.now, b.local);
  b.agent.setRemote(network.now, a.local);
  b.agent.endRemoteCandidates(network.now);
  network.run(20_000);
  assert.equal(a.agent.state, 'checking');
  assert.ok(a.agent.addRemoteCandidate(network.now, candidateOf(b.socket.address)));
  a.drain();
  assert.ok(
    network.run(2000, () => areConnected({ network, a, b })),
    'b learns a as peer-reflexive',
  );
});

test('RFC 8863 §4: without any candidate the agent gives up after 39.5 s, not before', () => {
  const { network, a, b } = makePair();
  a.agent.setRemote(network.now, b.local);
  a.agent.endRemoteCandidates(network.now);
  assert.ok(network.run(60_000, () => a.agent.state === 'failed'));
  assert.equal(network.now, 39_500);
});

test('mDNS names are reported, component 2, TCP and other generations ignored', () => {
  const { a, b, network } = makePair();
  a.agent.setRemote(network.now, b.local);
  const good = candidateOf(b.socket.address);
  const named = { ...good, address: '9b36eaac-bb2e-49bb-bb78-21c41c499900.local' };
  assert.ok(!a.agent.addRemoteCandidate(network.now, named));
  for (const odd of [
    { ...good, component: 2 },
    { ...good, transport: 'tcp', tcpType: 'active', port: 9 } as const,
    { ...good, ufrag: 'other' },
    { ...good, address: 'example.org' },
  ])
    assert.ok(!a.agent.addRemoteCandidate(network.now, odd));
  a.drain();
  assert.deepEqual(a.events, [
    { kind: 'stateChanged', state: 'checking' },
    { kind: 'nameUnresolved', candidate: named },
  ]);
  assert.ok(a.agent.addRemoteCandidate(network.now, { ...good, ufrag: b.local.ufrag }));
  assert.ok(
    !a.agent.addRemoteCandidate(network.now, good),
    'the same list comes with every m-line',
  );
});

test('SEC-ICE-04: of ten thousand remote candidates 64 are used', () => {
  const { a, b, network } = makePair();
  a.agent.setRemote(network.now, b.local);
  let added = 0;
  for (let port = 1; port <= 10_000; port++)
    if (a.agent.addRemoteCandidate(network.now, candidateOf({ ...b.socket.address, port })))
      added++;
  assert.equal(added, 64);
});

test('a full agent connects to a lite one and both stay connected', () => {
  for (const lossRatio of [0, 0.05]) {
    const network = new VirtualNetwork(5, { ...WAN, lossRatio });
    const client = new FullEndpoint(network, network.addHost('192.0.2.1'), true, 1);
    const server = new LiteEndpoint(network, network.addHost('192.0.2.2'), client.local, 2);
    client.agent.setRemote(network.now, server.local);
    client.agent.addRemoteCandidate(network.now, candidateOf(server.socket.address));
    client.drain();
    assert.ok(network.run(10_000, () => client.agent.state === 'connected'));
    assert.ok(
      network.run(10_000, () => server.agent.maySend(100_000)),
      'its address is proved',
    );
    network.run(300_000);
    assert.equal(client.agent.state, 'connected');
    assert.equal(server.agent.state, 'connected');
  }
});

test('SEC-ICE-02: a lite agent stops sending 30 s after the last check', () => {
  const network = new VirtualNetwork(5, WAN);
  const client = new FullEndpoint(network, network.addHost('192.0.2.1'), true, 1);
  const server = new LiteEndpoint(network, network.addHost('192.0.2.2'), client.local, 2);
  client.agent.setRemote(network.now, server.local);
  client.agent.addRemoteCandidate(network.now, candidateOf(server.socket.address));
  client.drain();
  network.run(10_000);
  assert.ok(server.sendMedia());
  client.host.up.isDown = true;
  assert.ok(network.run(40_000, () => server.agent.state === 'failed'));
  assert.ok(!server.sendMedia());
});

test('a lite agent follows a peer whose NAT has given it a new port', () => {
  const network = new VirtualNetwork(5, WAN);
  const nat = network.addNat('198.51.100.1', 'symmetric');
  const client = new FullEndpoint(network, network.addHost('10.0.0.1', { nat }), true, 1);
  const server = new LiteEndpoint(network, network.addHost('192.0.2.2'), client.local, 2);
  client.agent.setRemote(network.now, server.local);
  client.agent.addRemoteCandidate(network.now, candidateOf(server.socket.address));
  client.drain();
  network.run(3000);
  const before = server.addressOf(server.agent.selected);
  nat.rebind();
  // Consent checks carry no USE-CANDIDATE: what decides is that the old path goes silent.
  network.run(20_000);
  assert.equal(server.agent.state, 'connected');
  const now = server.addressOf(server.agent.selected);
  assert.notEqual(now.port, before.port);
  const count = client.receivedCount;
  assert.ok(server.sendMedia());
  network.run(100);
  assert.equal(client.receivedCount, count + 1);
});

test('no datagram makes an agent throw, and none without our password changes it', () => {
  const random = new SeededRandom(9);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 20 }), (datagrams) => {
      const { a, b, network } = makePair();
      a.agent.setRemote(network.now, b.local);
      a.drain();
      const header = new Uint8Array(20);
      random.fill(header);
      header.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
      for (const noise of datagrams) {
        const bytes = Uint8Array.from([...header, ...noise]);
        bytes[3] = noise.length;
        a.agent.handleDatagram(network.now, 0, b.socket.address, bytes, 0, bytes.length);
        a.agent.handleDatagram(network.now, 0, b.socket.address, noise, 0, noise.length);
      }
      a.drain();
      assert.deepEqual(a.states, ['checking']);
      assert.equal(a.agent.selectedPair, null);
    }),
  );
});

test('no loss, delay or reordering breaks the invariants: one pair, agreed, and one role each', () => {
  const link = fc.record({
    lossRatio: fc.double({ min: 0, max: 0.3, noNaN: true }),
    latencyMs: fc.integer({ min: 0, max: 300 }),
    jitterMs: fc.integer({ min: 0, max: 100 }),
    reorderRatio: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });
  const seed = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(link, seed, fc.boolean(), fc.boolean(), (options, seed, left, right) => {
      const pair = makePair(seed, options, [left, right]);
      connect(pair.a, pair.b);
      pair.network.run(39_000, () => areConnected(pair));
      const isAgreed = areConnected(pair);
      assert.ok(isAgreed || options.lossRatio > 0.02);
      for (const end of [pair.a, pair.b]) {
        assert.ok(end.agent.nextTimeout() >= pair.network.now);
        assert.ok(end.events.filter(({ kind }) => kind === 'pairSelected').length <= 1);
      }
      if (isAgreed) assert.notEqual(pair.a.agent.isControlling, pair.b.agent.isControlling);
    }),
    { numRuns: 60 },
  );
});
