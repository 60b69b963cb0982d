import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, stunCrypto, VirtualNetwork } from '@switchyard/tools/testkit';
import { millis } from '../src/base/index.ts';
import {
  CheckVerdict,
  type IceCredentials,
  IceLiteAgent,
  makeCredentials,
  readLocalUfrag,
} from '../src/ice/index.ts';
import {
  StunAttribute,
  StunClass,
  StunMethod,
  StunView,
  StunWriter,
  shortTermKey,
} from '../src/stun/index.ts';
import { candidateOf, FullEndpoint, LiteEndpoint } from './ice-endpoints.ts';

/** A client on its own address, connected to a lite server; and the address of a victim. */
function makeScene() {
  const network = new VirtualNetwork(11, { latencyMs: 10 });
  const client = new FullEndpoint(network, network.addHost('192.0.2.1'), true, 1);
  const server = new LiteEndpoint(network, network.addHost('192.0.2.2'), client.local, 2);
  client.agent.setRemote(network.now, server.local);
  client.agent.addRemoteCandidate(network.now, candidateOf(server.socket.address));
  client.drain();
  network.run(2000);
  let victimBytes = 0;
  const victim = network.addHost('192.0.2.66').bind(9999, (_now, _from, bytes) => {
    victimBytes += bytes.length;
  });
  return { network, client, server, victim, victimBytes: () => victimBytes };
}

function makeCheck(server: IceCredentials, client: IceCredentials, seed: number): Uint8Array {
  const buf = new Uint8Array(200);
  const id = new Uint8Array(12);
  new SeededRandom(seed).fill(id);
  const length = new StunWriter()
    .begin(buf, 0, StunClass.request, StunMethod.binding, id, 0)
    .addText(StunAttribute.username, `${server.ufrag}:${client.ufrag}`)
    .addBytes(StunAttribute.iceControlling, new Uint8Array(8))
    .addU32(StunAttribute.priority, 0x7fffffff)
    .addFlag(StunAttribute.useCandidate)
    .addIntegrity(stunCrypto, shortTermKey(server.pwd))
    .addFingerprint()
    .finish();
  return buf.subarray(0, length);
}

test('SEC-ICE-03: a participant who signs checks from a third address turns at most 3 times his bytes on it', () => {
  const { network, client, server, victim, victimBytes } = makeScene();
  let spoofedBytes = 0;
  for (let i = 0; i < 200; i++) {
    // Sending from the victim's socket is what spoofing its address looks like to the server.
    const check = makeCheck(server.local, client.local, i);
    victim.send(server.socket.address, check, 0, check.length);
    spoofedBytes += check.length;
    for (let packet = 0; packet < 10; packet++) {
      server.sendMedia();
      client.sendMedia();
      network.run(20);
    }
  }
  assert.ok(victimBytes() <= 3 * spoofedBytes, `${victimBytes()} > 3 x ${spoofedBytes}`);
  assert.ok(client.receivedCount > 1990, 'the old path keeps the media');
});

test('SEC-ICE-03: even with his own path silent the bound holds', () => {
  const { network, client, server, victim, victimBytes } = makeScene();
  client.host.up.isDown = true;
  let spoofedBytes = 0;
  for (let i = 0; i < 100; i++) {
    const check = makeCheck(server.local, client.local, i);
    victim.send(server.socket.address, check, 0, check.length);
    spoofedBytes += check.length;
    for (let packet = 0; packet < 10; packet++) {
      server.sendMedia();
      network.run(20);
    }
  }
  assert.ok(victimBytes() <= 3 * spoofedBytes, `${victimBytes()} > 3 x ${spoofedBytes}`);
});

test('SEC-ICE-01: a flood of checks with wrong passwords selects nothing and keeps nothing', () => {
  const { network, client, server, victim } = makeScene();
  const before = server.events.length;
  for (let i = 0; i < 1000; i++) {
    const check = makeCheck(
      { ...server.local, pwd: 'guessed-password-number-one' },
      client.local,
      i,
    );
    victim.send(server.socket.address, check, 0, check.length);
  }
  network.run(1000);
  assert.equal(server.events.length, before);
});

test('SEC-ICE-06: of two transports with the same source, the ufrag decides whose check it is', () => {
  const random = new SeededRandom(3);
  const remotes = [makeCredentials(random), makeCredentials(random)] as const;
  const locals = [makeCredentials(random), makeCredentials(random)] as const;
  const agents = [0, 1].map(
    (i) => new IceLiteAgent({ local: locals[i]!, remote: remotes[i]!, crypto: stunCrypto, random }),
  );
  const source = { ip: new Uint8Array([192, 0, 2, 1]), port: 7 };
  const out = new Uint8Array(200);
  for (const [i, agent] of agents.entries()) {
    const check = makeCheck(locals[i]!, remotes[i]!, i);
    const view = new StunView();
    assert.ok(view.parse(check, 0, check.length));
    assert.equal(readLocalUfrag(view), locals[i]!.ufrag);
    assert.equal(agents[1 - i]!.authenticate(view), CheckVerdict.unauthorized);
    assert.equal(agent.authenticate(view), CheckVerdict.accepted);
    assert.ok(agent.acceptCheck(millis(0), view, 1, source, out, 0) > 0);
    assert.deepEqual(
      agents.map(({ selected }) => selected),
      i === 0 ? [1, -1] : [1, 1],
    );
  }
});
