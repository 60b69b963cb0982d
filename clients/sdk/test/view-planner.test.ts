import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameView, planView, type VideoOnPage } from '../src/view-planner.ts';

function video(trackSid: string, more: Partial<VideoOnPage> = {}): VideoOnPage {
  return {
    trackSid,
    source: 'camera',
    quality: 'auto',
    priority: null,
    elements: [{ width: 320, height: 180 }],
    ...more,
  };
}

test('sizes are device pixels of the largest visible element, in steps of 16, rounded down', () => {
  const elements = [
    { width: 100, height: 60 },
    { width: 321, height: 181 },
  ];
  assert.deepEqual(planView([video('a', { elements })], 2).videos, [
    { trackSid: 'a', width: 640, height: 352, priority: 10 },
  ]);
});

test('what nobody sees and what is switched off is not asked for', () => {
  const plan = planView([video('a', { elements: [] }), video('b', { quality: 'off' })], 1);
  assert.deepEqual(plan.videos, []);
});

test('a quality wish bounds the size and keeps the shape', () => {
  const elements = [{ width: 1920, height: 1080 }];
  const [low] = planView([video('a', { quality: 'low', elements })], 1).videos;
  assert.deepEqual([low?.width, low?.height], [320, 176]);
});

test('screens come before cameras, the priorities of the app before both', () => {
  const plan = planView(
    [video('a'), video('b', { source: 'screenShare' }), video('c', { priority: 100 })],
    1,
  );
  assert.deepEqual(
    plan.videos.map(({ trackSid }) => trackSid),
    ['c', 'b', 'a'],
  );
});

test('the order on the page makes no other message, and a message has 64 entries at most', () => {
  const many = Array.from({ length: 80 }, (_, at) => video(`t${at}`));
  const plan = planView(many, 1);
  assert.equal(plan.videos.length, 64);
  assert.ok(isSameView(plan, planView(many.toReversed(), 1)));
  assert.ok(!isSameView(plan, planView(many, 2)));
});
