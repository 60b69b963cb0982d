import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import {
  FRAME_HEADER_LENGTH,
  FrameReader,
  type Log,
  writeFrameLength,
} from '@switchyard/core/base';
import type { TransportId, WorkerId, WorkerSettings } from '@switchyard/core/media-api';
import {
  StunAttribute,
  StunClass,
  type StunCrypto,
  StunMethod,
  StunView,
  StunWriter,
  shortTermKey,
} from '@switchyard/core/stun';
import { MediaWorkerHost } from '../src/host/index.ts';
import { OnePortListener, TcpMediaRelay } from '../src/net/index.ts';

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
const WORKER = 3 as WorkerId;
const ICE = {
  localUfrag: '3localxy',
  localPwd: 'local-password-of-22-c',
  remoteUfrag: 'remote',
  remotePwd: 'remote-password-of-22c',
};

const crypto: StunCrypto = {
  hmacSha1: (key, buf, at, length, out) =>
    out.set(
      createHmac('sha1', key)
        .update(buf.subarray(at, at + length))
        .digest(),
    ),
};

const settings = (sockets: WorkerSettings['sockets']): WorkerSettings => ({
  worker: WORKER,
  udp: [{ address: '127.0.0.1', port: 0 }],
  pipeFolder: null,
  limits: {
    transports: 10,
    tracksPerTransport: 10,
    slotsPerTransport: 10,
    pendingHandshakes: 10,
    unauthenticatedChecksPerSecond: 10,
  },
  gsoPadding: false,
  sockets,
});

/** A framed connectivity check, as an ICE-TCP client sends it. */
function check(): Uint8Array {
  const out = new Uint8Array(256);
  const writer = new StunWriter().begin(
    out,
    FRAME_HEADER_LENGTH,
    StunClass.request,
    StunMethod.binding,
    new Uint8Array(12).fill(7),
    0,
  );
  const length = writer
    .addText(StunAttribute.username, `${ICE.localUfrag}:${ICE.remoteUfrag}`)
    .addU32(StunAttribute.priority, 1)
    .addFlag(StunAttribute.useCandidate)
    .addIntegrity(crypto, shortTermKey(ICE.localPwd))
    .addFingerprint()
    .finish();
  writeFrameLength(out, 0, length);
  return out.subarray(0, FRAME_HEADER_LENGTH + length);
}

/** The next STUN message that comes on a connection. */
async function nextMessage(socket: Socket): Promise<StunView> {
  const reader = new FrameReader();
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    for (let at = 0; at < chunk.length; ) {
      at = reader.read(chunk, at, chunk.length);
      if (reader.frameLength === 0) continue;
      const view = new StunView();
      assert.ok(view.parse(reader.frame.slice(), 0, reader.frameLength));
      return view;
    }
  }
}

for (const sockets of process.platform === 'linux'
  ? (['batch', 'portable'] as const)
  : (['portable'] as const)) {
  test(`RFC 6544: a check over the TCP port is answered by the worker it names (${sockets})`, async () => {
    const relay = new TcpMediaRelay();
    const host = new MediaWorkerHost({
      workers: [settings(sockets)],
      log: SILENT,
      onReady: (worker) => relay.attach(worker, host.relayStream(worker)!),
      onNotice() {},
      onLost() {},
    });
    const listener = new OnePortListener({
      host: '127.0.0.1',
      port: 0,
      tls: null,
      http: createServer(),
      onMedia: (socket) => relay.accept(socket),
      connectionsPerAddress: 10,
    });
    after(async () => {
      relay.close();
      listener.stopListening();
      listener.destroyConnections();
      await host.close();
    });
    const { port } = await listener.listen();
    await host.start();
    host.send(WORKER, {
      kind: 'openTransport',
      transport: 1 as TransportId,
      ice: ICE,
      dtlsRole: 'server',
      fingerprints: [{ algorithm: 'sha-256', value: 'AA' }],
    });

    const client = connect(port, '127.0.0.1');
    client.write(check());
    const answer = await nextMessage(client);
    assert.equal(answer.messageClass, StunClass.success);
    assert.ok(answer.hasValidIntegrity(crypto, shortTermKey(ICE.localPwd)));
    client.destroy();
  });
}
