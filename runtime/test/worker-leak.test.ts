import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MediaCommand, SlotId, TrackId, TransportId } from '@switchyard/core/media-api';
import { residentBytes } from './support/resident-bytes.ts';
import { OPUS, outgoing, rtp, VP8, vp8Payload, WorkerFixture } from './support/worker-fixture.ts';

/** Transports with a whole handshake each; the nightly run takes 10,000. */
const TRANSPORTS = Number(process.env['SWITCHYARD_LEAK_TRANSPORTS'] ?? 300);
/** Clients at once; below the worker's limit of unfinished handshakes. */
const AT_ONCE = 20;
/** What the collector and the allocator may keep of one that is gone, bytes. */
const KEPT_BYTES = 4 * 1024;
/**
 * Pages that the allocator has touched once, and packet histories (half a megabyte a track) that wait for the
 * collector: far less than all of them.
 */
const SLACK_BYTES = 48 * 1024 * 1024;

let fixture: WorkerFixture;

before(async () => {
  fixture = await WorkerFixture.start();
});
after(() => fixture.close());

/** A call of two that is set up, carries a packet, and ends. */
async function call(ssrc: number): Promise<void> {
  const publisher = await fixture.publisher(VP8, ssrc);
  const subscriber = await fixture.subscriber(VP8, ssrc + 10, publisher.track);
  const packet = rtp(96, ssrc, 1, 0, vp8Payload(1, true, `call ${ssrc}.`), true);
  publisher.client.sendRtp(packet, 12);
  await subscriber.client.waitFor(({ bytes }) => bytes.includes(`call ${ssrc}.`));
  for (const { client, transport } of [publisher, subscriber]) {
    fixture.send({ kind: 'closeTransport', transport });
    client.close();
    fixture.clients.splice(fixture.clients.indexOf(client), 1);
  }
}

async function calls(count: number, firstSsrc: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) =>
        call(firstSsrc + 100 * (done + i)),
      ),
    );
  fixture.notices.length = 0;
  await fixture.settle();
}

test('transports that come and go leave no memory behind', async () => {
  const pid = fixture.pid();
  await calls(TRANSPORTS / 4, 100_000);
  const start = residentBytes(pid);
  await calls(TRANSPORTS / 2, 10_000_000);
  const growth = residentBytes(pid) - start;
  const allowed = SLACK_BYTES + TRANSPORTS * KEPT_BYTES;
  assert.ok(growth < allowed, `${growth} bytes more, ${allowed} allowed`);
  assert.equal(fixture.pid(), pid);
  assert.deepEqual(fixture.lost, []);
});

test('commands about what is closed, or never was, are ignored', async () => {
  const { client, transport, track, media } = await fixture.publisher(OPUS, 1);
  const { transport: other, slot } = await fixture.subscriber(OPUS, 2, track);
  const unknown = 999_999;
  const aboutTransport = (id: TransportId): MediaCommand[] => [
    { kind: 'setIncoming', transport: id, media: [media] },
    { kind: 'openTrack', track: (unknown + 1) as TrackId, transport: id, mid: '0' },
    {
      kind: 'openSlot',
      slot: (unknown + 1) as SlotId,
      transport: id,
      media: outgoing('a', OPUS, 5),
    },
    {
      kind: 'restartIce',
      transport: id,
      ice: { localUfrag: 'aaaa', localPwd: 'b', remoteUfrag: 'cccc', remotePwd: 'd' },
    },
    { kind: 'closeTransport', transport: id },
  ];
  const aboutTrack = (id: TrackId): MediaCommand[] => [
    { kind: 'muteTrack', track: id, muted: true },
    { kind: 'requestKeyframe', track: id },
    { kind: 'pipeTrack', track: id, to: 7 as never },
    { kind: 'unpipeTrack', track: id, to: 7 as never },
    { kind: 'assignSlot', slot, track: id, layers: { spatial: 0, temporal: 0 } },
    { kind: 'closeTrack', track: id },
  ];
  const aboutSlot = (id: SlotId): MediaCommand[] => [
    { kind: 'assignSlot', slot: id, track, layers: { spatial: 0, temporal: 0 } },
    { kind: 'closeSlot', slot: id },
  ];
  fixture.send({ kind: 'openTrack', track: unknown as TrackId, transport, mid: 'nowhere' });
  const all = [
    ...aboutTransport(unknown as TransportId),
    ...aboutTrack(unknown as TrackId),
    ...aboutSlot(unknown as SlotId),
  ];
  for (const command of all) fixture.send(command);
  client.sendRtp(rtp(111, 1, 1, 0, Buffer.from('still here')), 12);
  for (const id of [transport, other]) fixture.send({ kind: 'closeTransport', transport: id });
  const late = [
    ...aboutTransport(transport),
    ...aboutTransport(other),
    ...aboutTrack(track),
    ...aboutSlot(slot),
  ];
  for (const command of late) fixture.send(command);
  await fixture.settle();
  assert.deepEqual(fixture.lost, []);
  await call(50);
});
