import assert from 'node:assert/strict';
import { test } from 'node:test';
import { millis } from '@switchyard/core/base';
import type { TrackId } from '@switchyard/core/media-api';
import { ActiveSpeakers } from '../src/rooms/active-speakers.ts';
import { QualityMeter, scoreOf } from '../src/rooms/quality.ts';

const A = 1 as TrackId;
const B = 2 as TrackId;

function hear(speakers: ActiveSpeakers, at: number, levels: readonly [TrackId, number][]): void {
  for (const [track, loudness] of levels) speakers.handleLevel(millis(at), track, loudness);
  speakers.update(millis(at));
}

test('a cough is no speech; 300 ms are', () => {
  const speakers = new ActiveSpeakers();
  hear(speakers, 0, [[A, 110]]);
  hear(speakers, 200, [[A, 30]]);
  hear(speakers, 400, [[A, 110]]);
  hear(speakers, 600, [[A, 110]]);
  assert.deepEqual(speakers.speakers, []);
  hear(speakers, 700, [[A, 110]]);
  assert.deepEqual(speakers.speakers, [A]);
});

test('a pause shorter than 1.5 s belongs to the speech', () => {
  const speakers = new ActiveSpeakers();
  for (const at of [0, 200, 400]) hear(speakers, at, [[A, 100]]);
  hear(speakers, 1_899, []);
  assert.deepEqual(speakers.speakers, [A]);
  assert.equal(speakers.nextTimeout(), 1_900);
  hear(speakers, 1_900, []);
  assert.deepEqual(speakers.speakers, []);
  assert.equal(speakers.lastSpokeAt(A), 400);
});

test('only somebody clearly louder passes the first', () => {
  const speakers = new ActiveSpeakers();
  for (const at of [0, 200, 400])
    hear(speakers, at, [
      [A, 100],
      [B, 90],
    ]);
  assert.deepEqual(speakers.speakers, [A, B]);
  hear(speakers, 600, [
    [A, 95],
    [B, 100],
  ]);
  assert.deepEqual(speakers.speakers, [A, B]);
  hear(speakers, 800, [
    [A, 94],
    [B, 100],
  ]);
  assert.deepEqual(speakers.speakers, [B, A]);
});

test('a removed track speaks no more', () => {
  const speakers = new ActiveSpeakers();
  for (const at of [0, 200, 400]) hear(speakers, at, [[A, 100]]);
  speakers.remove(A);
  assert.deepEqual(speakers.speakers, []);
  assert.equal(speakers.loudness(A), 0);
});

const GOOD_PATH = {
  transport: 1 as never,
  rttMs: 20,
  lossUp: 0,
  lossDown: 0,
  jitterUpMs: 3,
  jitterDownMs: 3,
  bitrateUpBps: 1,
  bitrateDownBps: 1,
};

test('the score falls with loss, delay and jitter, and unknown values cost nothing', () => {
  assert.equal(scoreOf(GOOD_PATH), 100);
  assert.equal(scoreOf({ ...GOOD_PATH, rttMs: -1, lossUp: -1, jitterUpMs: -1 }), 100);
  assert.equal(scoreOf({ ...GOOD_PATH, lossDown: 0.1 }), 50);
  assert.equal(scoreOf({ ...GOOD_PATH, rttMs: 500 }), 50);
  assert.equal(scoreOf({ ...GOOD_PATH, jitterUpMs: 150 }), 50);
  assert.equal(scoreOf({ ...GOOD_PATH, lossUp: 1 }), 0);
});

test('bad news are believed sooner than good ones', () => {
  const meter = new QualityMeter();
  const bad = { ...GOOD_PATH, lossUp: 0.5 };
  let falling = 0;
  while (meter.quality !== 'poor' && falling < 50) {
    meter.handleReport(bad);
    falling++;
  }
  let rising = 0;
  while (meter.quality !== 'excellent' && rising < 50) {
    meter.handleReport(GOOD_PATH);
    rising++;
  }
  assert.ok(falling <= 2 && rising > falling && rising < 10, `${falling} down, ${rising} up`);
});
