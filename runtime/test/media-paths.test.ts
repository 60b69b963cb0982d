import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebRtcPeer } from '@switchyard/engine/peer';
import { PathOwners } from '../src/media/path-owners.ts';
import { pathOf, TCP_PORT } from '../src/media/paths.ts';

/** The table only compares peers. */
const peer = (): WebRtcPeer => ({}) as WebRtcPeer;

function table() {
  const released: number[] = [];
  return { released, owners: new PathOwners((path) => void released.push(path)) };
}

test('a path is whose check came last; who lost it gets it back with a check', () => {
  const { owners } = table();
  const [ada, ben] = [peer(), peer()];
  const path = pathOf(1, 7);
  assert.equal(owners.of(path), null);
  assert.ok(owners.add(ada, path));
  assert.ok(!owners.add(ada, path), 'one reference for a peer');
  assert.ok(owners.add(ben, path));
  assert.equal(owners.of(path), ben);
  owners.claim(ada, path);
  assert.equal(owners.of(path), ada);
  assert.equal(owners.of(pathOf(2, 7)), null);
  assert.equal(owners.of(-1), null);
});

test('only a path that a peer knows can be claimed', () => {
  const { owners } = table();
  owners.claim(peer(), pathOf(1, 7));
  assert.equal(owners.of(pathOf(1, 7)), null);
});

test('each reference is given back once, and nobody else’s path with it', () => {
  const { owners, released } = table();
  const [ada, ben] = [peer(), peer()];
  for (const path of [pathOf(0, 1), pathOf(0, 2)]) owners.add(ada, path);
  owners.add(ben, pathOf(0, 2));
  owners.remove(ada, pathOf(0, 1));
  owners.remove(ada, pathOf(0, 1));
  owners.removePeer(ada);
  assert.deepEqual(released, [pathOf(0, 1), pathOf(0, 2)]);
  assert.equal(owners.of(pathOf(0, 2)), ben);
});

test('a TCP connection that has ended is nobody’s', () => {
  const { owners } = table();
  const ada = peer();
  owners.add(ada, pathOf(TCP_PORT, 3));
  owners.removePath(pathOf(TCP_PORT, 3));
  assert.equal(owners.of(pathOf(TCP_PORT, 3)), null);
});
