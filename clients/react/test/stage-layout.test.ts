import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pageSizeFor, solveStage } from '../src/stage-layout.ts';

const columns = (count: number, width: number, height: number) => {
  const tiles = solveStage(count, width, height);
  return tiles.filter(({ y }) => y === tiles[0]?.y).length;
};

test('tiles fill the stage as large as they can', () => {
  assert.equal(columns(1, 1280, 720), 1);
  assert.equal(columns(2, 1280, 720), 2);
  assert.equal(columns(4, 1280, 720), 2);
  assert.equal(columns(9, 1280, 720), 3);
  assert.equal(columns(2, 400, 800), 1, 'upright phone');
});

test('16:9 unless 4:3 wins by more than 12 % of area', () => {
  const ratio = (width: number, height: number) => {
    const [tile] = solveStage(1, width, height, { gap: 0, padding: 0 });
    return tile ? tile.width / tile.height : 0;
  };
  assert.ok(Math.abs(ratio(1600, 900) - 16 / 9) < 0.01);
  assert.ok(Math.abs(ratio(900, 900) - 4 / 3) < 0.01, 'a square gains a third');
  assert.ok(Math.abs(ratio(1000, 600) - 16 / 9) < 0.01, 'a gain below 12 % is not worth it');
});

test('the last row is centred', () => {
  const tiles = solveStage(5, 1280, 720);
  const last = tiles.filter(({ y }) => y === tiles.at(-1)?.y);
  const left = last[0]!.x;
  const right = 1280 - (last.at(-1)!.x + last.at(-1)!.width);
  assert.equal(last.length, 2);
  assert.ok(Math.abs(left - right) <= 1);
});

test('tiles never overlap, never leave the stage and all have the same size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 200, max: 3_000 }),
      fc.integer({ min: 200, max: 2_000 }),
      (count, width, height) => {
        const tiles = solveStage(count, width, height);
        assert.equal(tiles.length, count);
        for (const [at, a] of tiles.entries()) {
          assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height);
          assert.equal(a.width, tiles[0]!.width);
          for (const b of tiles.slice(at + 1)) {
            const isApart =
              a.x + a.width <= b.x ||
              b.x + b.width <= a.x ||
              a.y + a.height <= b.y ||
              b.y + b.height <= a.y;
            assert.ok(isApart);
          }
        }
      },
    ),
  );
});

test('an empty or not yet measured stage has no tiles', () => {
  assert.deepEqual(solveStage(0, 1280, 720), []);
  assert.deepEqual(solveStage(3, 0, 0), []);
});

test('a page has 6 tiles on a phone and never more than 25', () => {
  assert.equal(pageSizeFor(390), 6);
  assert.equal(pageSizeFor(5_000), 25);
});
