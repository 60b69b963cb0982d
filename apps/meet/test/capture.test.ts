import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalTrack } from '@switchyard/client';
import { Capture, type OpenDevice } from '../src/lobby/capture.ts';

class FakeTrack {
  isStopped = false;
  stop(): void {
    this.isStopped = true;
  }
}

type Answer = Awaited<ReturnType<OpenDevice>>;

/** A device whose openings the test settles by hand. */
function device() {
  const waiting: ((answer: Answer) => void)[] = [];
  const capture = new Capture('camera', () => new Promise((resolve) => waiting.push(resolve)));
  const settle = async (answer: FakeTrack | string) => {
    waiting.shift()?.(
      answer instanceof FakeTrack ? { track: answer as unknown as LocalTrack } : { code: answer },
    );
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { capture, settle };
}

test('a capture is opening, then open, then off with its light out', async () => {
  const { capture, settle } = device();
  const track = new FakeTrack();
  void capture.start('');
  assert.equal(capture.get().kind, 'opening');
  await settle(track);
  assert.equal(capture.get().kind, 'open');
  capture.stop();
  assert.equal(capture.get().kind, 'off');
  assert.ok(track.isStopped);
});

test('a device that opens after it was switched off is closed again', async () => {
  const { capture, settle } = device();
  const track = new FakeTrack();
  void capture.start('');
  capture.stop();
  await settle(track);
  assert.ok(track.isStopped);
  assert.equal(capture.get().kind, 'off');
});

test('another device takes over without a gap: the old one ends when the new one is there', async () => {
  const { capture, settle } = device();
  const [first, second] = [new FakeTrack(), new FakeTrack()];
  void capture.start('a');
  await settle(first);
  void capture.start('b');
  assert.equal(capture.get().kind, 'open');
  assert.ok(!first.isStopped);
  await settle(second);
  assert.ok(first.isStopped && !second.isStopped);
});

test('a failure is a state with its code', async () => {
  const { capture, settle } = device();
  void capture.start('');
  await settle('permissionDenied');
  assert.deepEqual(capture.get(), { kind: 'failed', code: 'permissionDenied' });
});

test('the call takes the running track along; the lobby does not end it any more', async () => {
  const { capture, settle } = device();
  const track = new FakeTrack();
  void capture.start('');
  await settle(track);
  assert.equal(capture.take(), track as unknown as LocalTrack);
  capture.stop();
  assert.ok(!track.isStopped);
});
