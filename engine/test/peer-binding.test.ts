import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RtpOutcome } from '../src/peer/index.ts';
import {
  incomingMedia,
  MID_ID,
  OPUS,
  type PacketFields,
  RID_ID,
  RRID_ID,
  rtpPacket,
  TWCC_ID,
  VP8,
  vp8Payload,
} from './support/packets.ts';
import { SessionRig } from './support/session-rig.ts';

const payload = vp8Payload({ pictureId: 1, isKeyframe: true });
const media = (fields: PacketFields) => rtpPacket({ payload, ...fields });
/** RTX of the packet with that original number. RFC 4588 §4. */
const rtx = (original: number, fields: PacketFields) =>
  rtpPacket({
    payloadType: 97,
    payload: Uint8Array.from([original >> 8, original & 0xff, ...payload]),
    ...fields,
  });

const SIMULCAST = incomingMedia({ mid: '1', rids: ['q', 'h', 'f'] });

test('RFC 8852 §4: mid and rid bind a simulcast layer, rid alone where only one m-line has it', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(SIMULCAST, incomingMedia({ mid: '2' }));
  rig.rtp(media({ ssrc: 10, extensions: { [MID_ID]: '1', [RID_ID]: 'f' } }));
  rig.rtp(media({ ssrc: 11, extensions: { [RID_ID]: 'q' } }));
  assert.deepEqual(
    track!.layers.map(({ ssrc }) => ssrc),
    [11, 0, 10],
  );
  // Afterwards the SSRC is enough.
  assert.equal(rig.rtp(media({ ssrc: 10, sequenceNumber: 1 })), RtpOutcome.taken);
});

test('RFC 8852 §3.2: RTX binds to its layer by the repaired rid, and repairs it', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(SIMULCAST);
  rig.rtp(media({ ssrc: 10, sequenceNumber: 5, extensions: { [MID_ID]: '1', [RID_ID]: 'h' } }));
  const extensions = { [MID_ID]: '1', [RRID_ID]: 'h' };
  assert.equal(rig.rtp(rtx(6, { ssrc: 99, extensions })), RtpOutcome.taken);
  assert.equal(track!.layers[1]!.history!.highest, 6);
  assert.equal(track!.layers[1]!.ssrc, 10);
});

test('RTX that comes before any media, as Chromium’s probes do, waits for it and is counted', () => {
  const rig = new SessionRig();
  rig.publish(SIMULCAST);
  const extensions = { [MID_ID]: '1', [RRID_ID]: 'h', [TWCC_ID]: Uint8Array.of(0, 7) };
  const probe = rtpPacket({ payloadType: 97, ssrc: 99, padding: 200, extensions });
  assert.equal(rig.rtp(probe), RtpOutcome.unbound);
  rig.rtp(media({ ssrc: 10, extensions: { [MID_ID]: '1', [RID_ID]: 'h' } }));
  assert.equal(rig.rtp(probe), RtpOutcome.padding);
});

test('RTX without a repaired rid, as Firefox sends it, binds by the FID group or the only layer', () => {
  const single = new SessionRig();
  const [track] = single.publish(incomingMedia());
  single.rtp(media({ ssrc: 10, sequenceNumber: 5, extensions: { [MID_ID]: '0' } }));
  assert.equal(single.rtp(rtx(6, { ssrc: 99, extensions: { [MID_ID]: '0' } })), RtpOutcome.taken);
  assert.equal(track!.layers[0]!.history!.highest, 6);

  const several = new SessionRig();
  const ssrcs = [
    { ssrc: 10, rtxSsrc: 20 },
    { ssrc: 11, rtxSsrc: 21 },
  ];
  const [layered] = several.publish(incomingMedia({ rids: ['lo', 'hi'], ssrcs }));
  several.rtp(media({ ssrc: 11, sequenceNumber: 5 }));
  assert.equal(several.rtp(rtx(6, { ssrc: 21 })), RtpOutcome.taken);
  assert.equal(layered!.layers[1]!.history!.highest, 6);
});

test('RFC 9143 §9.2: mid, a=ssrc lines, and a payload type of only one m-line bind in this order', () => {
  const rig = new SessionRig();
  const [video, second] = rig.publish(
    incomingMedia({ mid: '0', ssrcs: [{ ssrc: 30, rtxSsrc: null }] }),
    incomingMedia({ mid: '1' }),
    incomingMedia({ mid: '2', kind: 'audio', codecs: [OPUS] }),
  );
  rig.rtp(media({ ssrc: 30 }));
  assert.equal(video!.layers[0]!.ssrc, 30);
  rig.rtp(media({ ssrc: 31, extensions: { [MID_ID]: '1' } }));
  assert.equal(second!.layers[0]!.ssrc, 31);
  const audio = rtpPacket({ ssrc: 32, payloadType: 111, payload: Uint8Array.of(1) });
  assert.equal(rig.rtp(audio), RtpOutcome.taken);
  assert.equal(rig.rtp(media({ ssrc: 33 })), RtpOutcome.unbound);
});

