import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RtpOutcome } from '../src/peer/index.ts';
import {
  incomingMedia,
  MID_ID,
  outgoingMedia,
  rtpPacket,
  TWCC_ID,
  vp8Payload,
} from './support/packets.ts';
import { HELLO_LENGTH, PeerRig } from './support/peer-rig.ts';
import { Encoder } from './support/sfu-rig.ts';

const key = vp8Payload({ pictureId: 1, isKeyframe: true });
const packet = (sequenceNumber: number, ssrc = 10, extensions = {}) =>
  rtpPacket({ ssrc, sequenceNumber, payload: key, extensions: { [MID_ID]: '0', ...extensions } });

/** A connected peer with a slot that takes a track of the test. */
function subscriber() {
  const rig = new PeerRig();
  const track = rig.sfu.track();
  const { slot } = rig.sfu.slot(outgoingMedia(), rig.peer);
  rig.peer.session.addSlot(rig.now, slot);
  slot.assign(rig.now, track, { spatial: 9, temporal: 7 });
  const encoder = new Encoder({});
  const send = (packets: readonly Uint8Array[]) => {
    rig.takeRtp();
    rig.sfu.deliver(track, track.layers[0]!, packets);
    return rig.takeRtp().length;
  };
  return { rig, track, encoder, send };
}

test('a check, a handshake: the states that the rooms see', () => {
  const rig = new PeerRig();
  rig.check(1);
  assert.deepEqual([...rig.paths], [1]);
  rig.hello(1);
  assert.equal(rig.peer.isHandshaking, true);
  rig.dtls.connect();
  rig.hello(1);
  assert.deepEqual(rig.states, ['connecting', 'connected']);
  assert.equal(rig.peer.isHandshaking, false);
});

test('a hello from a validated path is answered before any pair is nominated', () => {
  const rig = new PeerRig();
  rig.check(3, false);
  rig.sent.length = 0;
  rig.hello(3);
  rig.dtls.flight.push(150);
  rig.hello(3);
  assert.deepEqual(
    rig.sent.map(({ path, bytes }) => [path, bytes.length]),
    [[3, 150]],
  );
});

test('SEC-ICE-03: an address that proves nothing is sent at most three times what came from it', () => {
  const rig = new PeerRig();
  rig.check(3, false);
  const checkLength = 116;
  for (let i = 0; i < 5; i++) {
    rig.hello(3);
    rig.dtls.flight.push(1_200, 1_200);
    rig.hello(3);
  }
  const sent = rig.sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert.ok(sent <= 3 * (checkLength + 10 * 100), `${sent} bytes`);
});

test('as client we check the selected path before we begin the handshake, and repeat what found no room', () => {
  const rig = new PeerRig('client');
  assert.equal(rig.associations.length, 0);
  rig.check(2);
  assert.equal(rig.dtls.options.role, 'client');
  // Our answer and our check; behind them the hello is more than an unproved address may be sent.
  assert.deepEqual(
    rig.sent.map(({ path, bytes }) => [path, bytes[0]]),
    [
      [2, 1],
      [2, 0],
    ],
  );
  rig.check(2);
  rig.dtls.timeoutAt = rig.now;
  rig.peer.handleTimeout(rig.now);
  assert.ok(rig.sent.some(({ path, bytes }) => path === 2 && bytes.length === HELLO_LENGTH));
  assert.equal(rig.associations.length, 1);
});

test('RFC 7714 §9.1: a slot under an SSRC of before goes on behind its last number', () => {
  const { rig, track, encoder, send } = subscriber();
  rig.connect();
  for (let i = 0; i < 20; i++) send(encoder.keyframe());
  const [old] = rig.peer.session.slots;
  old!.close(rig.now);
  rig.peer.session.removeSlot(old!);
  const { slot } = rig.sfu.slot(outgoingMedia(), rig.peer);
  rig.peer.session.addSlot(rig.now, slot);
  slot.assign(rig.now, track, { spatial: 9, temporal: 7 });
  rig.takeRtp();
  rig.sfu.deliver(track, track.layers[0]!, encoder.keyframe());
  const [first] = rig.takeRtp();
  assert.equal((first![2]! << 8) | first![3]!, 500 + 20);
});

test('no media is taken or sent before the keys are there', () => {
  const { rig, encoder, send } = subscriber();
  rig.check(1);
  assert.equal(rig.rtp(packet(1)), RtpOutcome.unbound);
  assert.equal(send(encoder.keyframe()), 0);
  rig.hello(1);
  rig.dtls.connect();
  rig.hello(1);
  // The keyframe that waited is there at once.
  rig.sfu.turn();
  assert.equal(rig.takeRtp().length, 1);
});

