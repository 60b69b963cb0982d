import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { millis } from '@switchyard/core/base';
import type {
  MediaNotice,
  SlotId,
  TrackId,
  TransportId,
  WorkerId,
} from '@switchyard/core/media-api';
import type { WebRtcPeer } from '@switchyard/engine/peer';
import { MediaWorker } from '../src/media/media-worker.ts';
import { pathOf } from '../src/media/paths.ts';
import type { UdpPort } from '../src/media/udp-ports.ts';
import { incoming, OPUS, outgoing } from './support/worker-fixture.ts';

const NOW = millis(1_000);
const PUBLISHER = 1 as TransportId;
const SUBSCRIBER = 2 as TransportId;
const TRACK = 3 as TrackId;
const SLOT = 4 as SlotId;

const fault = (): never => {
  throw new Error('planted');
};

/** A worker without sockets that has two transports, a track of the first and a slot of the second. */
function worker(): MediaWorker {
  const made = new MediaWorker(
    {
      worker: 0 as WorkerId,
      udp: [],
      pipeFolder: null,
      limits: {
        transports: 10,
        tracksPerTransport: 10,
        slotsPerTransport: 10,
        pendingHandshakes: 10,
        unauthenticatedChecksPerSecond: 10,
      },
      gsoPadding: false,
      sockets: 'batch',
    },
    millis(0),
    { watchPipe: () => {}, watchPort: () => {} },
  );
  for (const transport of [PUBLISHER, SUBSCRIBER]) {
    const localUfrag = `ufrag${transport}`;
    const ice = {
      localUfrag,
      localPwd: 'x'.repeat(24),
      remoteUfrag: 'them',
      remotePwd: 'y'.repeat(24),
    };
    const fingerprints = [made.fingerprint];
    made.handleCommand(NOW, {
      kind: 'openTransport',
      transport,
      ice,
      dtlsRole: 'server',
      fingerprints,
    });
  }
  const media = incoming('0', OPUS, 10);
  made.handleCommand(NOW, { kind: 'setIncoming', transport: PUBLISHER, media: [media] });
  made.handleCommand(NOW, { kind: 'openTrack', track: TRACK, transport: PUBLISHER, mid: '0' });
  made.handleCommand(NOW, {
    kind: 'openSlot',
    slot: SLOT,
    transport: SUBSCRIBER,
    media: outgoing('a', OPUS, 20),
  });
  const layers = { spatial: 0, temporal: 7 };
  made.handleCommand(NOW, { kind: 'assignSlot', slot: SLOT, track: TRACK, layers });
  return made;
}

const peer = (of: MediaWorker, id: TransportId): WebRtcPeer => of.state.peers.get(id) as WebRtcPeer; // no plain ones here

/** Two datagrams with the head of RTP from one path. */
function port(of: MediaWorker, count: number): UdpPort {
  of.state.bytes.fill(0x80, 0, 100);
  let waiting = count;
  const socket = {
    receive: () => {
      const taken = waiting;
      waiting = 0;
      return taken;
    },
    lengthOf: () => 50,
    positionOf: () => 0,
    tupleOf: (index: number) => index,
  };
  return { number: 0, address: '', socket, addresses: null } as never;
}

const failures = (notices: readonly MediaNotice[]) =>
  notices.flatMap((notice) =>
    notice.kind === 'transportState' && notice.state === 'failed'
      ? [[notice.transport, notice.detail]]
      : [],
  );

/** Runs `work` and checks that `ended` alone is gone, with one line of log and one word to the rooms. */
function endsOnly(of: MediaWorker, ended: TransportId, work: () => void): void {
  const log = mock.method(console, 'error', () => {});
  work();
  log.mock.restore();
  assert.equal(log.mock.callCount(), 1);
  assert.match(String(log.mock.calls[0]?.arguments[0]), /transport \d.*planted[\s\S]*at /);
  assert.deepEqual(failures(of.notices), [[ended, 'internal fault: planted']]);
  const left = [PUBLISHER, SUBSCRIBER].filter((id) => id !== ended);
  assert.deepEqual([...of.state.peers.byId.keys()], left);
  of.finishTurn(millis(NOW + 5_000));
  assert.equal(failures(of.notices).length, 1);
}

