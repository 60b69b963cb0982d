import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpeakerFocus } from '../src/call/speaker-focus.ts';
import { planStage, type StageItem, type StageWish } from '../src/call/stage-plan.ts';
import { pageOfSwipe } from '../src/call/swipe.ts';

const people = (count: number): StageItem[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${at}`, kind: 'camera', isLocal: at === 0 }));
const screen: StageItem = { id: 'screen', kind: 'screen', isLocal: false };

const wish = (change: Partial<StageWish>): StageWish => ({
  items: people(4),
  mode: 'grid',
  pinnedId: null,
  speakerId: null,
  width: 1200,
  height: 700,
  page: 0,
  ...change,
});
const roles = (plan: ReturnType<typeof planStage>) =>
  plan.tiles.map(({ id, role }) => `${id} ${role}`);

test('a grid shows everybody alike, in the order given', () => {
  const plan = planStage(wish({}));
  assert.deepEqual(roles(plan), ['0 grid', '1 grid', '2 grid', '3 grid']);
  assert.equal(new Set(plan.tiles.map(({ width }) => width)).size, 1);
});

test('speaker mode shows the speaker large, before anybody spoke the first other person', () => {
  assert.equal(roles(planStage(wish({ mode: 'speaker', speakerId: '2' })))[0], '2 main');
  assert.equal(roles(planStage(wish({ mode: 'speaker' })))[0], '1 main');
});

test('a shared screen comes before the speaker, a pinned tile before both', () => {
  const items = [...people(3), screen];
  assert.equal(roles(planStage(wish({ items, speakerId: '2' })))[0], 'screen main');
  assert.equal(roles(planStage(wish({ items, pinnedId: '1' })))[0], '1 main');
  assert.equal(roles(planStage(wish({ items, pinnedId: 'gone' })))[0], 'screen main');
});

test('a screen keeps all the room there is; a face stays between upright and wide', () => {
  const [content] = planStage(wish({ items: [screen], height: 300 })).tiles;
  assert.equal(content?.width, 1200 - 24);
  const [face] = planStage(wish({ pinnedId: '1', items: people(2), height: 300 })).tiles;
  assert.ok(face && face.width <= face.height * (16 / 9) + 1);
});

test('with one other person oneself floats in the corner of the picture', () => {
  const plan = planStage(wish({ items: people(2), mode: 'speaker' }));
  assert.deepEqual(roles(plan), ['1 main', '0 float']);
});

test('every tile is on the stage, none lies on another, and pages show everybody once', () => {
  const size = fc.integer({ min: 280, max: 2_600 });
  const count = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(
      size,
      size,
      count,
      fc.boolean(),
      fc.boolean(),
      (width, height, n, isSpeaker, hasScreen) => {
        const items = hasScreen ? [...people(n), screen] : people(n);
        const base = wish({ items, width, height, mode: isSpeaker ? 'speaker' : 'grid' });
        const { pageCount } = planStage(base);
        const seen = new Map<string, number>();
        for (let page = 0; page < pageCount; page++) {
          const plan = planStage({ ...base, page });
          assert.equal(plan.page, page);
          for (const tile of plan.tiles) {
            if (tile.role !== 'main') seen.set(tile.id, (seen.get(tile.id) ?? 0) + 1);
            else seen.set(tile.id, 1);
            assert.ok(tile.x >= 0 && tile.x + tile.width <= width + 1, `${tile.role} x`);
            assert.ok(tile.y >= 0 && tile.y + tile.height <= height + 1, `${tile.role} y`);
          }
          const flat = plan.tiles.filter(({ role }) => role !== 'float');
          for (const [at, a] of flat.entries()) {
            for (const b of flat.slice(at + 1)) {
              const apart =
                a.x + a.width <= b.x ||
                b.x + b.width <= a.x ||
                a.y + a.height <= b.y ||
                b.y + b.height <= a.y;
              assert.ok(apart, `${a.role} and ${b.role} overlap`);
            }
          }
        }
        assert.deepEqual([...seen.keys()].sort(), items.map(({ id }) => id).sort());
        assert.ok([...seen.values()].every((times) => times === 1));
      },
    ),
  );
});

test('a page that does not exist any more is the last one', () => {
  const plan = planStage(wish({ items: people(60), page: 99 }));
  assert.equal(plan.page, plan.pageCount - 1);
  assert.ok(plan.pager);
});

test('the first who speaks has the stage at once, the next after 1.2 s', () => {
  const focus = new SpeakerFocus();
  focus.observe(0, 'ada');
  assert.equal(focus.current, 'ada');
  focus.observe(1_000, 'bo');
  assert.equal(focus.current, 'ada');
  assert.equal(focus.nextTimeout(), 2_200);
  focus.handleTimeout(2_200);
  assert.equal(focus.current, 'bo');
});

test('a cough does not turn the stage', () => {
  const focus = new SpeakerFocus();
  focus.observe(0, 'ada');
  focus.observe(1_000, 'bo');
  focus.observe(1_300, 'ada');
  focus.handleTimeout(2_500);
  assert.equal(focus.current, 'ada');
  assert.equal(focus.nextTimeout(), null);
});

test('silence leaves the stage as it is; who leaves gives it up', () => {
  const focus = new SpeakerFocus();
  focus.observe(0, 'ada');
  focus.observe(5_000, null);
  assert.equal(focus.current, 'ada');
  focus.forget('ada');
  assert.equal(focus.current, null);
});

test('only a clear sideways swipe turns the page, within what there is', () => {
  assert.equal(pageOfSwipe(0, 3, -80, 10), 1);
  assert.equal(pageOfSwipe(1, 3, 80, 10), 0);
  assert.equal(pageOfSwipe(0, 3, 80, 0), 0);
  assert.equal(pageOfSwipe(2, 3, -80, 0), 2);
  assert.equal(pageOfSwipe(0, 3, -80, 70), 0);
  assert.equal(pageOfSwipe(0, 3, -20, 0), 0);
});
