import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ReceivedPacket } from './support/test-client.ts';
import { rtpHeaderLength } from './support/test-client.ts';
import { OPUS, rtp, VP8, vp8Payload, WorkerFixture } from './support/worker-fixture.ts';

const has = (text: string) => (packet: ReceivedPacket) =>
  packet.kind === 'rtp' && packet.bytes.includes(text);
const sequenceOf = ({ bytes }: ReceivedPacket) => bytes.readUInt16BE(2);
const isPli = ({ kind, bytes }: ReceivedPacket) => kind === 'rtcp' && rtcpHas(bytes, 206, 1);

/** Whether a compound contains a sub-packet of that type and format. */
function rtcpHas(bytes: Buffer, packetType: number, format: number): boolean {
  for (let at = 0; at + 4 <= bytes.length; at += 4 * (bytes.readUInt16BE(at + 2) + 1))
    if (bytes[at + 1] === packetType && (bytes[at]! & 31) === format) return true;
  return false;
}

/** Whether a NACK in the compound names that packet. */
function asksFor({ kind, bytes }: ReceivedPacket, sequenceNumber: number): boolean {
  const at = kind === 'rtcp' ? bytes.indexOf(Buffer.from([0x81, 205])) : -1;
  if (at < 0) return false;
  const ahead = sequenceNumber - bytes.readUInt16BE(at + 12);
  return ahead === 0 || ((bytes.readUInt16BE(at + 14) >> (ahead - 1)) & 1) === 1;
}

