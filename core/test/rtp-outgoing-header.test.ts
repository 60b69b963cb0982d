import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@switchyard/core/base';
import {
  ExtensionIds,
  extensionKind,
  extensionUri,
  MAX_OUTGOING_HEADER_LENGTH,
  OutgoingHeader,
  RtpExtension,
  RtpView,
} from '@switchyard/core/rtp';
import fc from 'fast-check';
import { bytesPerCall } from './bytes-per-call.ts';

const viewOf = (packet: Uint8Array): RtpView => {
  const view = new RtpView();
  assert.ok(view.parse(packet, 0, packet.length));
  return view;
};

const data = (view: RtpView, id: number): string | null =>
  view.findExtension(id)
    ? toHex(view.buf.subarray(view.extensionAt, view.extensionAt + view.extensionLength))
    : null;

const receiverIds = new ExtensionIds([
  [RtpExtension.mid, 9],
  [RtpExtension.audioLevel, 1],
  [RtpExtension.transportCc, 3],
  [RtpExtension.absSendTime, 2],
]);

test('every known extension is named by its URI', () => {
  for (const kind of Object.values(RtpExtension))
    assert.equal(extensionKind(extensionUri(kind)), kind);
  assert.equal(extensionKind('urn:example:other'), undefined);
});

test('a header ends at the payload, under the receiver’s ids', () => {
  const source = viewOf(
    fromHex('90 6f 0001 00000002 00000003 bede0002 5085 4161 62 91 3132 55 66 77 88'),
  );
  const sourceIds = new ExtensionIds([
    [RtpExtension.audioLevel, 5],
    [RtpExtension.mid, 4],
    [RtpExtension.rid, 9],
  ]);
  const header = new OutgoingHeader({
    ssrc: 0xcafebabe,
    payloadType: 111,
    mid: '7',
    extensions: receiverIds,
    allowTwoByte: false,
  });
  const buf = new Uint8Array(300);
  const length = header.write(buf, 260, true, 0xffff, 0xfffffffe, source, sourceIds);
  assert.equal(
    toHex(buf.subarray(260 - length, 260)),
    '90efffff' + 'fffffffe' + 'cafebabe' + 'bede0003' + '90373100' + '00220000' + '00108500',
  );
  assert.equal(header.transportCcAt, 260 - length + 19);
  assert.equal(header.absSendTimeAt, 260 - length + 22);
  assert.equal(header.dependencyDescriptorAt, -1);
});

test('without extensions the header has 12 bytes; the mid stops once acknowledged', () => {
  const header = new OutgoingHeader({
    ssrc: 1,
    payloadType: 0,
    mid: 'a',
    extensions: new ExtensionIds([[RtpExtension.mid, 1]]),
    allowTwoByte: false,
  });
  const source = viewOf(fromHex('80 00 0001 00000002 00000003'));
  const buf = new Uint8Array(64);
  assert.equal(header.write(buf, 32, false, 1, 2, source, new ExtensionIds()), 20);
  header.sendMid = false;
  header.setPayloadType(96);
  assert.equal(header.write(buf, 32, false, 1, 2, source, new ExtensionIds()), 12);
  assert.equal(toHex(buf.subarray(20, 32)), '806000010000000200000001');
  assert.equal(header.transportCcAt, -1);
});

test('no room in front of the payload: nothing is written', () => {
  const header = new OutgoingHeader({
    ssrc: 1,
    payloadType: 0,
    mid: null,
    extensions: receiverIds,
    allowTwoByte: false,
  });
  const source = viewOf(fromHex('80 00 0001 00000002 00000003'));
  const buf = new Uint8Array(64);
  assert.equal(header.write(buf, 20, false, 1, 2, source, new ExtensionIds()), 0);
  assert.ok(buf.every((byte) => byte === 0));
});