test('a throw while a datagram is handled ends its peer; the rest of the batch is served', () => {
  const made = worker();
  made.state.paths.add(peer(made, PUBLISHER), pathOf(0, 0));
  made.state.paths.add(peer(made, SUBSCRIBER), pathOf(0, 1));
  peer(made, PUBLISHER).handleRtp = fault;
  endsOnly(made, PUBLISHER, () => made.incoming.handlePort(NOW, port(made, 2)));
  assert.equal(made.state.counters.unbound, 1, 'the other one was looked at');
  assert.equal(made.state.tracks.size, 0);
  assert.equal(made.state.slots.size, 1);
});

test('a throw at a deadline ends its peer, and the others have their turn', () => {
  const made = worker();
  const [first, second] = [peer(made, PUBLISHER), peer(made, SUBSCRIBER)];
  let served = 0;
  for (const each of [first, second]) {
    each.nextTimeout = () => NOW;
    made.state.peers.arm(each);
  }
  first.handleTimeout = fault;
  second.handleTimeout = () => {
    served++;
    second.nextTimeout = () => millis(9_000_000);
  };
  endsOnly(made, PUBLISHER, () => made.finishTurn(NOW));
  assert.equal(served, 1);
});

test('a throw in a command ends the peer that the command is about', () => {
  const made = worker();
  peer(made, SUBSCRIBER).session.setIncoming = fault;
  endsOnly(made, SUBSCRIBER, () =>
    made.handleCommand(NOW, { kind: 'setIncoming', transport: SUBSCRIBER, media: [] }),
  );
  assert.equal(made.state.tracks.get(TRACK)?.slotCount, 0);
});

test('a throw while a publisher’s packet is handed on ends the subscriber whose slot it was', () => {
  const made = worker();
  const track = made.state.tracks.get(TRACK)!; // opened above
  made.state.slots.get(SLOT)!.forwardRun = fault; // likewise
  made.state.paths.add(peer(made, PUBLISHER), pathOf(0, 0));
  peer(made, PUBLISHER).handleRtp = (now) => {
    track.layers[0]!.enqueue(now, made.state.pool.take()!); // each track has a layer, the pool is full
    return 0;
  };
  endsOnly(made, SUBSCRIBER, () => made.incoming.handlePort(NOW, port(made, 1)));
  assert.equal(track.layers[0]!.runLength, 0);
});

test('a peer that cannot even be closed is gone all the same', () => {
  const made = worker();
  const broken = peer(made, PUBLISHER);
  broken.handleTimeout = fault;
  broken.close = fault;
  broken.session.closeTrack = fault;
  broken.nextTimeout = () => NOW;
  made.state.peers.arm(broken);
  endsOnly(made, PUBLISHER, () => made.finishTurn(NOW));
  assert.equal(made.state.tracks.size, 0);
  assert.equal(made.state.homes.size, 1);
});

test('a transport that cannot be made has failed', () => {
  const made = worker();
  const log = mock.method(console, 'error', () => {});
  const command = { kind: 'openTransport', transport: 9 as TransportId, ice: null } as never;
  made.handleCommand(NOW, command);
  log.mock.restore();
  assert.equal(failures(made.notices).length, 1);
  assert.equal(made.state.peers.size, 2);
});

test('a throw that concerns no peer is thrown on', () => {
  const made = worker();
  made.state.counters.snapshot = fault;
  assert.throws(() => made.handleCommand(NOW, { kind: 'getStatistics', id: 1 }), /planted/);
  assert.equal(made.state.peers.size, 2);
});
