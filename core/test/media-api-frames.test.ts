import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIp } from '../src/base/index.ts';
import {
  ControlFrameReader,
  encodeControlBatch,
  encodeControlFrame,
  MAX_CONTROL_FRAME,
  MAX_RELAY_PAYLOAD,
  parseRelayOpen,
  RELAY_HEADER_LENGTH,
  RelayFrameReader,
  RelayKind,
  writeRelayHeader,
  writeRelayOpen,
} from '../src/media-api/index.ts';

/** Cuts `bytes` at the given places (modulo its length). */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])];
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i]!, end));
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

test('control messages arrive whole and in order however the stream is cut', () => {
  const messages = fc.array(
    fc.array(fc.record({ kind: fc.string(), n: fc.integer() }, { noNullPrototype: true })),
  );
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), (sent, places) => {
      const stream = concat(sent.map((message) => encodeControlFrame(message)));
      const reader = new ControlFrameReader<unknown>();
      const read = cut(stream, places).flatMap((chunk) => {
        const result = reader.read(chunk);
        assert.ok(result.ok);
        return result.value;
      });
      assert.deepEqual(read, sent);
    }),
  );
});

test('a batch longer than a frame is sent as several frames in order', () => {
  const messages = Array.from({ length: 5 }, (_, n) => ({ n, text: 'x'.repeat(1_500_000) }));
  const frames = encodeControlBatch(messages);
  assert.ok(frames.length > 1);
  assert.ok(frames.every((frame) => frame.length <= 4 + MAX_CONTROL_FRAME));
  const result = new ControlFrameReader<object[]>().read(concat(frames));
  assert.ok(result.ok);
  assert.deepEqual(result.value.flat(), messages);
  assert.throws(() => encodeControlBatch([{ text: 'x'.repeat(MAX_CONTROL_FRAME) }]));
});

test('a length beyond the limit or text that is not JSON ends the control stream for good', () => {
  const tooLong = new ControlFrameReader();
  assert.deepEqual(tooLong.read(new Uint8Array([0, 64, 0, 1])), {
    ok: false,
    error: { code: 'tooLong', length: MAX_CONTROL_FRAME + 1 },
  });
  assert.equal(tooLong.read(encodeControlFrame([])).ok, false);
  const notJson = new ControlFrameReader().read(new Uint8Array([0, 0, 0, 1, 0xff]));
  assert.deepEqual(notJson, { ok: false, error: { code: 'notJson' } });
});

test('no bytes make the control reader throw', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void new ControlFrameReader().read(bytes)));
});

interface RelayFrame {
  readonly connection: number;
  readonly kind: RelayKind;
  readonly payload: Uint8Array;
}

function readRelay(chunks: readonly Uint8Array[]): { frames: RelayFrame[]; broken: boolean } {
  const reader = new RelayFrameReader();
  const frames: RelayFrame[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && !reader.isBroken; ) {
      at = reader.read(chunk, at, chunk.length);
      if (!reader.isComplete) continue;
      const payload = reader.payload.slice(0, reader.length);
      frames.push({ connection: reader.connection, kind: reader.kind, payload });
    }
  }
  return { frames, broken: reader.isBroken };
}

function printRelay({ connection, kind, payload }: RelayFrame): Uint8Array {
  const bytes = new Uint8Array(RELAY_HEADER_LENGTH + payload.length);
  writeRelayHeader(bytes, 0, connection, kind, payload.length);
  bytes.set(payload, RELAY_HEADER_LENGTH);
  return bytes;
}

test('relay frames arrive whole and in order however the stream is cut', () => {
  const frame = fc.record(
    {
      connection: fc.integer({ min: 0, max: 0xffffffff }),
      kind: fc.constantFrom(...Object.values(RelayKind)),
      payload: fc.uint8Array({ maxLength: 300 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat()), (sent, places) => {
      const { frames, broken } = readRelay(cut(concat(sent.map(printRelay)), places));
      assert.deepEqual(frames, sent);
      assert.equal(broken, false);
    }),
  );
});

test('an impossible kind or length breaks the relay stream', () => {
  const header = new Uint8Array(RELAY_HEADER_LENGTH);
  writeRelayHeader(header, 0, 1, RelayKind.data, MAX_RELAY_PAYLOAD + 1);
  assert.deepEqual(readRelay([header, header]), { frames: [], broken: true });
  header.set([3, 0, 0], 4);
  assert.deepEqual(readRelay([header]), { frames: [], broken: true });
});

test('an open frame tells the family, address and port of the client', () => {
  for (const text of ['192.0.2.7', '2001:db8::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']) {
    const remote = { ip: parseIp(text)!, port: 65535 };
    const frame = new Uint8Array(60);
    const length = writeRelayOpen(frame, 0, 9, remote);
    const read = parseRelayOpen(frame, RELAY_HEADER_LENGTH, length - RELAY_HEADER_LENGTH);
    assert.deepEqual(read, { ok: true, value: remote });
  }
});

test('no bytes make the parser of an open frame throw', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseRelayOpen(bytes, 0, bytes.length)));
  const wrongFamily = new TextEncoder().encode('6 192.0.2.7 1');
  assert.equal(parseRelayOpen(wrongFamily, 0, wrongFamily.length).ok, false);
});