test('RFC 8285 §4.1.2: the two-byte form is used only when needed and allowed', () => {
  const ids = new ExtensionIds([[RtpExtension.dependencyDescriptor, 12]]);
  const source = viewOf(
    fromHex(`90 60 0001 00000002 00000003 1000 0006 0c16 ${'c1'.repeat(22)} 55`),
  );
  const buf = new Uint8Array(300);
  const options = { ssrc: 1, payloadType: 96, mid: null, extensions: ids };
  const plain = new OutgoingHeader({ ...options, allowTwoByte: false });
  assert.equal(plain.write(buf, 260, false, 1, 2, source, ids), 12);

  const mixed = new OutgoingHeader({ ...options, allowTwoByte: true });
  const length = mixed.write(buf, 260, false, 1, 2, source, ids);
  assert.equal(length, 16 + 24);
  assert.equal(toHex(buf.subarray(260 - length + 12, 260)), `100000060c16${'c1'.repeat(22)}`);
  assert.equal(mixed.dependencyDescriptorAt, 260 - 22);

  const small = viewOf(fromHex('90 60 0001 00000002 00000003 1000 0002 0c03 010203 000000 55'));
  const short = mixed.write(buf, 260, false, 1, 2, small, ids);
  assert.equal(toHex(buf.subarray(260 - short + 12, 260)), 'bede0001c2010203');
});

test('a written header is parsed back with every negotiated extension', () => {
  const ids = fc
    .uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 16, maxLength: 16 })
    .map(
      (list) => new ExtensionIds(Object.values(RtpExtension).map((kind, i) => [kind, list[i]!])),
    );
  const elements = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 130 })),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(ids, ids, elements, fc.boolean(), fc.boolean(), (mine, theirs, list, two, mid) => {
      const block = list.flatMap(([id, bytes]) => [id, bytes.length, ...bytes]);
      while (block.length % 4 !== 0) block.push(0);
      const packet = new Uint8Array(16 + block.length + 4);
      packet.set([0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0]);
      packet[14] = block.length >> 10;
      packet[15] = block.length >> 2;
      packet.set(block, 16);
      const source = viewOf(packet);
      const header = new OutgoingHeader({
        ssrc: 0xffffffff,
        payloadType: 127,
        mid: mid ? 'video' : null,
        extensions: theirs,
        allowTwoByte: two,
      });
      const buf = new Uint8Array(MAX_OUTGOING_HEADER_LENGTH + 8).fill(0xee);
      const length = header.write(buf, MAX_OUTGOING_HEADER_LENGTH, true, 7, 8, source, mine);
      assert.ok(length >= 12 && length <= MAX_OUTGOING_HEADER_LENGTH && length % 4 === 0);
      assert.ok(buf.subarray(MAX_OUTGOING_HEADER_LENGTH).every((byte) => byte === 0xee));
      assert.ok(buf.subarray(0, MAX_OUTGOING_HEADER_LENGTH - length).every((b) => b === 0xee));

      const out = new RtpView();
      assert.ok(out.parse(buf, MAX_OUTGOING_HEADER_LENGTH - length, length));
      assert.equal(out.headerLength, length);
      assert.equal(out.ssrc, 0xffffffff);
      const canWrite = (kind: RtpExtension): boolean => two || theirs.get(kind) <= 14;
      assert.equal(
        data(out, theirs.get(RtpExtension.mid)),
        mid && canWrite(RtpExtension.mid) ? '766964656f' : null,
      );
      const level = data(source, mine.get(RtpExtension.audioLevel));
      assert.equal(
        data(out, theirs.get(RtpExtension.audioLevel)),
        level?.length === 2 && canWrite(RtpExtension.audioLevel) ? level : null,
      );
      assert.equal(data(out, theirs.get(RtpExtension.rid)), null);
      const hasTransportCc = out.findExtension(theirs.get(RtpExtension.transportCc));
      assert.equal(header.transportCcAt, hasTransportCc ? out.extensionAt : -1);
    }),
  );
});

test('writing a header allocates nothing', () => {
  const source = viewOf(fromHex('90 6f 0001 f0000002 00000003 bede0001 5085 0000 55'));
  const ids = new ExtensionIds([[RtpExtension.audioLevel, 5]]);
  const header = new OutgoingHeader({
    ssrc: 0xcafebabe,
    payloadType: 111,
    mid: '0',
    extensions: receiverIds,
    allowTwoByte: true,
  });
  const buf = new Uint8Array(512);
  const cost = bytesPerCall(() => {
    header.write(buf, 256, true, 1, source.timestamp | 0, source, ids);
  });
  assert.ok(cost < 8, `${cost} bytes per packet`);
});
