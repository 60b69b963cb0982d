export interface StageTile {
  /** Pixels from the stage's left and top edge. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface StageOptions {
  /** Pixels between tiles. Default 8; 4 on stages narrower than 640. */
  gap?: number;
  /** Pixels around all tiles. Default 12; 4 on stages narrower than 640. */
  padding?: number;
}

const WIDE = 16 / 9;
const CLASSIC = 4 / 3;
/** 4:3 crops heads less but shows less room: it must win clearly. */
const CLASSIC_MUST_WIN_BY = 1.12;
const NARROW = 640;

/**
 * Places `count` equal tiles on a stage: the number of columns that makes them largest, 16:9 unless
 * 4:3 wins by more than 12 %, the last row centred. Order is the caller's; sizes are whole pixels.
 */
export function solveStage(
  count: number,
  width: number,
  height: number,
  options: StageOptions = {},
): StageTile[] {
  const isNarrow = width < NARROW;
  const gap = options.gap ?? (isNarrow ? 4 : 8);
  const padding = options.padding ?? (isNarrow ? 4 : 12);
  const room = { width: width - 2 * padding, height: height - 2 * padding };
  if (count < 1 || room.width < 1 || room.height < 1) return [];
  const wide = bestGrid(count, room, gap, WIDE);
  const classic = bestGrid(count, room, gap, CLASSIC);
  const grid = area(classic) > area(wide) * CLASSIC_MUST_WIN_BY ? classic : wide;
  return place(count, grid, width, height, gap);
}

/** How many tiles a page has on a stage so wide (pixels): a decoder's and an eye's limit. */
export function pageSizeFor(width: number): number {
  if (width < NARROW) return 6;
  if (width < 900) return 9;
  return width < 1400 ? 16 : 25;
}

interface Grid {
  readonly columns: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

function bestGrid(
  count: number,
  room: { width: number; height: number },
  gap: number,
  ratio: number,
): Grid {
  let best: Grid = { columns: 1, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const widthLimit = (room.width - gap * (columns - 1)) / columns;
    const heightLimit = (room.height - gap * (rows - 1)) / rows;
    const tileWidth = Math.max(0, Math.floor(Math.min(widthLimit, heightLimit * ratio)));
    const grid = { columns, tileWidth, tileHeight: Math.floor(tileWidth / ratio) };
    if (area(grid) > area(best)) best = grid;
  }
  return best;
}

function area({ tileWidth, tileHeight }: Grid): number {
  return tileWidth * tileHeight;
}

function place(count: number, grid: Grid, width: number, height: number, gap: number): StageTile[] {
  const { columns, tileWidth, tileHeight } = grid;
  if (tileWidth < 1 || tileHeight < 1) return [];
  const rows = Math.ceil(count / columns);
  const top = Math.floor((height - rows * tileHeight - (rows - 1) * gap) / 2);
  return Array.from({ length: count }, (_, at) => {
    const row = Math.floor(at / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = Math.floor((width - inRow * tileWidth - (inRow - 1) * gap) / 2);
    return {
      x: left + (at % columns) * (tileWidth + gap),
      y: top + row * (tileHeight + gap),
      width: tileWidth,
      height: tileHeight,
    };
  });
}