test('a=ssrc lines beyond the layers of the m-line bind nothing', () => {
  const rig = new SessionRig();
  const ssrcs = [40, 41, 42, 43].map((ssrc) => ({ ssrc, rtxSsrc: ssrc + 100 }));
  rig.publish(incomingMedia({ rids: ['lo', 'hi'], ssrcs }));
  assert.equal(rig.rtp(media({ ssrc: 41 })), RtpOutcome.taken);
  assert.equal(rig.rtp(media({ ssrc: 43 })), RtpOutcome.unbound);
  assert.equal(rig.rtp(rtx(1, { ssrc: 143 })), RtpOutcome.unbound);
});

test('SEC-RTP-03: ten thousand SSRCs leave at most 64 bound, and the one in use works on', () => {
  const rig = new SessionRig();
  const lines = Array.from({ length: 80 }, (_, i) => incomingMedia({ mid: `${i}` }));
  rig.publish(...lines);
  for (let i = 0; i < 10_000; i++)
    rig.rtp(media({ ssrc: 5_000 + i, extensions: { [MID_ID]: `${i % 80}` } }));
  assert.ok([...rig.session.binder.streams()].length <= 64);
  assert.equal(rig.rtp(media({ ssrc: 5_000, sequenceNumber: 1 })), RtpOutcome.taken);
});

test('a peer that changes its SSRC with every packet makes little work', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia());
  for (let i = 0; i < 10_000; i++) {
    rig.rtp(media({ ssrc: 1 + (i % 2), extensions: { [MID_ID]: '0' } }));
    if (i % 10 === 0) rig.pass(1);
  }
  const changes = rig.forgotten.length;
  assert.ok(changes >= 8 && changes <= 64 + 8, `${changes} changes in a second`);
});

test('a new SSRC on the same layer takes its place; the old one and its RTX are forgotten', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(incomingMedia());
  const extensions = { [MID_ID]: '0' };
  rig.rtp(media({ ssrc: 50, extensions }));
  rig.rtp(rtx(0, { ssrc: 51, extensions }));
  rig.rtp(media({ ssrc: 60, extensions }));
  assert.deepEqual(rig.forgotten.toSorted(), [50, 51]);
  assert.equal(track!.layers[0]!.ssrc, 60);
  assert.equal(rig.session.stream(50), null);
});

test('RFC 3550 §6.6: BYE unbinds the sender’s own SSRC, and touches no other', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia({ mid: '0' }), incomingMedia({ mid: '1' }));
  rig.rtp(media({ ssrc: 70, extensions: { [MID_ID]: '0' } }));
  rig.rtp(media({ ssrc: 71, extensions: { [MID_ID]: '1' } }));
  rig.rtcp(Uint8Array.of(0x82, 203, 0, 2, 0, 0, 0, 70, 0, 0, 0, 99));
  assert.equal(rig.session.stream(70), null);
  assert.notEqual(rig.session.stream(71), null);
  assert.deepEqual(rig.forgotten, [70]);
});

test('renegotiation keeps the streams of m-lines that stay, and frees those that go', () => {
  const rig = new SessionRig();
  const lines = [incomingMedia({ mid: '0' }), incomingMedia({ mid: '1' })];
  const [first] = rig.publish(...lines);
  rig.rtp(media({ ssrc: 80, extensions: { [MID_ID]: '0' } }));
  rig.rtp(media({ ssrc: 81, extensions: { [MID_ID]: '1' } }));
  rig.session.setIncoming([incomingMedia({ mid: '0' })]);
  assert.equal(rig.session.stream(80)?.line.track, first);
  assert.equal(rig.session.stream(81), null);
  assert.deepEqual(rig.forgotten, [81]);
});

test('an offer that changes only the SSRC lines of an m-line leaves its track where it is', () => {
  const rig = new SessionRig();
  const [track] = rig.publish(incomingMedia({ ssrcs: [{ ssrc: 80, rtxSsrc: null }] }));
  rig.rtp(media({ ssrc: 80 }));
  rig.session.setIncoming([incomingMedia({ ssrcs: [{ ssrc: 82, rtxSsrc: 83 }] })]);
  assert.equal(rig.rtp(media({ ssrc: 82, sequenceNumber: 1 })), RtpOutcome.taken);
  assert.equal(track!.layers[0]!.ssrc, 82);
  assert.equal(rig.session.stream(80), null);
});

test('RTP that is malformed behind the decryption is counted as such and changes nothing', () => {
  const rig = new SessionRig();
  rig.publish(incomingMedia());
  const packet = media({ ssrc: 90, padding: 4 });
  packet[packet.length - 1] = 255;
  assert.equal(rig.rtp(packet), RtpOutcome.malformed);
  assert.equal(
    rig.rtp(Uint8Array.from([0x8f, 96, ...new Array(14).fill(0)])),
    RtpOutcome.malformed,
  );
  assert.equal([...rig.session.binder.streams()].length, 0);
});

test('an unpublished m-line takes packets without forwarding them', () => {
  const rig = new SessionRig();
  rig.session.setIncoming([incomingMedia({ codecs: [VP8] })]);
  const packet = media({ ssrc: 95, extensions: { [MID_ID]: '0' } });
  assert.equal(rig.rtp(packet), RtpOutcome.unpublished);
  const track = rig.sfu.track();
  assert.equal(rig.session.openTrack('0', track), true);
  assert.equal(track.layers[0]!.ssrc, 95);
  assert.equal(rig.session.openTrack('nowhere', track), false);
});