for (const sockets of ['batch', 'portable'] as const) {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.start({ sockets });
  });
  after(() => fixture.close());

  test(`${sockets}: audio is forwarded under the slot's SSRC and payload type, byte for byte`, async () => {
    const { client: publisher, track } = await fixture.publisher(OPUS, 1111);
    const { client: subscriber } = await fixture.subscriber(OPUS, 5000, track);
    await fixture.notice('transportState', ({ state }) => state === 'connected');
    for (let i = 0; i < 5; i++)
      publisher.sendRtp(rtp(111, 1111, 100 + i, 960 * i, Buffer.from(`opus frame ${i}`)), 12);
    const first = await subscriber.waitFor(has('opus frame 0'));
    const last = await subscriber.waitFor(has('opus frame 4'));
    assert.equal(first.bytes.readUInt32BE(8), 5000);
    assert.equal(first.bytes[1]! & 0x7f, 111);
    assert.equal(sequenceOf(last) - sequenceOf(first), 4);
    assert.equal(last.bytes.readUInt32BE(4) - first.bytes.readUInt32BE(4), 960 * 4);
    const payload = last.bytes.subarray(rtpHeaderLength(last.bytes));
    assert.equal(payload.toString(), 'opus frame 4');
  });

  test(`${sockets}: video starts at a keyframe, which the publisher is asked for once`, async () => {
    const { client: publisher, track } = await fixture.publisher(VP8, 2222);
    const { client: subscriber } = await fixture.subscriber(VP8, 6000, track);
    publisher.sendRtp(rtp(96, 2222, 1, 3000, vp8Payload(1, false, 'too early'), true), 12);
    await publisher.waitFor(isPli);
    publisher.sendRtp(rtp(96, 2222, 2, 6000, vp8Payload(2, true, 'keyframe'), true), 12);
    publisher.sendRtp(rtp(96, 2222, 3, 9000, vp8Payload(3, false, 'delta'), true), 12);
    const keyframe = await subscriber.waitFor(has('keyframe'));
    const delta = await subscriber.waitFor(has('delta'));
    assert.equal(sequenceOf(delta) - sequenceOf(keyframe), 1);
    assert.ok(!subscriber.packets.some(has('too early')));
    const notice = await fixture.notice('slotSwitched', (n) => n.track === track);
    assert.equal(notice.rtpTimestamp, keyframe.bytes.readUInt32BE(4));
  });

  test(`${sockets}: a late joiner gets the cached keyframe and what followed, without a PLI`, async () => {
    const { client: publisher, track } = await fixture.publisher(VP8, 3333);
    publisher.sendRtp(rtp(96, 3333, 10, 0, vp8Payload(1, true, 'cached key'), true), 12);
    publisher.sendRtp(rtp(96, 3333, 11, 3000, vp8Payload(2, false, 'cached delta'), true), 12);
    await fixture.notice('trackActive', (n) => n.track === track);
    const { client: subscriber } = await fixture.subscriber(VP8, 7000, track);
    await subscriber.waitFor(has('cached key'));
    await subscriber.waitFor(has('cached delta'));
    publisher.sendRtp(rtp(96, 3333, 12, 6000, vp8Payload(3, false, 'live delta'), true), 12);
    const live = await subscriber.waitFor(has('live delta'));
    const cached = await subscriber.waitFor(has('cached delta'));
    assert.equal(sequenceOf(live) - sequenceOf(cached), 1);
    assert.ok(!publisher.packets.some(isPli));
  });

  test(`${sockets}: a slot that was filled before the handshake starts with the cached keyframe`, async () => {
    const { client: publisher, track } = await fixture.publisher(VP8, 3434);
    publisher.sendRtp(rtp(96, 3434, 10, 0, vp8Payload(1, true, 'early key'), true), 12);
    await fixture.notice('trackActive', (n) => n.track === track);
    const { client: subscriber } = await fixture.subscriber(
      VP8,
      7400,
      track,
      0,
      'before connecting',
    );
    await subscriber.waitFor(has('early key'));
    assert.ok(!publisher.packets.some(isPli));
  });

  test(`${sockets}: RFC 4588: a NACK is served over RTX with the original number in front`, async () => {
    const { client: publisher, track } = await fixture.publisher(VP8, 4444);
    const { client: subscriber } = await fixture.subscriber(VP8, 8000, track);
    publisher.sendRtp(rtp(96, 4444, 20, 0, vp8Payload(1, true, 'wanted again'), true), 12);
    const original = await subscriber.waitFor(has('wanted again'));
    const nack = Buffer.alloc(16);
    nack.writeUInt32BE(0x81cd0003, 0);
    nack.writeUInt32BE(1, 4);
    nack.writeUInt32BE(8000, 8);
    nack.writeUInt16BE(sequenceOf(original), 12);
    subscriber.sendRtcp(nack);
    const repeated = await subscriber.waitFor(
      (packet) => has('wanted again')(packet) && packet.bytes.readUInt32BE(8) === 8001,
    );
    const at = rtpHeaderLength(repeated.bytes);
    assert.equal(repeated.bytes[1]! & 0x7f, 97);
    assert.equal(repeated.bytes.readUInt16BE(at), sequenceOf(original));
    assert.deepEqual(
      repeated.bytes.subarray(at + 2),
      original.bytes.subarray(rtpHeaderLength(original.bytes)),
    );
  });

  test(`${sockets}: a publisher is asked for what is missing, and told what arrived`, async () => {
    const { client: publisher } = await fixture.publisher(VP8, 5555);
    for (const sequenceNumber of [30, 31, 34]) {
      const packet = rtp(96, 5555, sequenceNumber, 0, vp8Payload(1, true, 'x'));
      publisher.sendRtp(packet, 12);
    }
    await publisher.waitFor((packet) => asksFor(packet, 32));
    await publisher.waitFor((packet) => asksFor(packet, 33));
    await publisher.waitFor(({ kind, bytes }) => kind === 'rtcp' && rtcpHas(bytes, 201, 1));
  });

  test(`${sockets}: a receiver's PLI reaches the publisher`, async () => {
    const { client: publisher, track } = await fixture.publisher(VP8, 6666);
    const { client: subscriber } = await fixture.subscriber(VP8, 9000, track);
    publisher.sendRtp(rtp(96, 6666, 1, 0, vp8Payload(1, true, 'key'), true), 12);
    await subscriber.waitFor(has('key'));
    publisher.packets.length = 0;
    const pli = Buffer.alloc(12);
    pli.writeUInt32BE(0x81ce0002, 0);
    pli.writeUInt32BE(1, 4);
    pli.writeUInt32BE(9000, 8);
    subscriber.sendRtcp(pli);
    await publisher.waitFor(isPli);
  });

  test(`${sockets}: a muted track is not forwarded`, async () => {
    const { client: publisher, track } = await fixture.publisher(OPUS, 7777);
    const { client: subscriber } = await fixture.subscriber(OPUS, 9100, track);
    publisher.sendRtp(rtp(111, 7777, 1, 0, Buffer.from('audible')), 12);
    await subscriber.waitFor(has('audible'));
    fixture.send({ kind: 'muteTrack', track, muted: true });
    await fixture.settle();
    publisher.sendRtp(rtp(111, 7777, 2, 960, Buffer.from('secret')), 12);
    await fixture.settle();
    fixture.send({ kind: 'muteTrack', track, muted: false });
    await fixture.settle();
    publisher.sendRtp(rtp(111, 7777, 3, 1920, Buffer.from('again')), 12);
    await subscriber.waitFor(has('again'));
    assert.ok(!subscriber.packets.some(has('secret')));
  });
}

test('a track reaches subscribers of another worker through a pipe, and their PLI comes back', async () => {
  const pipeFolder = mkdtempSync(join(tmpdir(), 'sy-pipes-'));
  const fixture = await WorkerFixture.start({ workers: 2, pipeFolder });
  try {
    const { client: publisher, track, media } = await fixture.publisher(VP8, 1212, 0);
    fixture.send(
      { kind: 'receivePipedTrack', track, from: 0 as never, mediaKind: 'video', media },
      1,
    );
    const { client: subscriber } = await fixture.subscriber(VP8, 6100, track, 1);
    fixture.send({ kind: 'pipeTrack', track, to: 1 as never }, 0);
    publisher.sendRtp(rtp(96, 1212, 1, 0, vp8Payload(1, false, 'no key yet'), true), 12);
    await publisher.waitFor(isPli);
    publisher.sendRtp(rtp(96, 1212, 2, 3000, vp8Payload(2, true, 'across workers'), true), 12);
    await subscriber.waitFor(has('across workers'));
  } finally {
    await fixture.close();
    rmSync(pipeFolder, { recursive: true });
  }
});
