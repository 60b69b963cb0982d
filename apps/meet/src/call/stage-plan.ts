import { pageSizeFor, solveStage } from '@switchyard/react/stage-layout';

export type StageMode = 'grid' | 'speaker';

export interface StageItem {
  readonly id: string;
  readonly kind: 'camera' | 'screen';
  readonly isLocal: boolean;
}

export interface StageWish {
  /** In the order in which they should stand. */
  readonly items: readonly StageItem[];
  readonly mode: StageMode;
  /** Ids; null or unknown: nobody. */
  readonly pinnedId: string | null;
  readonly speakerId: string | null;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** From 0. Too large a page means the last one. */
  readonly page: number;
}

export interface PlacedTile {
  readonly id: string;
  readonly role: 'grid' | 'main' | 'strip' | 'float';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface StagePlan {
  readonly tiles: readonly PlacedTile[];
  readonly page: number;
  readonly pageCount: number;
  /** Middle of where the page buttons stand, pixels; null while there is one page only. */
  readonly pager: { readonly x: number; readonly y: number } | null;
}

/** Size of the page buttons with the space around them, pixels. */
const PAGER_HEIGHT = 56;
const PAGER_WIDTH = 168;
const NARROW = 640;
const WIDE = 16 / 9;
/** A face in the middle survives a crop to this, on phones held upright. */
const UPRIGHT = 3 / 4;

/**
 * Decides who stands where. A pinned tile, else a shared screen, else (in speaker mode) the speaker stands
 * large with the others in a strip; otherwise everybody stands in a grid. Never more than one page at once:
 * who is not on it costs no bandwidth.
 */
export function planStage(wish: StageWish): StagePlan {
  const { items, width, height } = wish;
  if (items.length === 0 || width < 1 || height < 1) return onePage([]);
  const main = findMain(wish);
  return main ? planMain(wish, main) : planGrid(wish);
}

function onePage(tiles: readonly PlacedTile[]): StagePlan {
  return { tiles, page: 0, pageCount: 1, pager: null };
}

function findMain({ items, mode, pinnedId, speakerId }: StageWish): StageItem | null {
  const pinned = items.find(({ id }) => id === pinnedId);
  if (pinned) return pinned;
  const screen = items.findLast(({ kind, isLocal }) => kind === 'screen' && !isLocal);
  const shown = screen ?? items.find(({ kind }) => kind === 'screen');
  if (shown) return shown;
  if (mode !== 'speaker' || items.length < 2) return null;
  const speaker = items.find(({ id }) => id === speakerId);
  return speaker ?? items.find(({ isLocal }) => !isLocal) ?? null;
}

function planGrid({ items, width, height, page }: StageWish): StagePlan {
  const part = pageOf(items, page, pageSizeFor(width));
  const rects = solveStage(part.items.length, width, height);
  const tiles = part.items.flatMap(({ id }, at) => {
    const rect = rects[at];
    return rect ? [{ id, role: 'grid' as const, ...rect }] : [];
  });
  const pager = part.pageCount > 1 ? { x: width / 2, y: height - PAGER_HEIGHT / 2 } : null;
  return { tiles, page: part.page, pageCount: part.pageCount, pager };
}

function planMain(wish: StageWish, main: StageItem): StagePlan {
  const { items, width, height } = wish;
  const isNarrow = width < NARROW;
  const padding = isNarrow ? 4 : 12;
  const gap = isNarrow ? 4 : 8;
  const others = items.filter(({ id }) => id !== main.id);
  const [only] = others;
  const isPair = others.length === 1 && main.kind === 'camera' && only?.isLocal === true;
  const hasStrip = others.length > 0 && !isPair;
  const isColumn = width > height * 1.1;
  const strip = stripSize(width, height, isColumn);
  const area = {
    x: padding,
    y: padding,
    width: width - 2 * padding - (hasStrip && isColumn ? strip.width + gap : 0),
    height: height - 2 * padding - (hasStrip && !isColumn ? strip.height + gap : 0),
  };
  const mainTile = { id: main.id, role: 'main' as const, ...fitMain(area, main.kind) };
  if (isPair) {
    const float = floatIn(only.id, mainTile, isNarrow);
    return onePage([mainTile, float]);
  }
  if (!hasStrip) return onePage([mainTile]);

  const length = (isColumn ? height : width) - 2 * padding;
  const step = (isColumn ? strip.height : strip.width) + gap;
  const isPaged = others.length * step - gap > length;
  // In a column the page buttons stand below the tiles, in a row on the large picture.
  const room = isPaged && isColumn ? length - PAGER_HEIGHT : length;
  const fitting = Math.max(1, Math.floor((room + gap) / step));
  const part = pageOf(others, wish.page, fitting);
  const start = Math.floor((room - part.items.length * step + gap) / 2) + padding;
  const tiles = part.items.map(({ id }, at) => ({
    id,
    role: 'strip' as const,
    x: isColumn ? width - padding - strip.width : start + at * step,
    y: isColumn ? start + at * step : height - padding - strip.height,
    ...strip,
  }));
  const pager = isColumn
    ? { x: width - padding - strip.width / 2, y: height - padding - PAGER_HEIGHT / 2 }
    : {
        // At the right: the name stands at the left.
        x: mainTile.x + mainTile.width - PAGER_WIDTH / 2,
        y: mainTile.y + mainTile.height - PAGER_HEIGHT / 2,
      };
  return {
    tiles: [mainTile, ...tiles],
    page: part.page,
    pageCount: part.pageCount,
    pager: isPaged ? pager : null,
  };
}

/** A fifth of the stage, within what is recognisable and what is too much. */
function stripSize(width: number, height: number, isColumn: boolean) {
  if (isColumn) {
    const side = Math.round(Math.min(264, Math.max(144, width * 0.19)));
    return { width: side, height: Math.round(side / WIDE) };
  }
  const side = Math.round(Math.min(160, Math.max(84, height * 0.16)));
  return { width: Math.round((side * 4) / 3), height: side };
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Screens use all there is (nothing of them may be cut off); cameras stay between upright and wide. */
function fitMain(area: Rect, kind: StageItem['kind']): Rect {
  let { width, height } = area;
  if (kind === 'camera') {
    if (width > height * WIDE) width = Math.floor(height * WIDE);
    if (width < height * UPRIGHT) height = Math.floor(width / UPRIGHT);
  }
  return {
    x: area.x + Math.floor((area.width - width) / 2),
    y: area.y + Math.floor((area.height - height) / 2),
    width,
    height,
  };
}

/** Oneself, small, in the corner of the only other person's picture. */
function floatIn(id: string, main: Rect, isNarrow: boolean): PlacedTile {
  const width = Math.round(
    isNarrow ? Math.min(112, main.width * 0.3) : Math.min(240, main.width * 0.22),
  );
  const height = Math.round(isNarrow ? width / UPRIGHT : width / WIDE);
  const inset = isNarrow ? 8 : 16;
  return {
    id,
    role: 'float',
    x: main.x + main.width - width - inset,
    y: main.y + main.height - height - inset,
    width,
    height,
  };
}

function pageOf<Item>(items: readonly Item[], wanted: number, size: number) {
  const pageCount = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(Math.max(0, wanted), pageCount - 1);
  return { items: items.slice(page * size, (page + 1) * size), page, pageCount };
}