test('RFC 7675 §5.1: without a check for 30 s nothing leaves any more; a check brings media back with a keyframe', () => {
  const { rig, encoder, send } = subscriber();
  rig.connect();
  assert.equal(send(encoder.keyframe()), 1);
  rig.pass(15_000);
  assert.equal(rig.states.at(-1), 'suspect');
  assert.equal(send(encoder.frame()), 1);
  rig.pass(15_000);
  assert.equal(rig.states.at(-1), 'failed');
  assert.equal(send(encoder.keyframe()), 0);
  rig.pass(60_000);
  assert.deepEqual(rig.sent, []);

  rig.check(1);
  assert.equal(rig.states.at(-1), 'connected');
  assert.equal(send(encoder.frame()), 0);
  assert.equal(send(encoder.keyframe()), 1);
});

test('a publisher that stops its checks and goes on sending does not keep the worker busy', () => {
  const rig = new PeerRig();
  rig.connect();
  rig.peer.session.setIncoming([incomingMedia()]);
  for (let i = 0; i < 400; i++) {
    rig.rtp(packet(i, 10, { [TWCC_ID]: Uint8Array.of(i >> 8, i & 255) }));
    rig.pass(100); // throws when a deadline stays in the past
  }
  assert.equal(rig.states.at(-1), 'failed');
});

test('a failed handshake and a goodbye are final, whatever ICE says', () => {
  for (const end of ['failed', 'closed'] as const) {
    const { rig, encoder, send } = subscriber();
    rig.connect();
    rig.dtls.events.push(
      end === 'closed' ? { kind: 'closed' } : { kind: 'failed', reason: 'alert', detail: '' },
    );
    rig.hello(1);
    assert.equal(rig.states.at(-1), end);
    rig.pass(20_000);
    rig.check(1);
    rig.pass(40_000);
    rig.check(1);
    assert.equal(rig.states.at(-1), end);
    assert.equal(send(encoder.keyframe()), 0);
  }
});

test('a packet that does not authenticate changes nothing', () => {
  const rig = new PeerRig();
  rig.connect();
  rig.peer.session.setIncoming([incomingMedia()]);
  for (let i = 0; i < 500; i++) {
    assert.equal(rig.rtp(packet(i, 10 + (i % 100)), 1, false), RtpOutcome.unauthenticated);
    rig.rtcp(Uint8Array.of(0x81, 203, 0, 1, 0, 0, 0, 10), 1, false);
  }
  assert.equal([...rig.peer.session.binder.streams()].length, 0);
  assert.equal(rig.rtp(packet(1)), RtpOutcome.unpublished);
  rig.rtcp(Uint8Array.of(0x81, 203, 0, 1, 0, 0, 0, 10), 1, false);
  assert.notEqual(rig.peer.session.stream(10), null);
});

test('SEC-SRTP-01: a replayed packet is not taken again', () => {
  const rig = new PeerRig();
  rig.connect();
  rig.peer.session.setIncoming([incomingMedia()]);
  for (let i = 0; i < 200; i++) rig.rtp(packet(i));
  for (let i = 0; i < 200; i++) assert.equal(rig.rtp(packet(i)), RtpOutcome.replayed);
});

test('a call may change its SSRCs any number of times', () => {
  const rig = new PeerRig();
  rig.connect();
  rig.peer.session.setIncoming([incomingMedia()]);
  for (let i = 0; i < 1_000; i++) {
    assert.equal(rig.rtp(packet(i, 10_000 + i)), RtpOutcome.unpublished, `stream ${i}`);
    rig.pass(1_000);
    rig.check(1);
  }
  for (let i = 0; i < 200; i++)
    rig.rtp(rtpPacket({ ssrc: 77_000 + i, payloadType: 20, payload: key }));
  assert.equal(rig.rtp(packet(1, 9)), RtpOutcome.unpublished);
});

test('a forged goodbye closes nothing while the peer’s media or checks come; its own does', () => {
  for (const sign of ['media', 'check', 'none'] as const) {
    const rig = new PeerRig();
    rig.connect();
    rig.peer.session.setIncoming([incomingMedia()]);
    rig.rtp(packet(1));
    assert.equal(rig.dtls.isResting, true);
    rig.dtls.events.push({ kind: 'perhapsClosed' });
    rig.hello(1);
    rig.rtp(packet(2)); // sent before, overtaken
    rig.pass(2_000);
    if (sign === 'media') rig.rtp(packet(3));
    if (sign === 'check') rig.check(1);
    rig.pass(5_000);
    assert.equal(rig.states.at(-1), sign === 'none' ? 'closed' : 'connected', sign);
  }
});

test('closing says goodbye, frees the keys and empties the slots; nothing follows', () => {
  const { rig, track, encoder, send } = subscriber();
  rig.connect();
  send(encoder.keyframe());
  rig.sent.length = 0;
  rig.peer.close(rig.now);
  assert.deepEqual(
    rig.sent.map(({ bytes }) => bytes.length),
    [30],
  );
  assert.ok(rig.dtls.isClosed && rig.ciphers.every(({ isClosed }) => isClosed));
  assert.equal(track.slotCount, 0);
  assert.equal(send(encoder.keyframe()), 0);
  rig.peer.close(rig.now);
  assert.equal(rig.rtp(packet(1)), RtpOutcome.unbound);
  rig.rtcp(Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1));
  rig.hello(1);
  rig.pass(60_000);
});
