import { type RefCallback, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Shortcut, ShortcutRegistry } from './shortcuts.ts';
import { type StageOptions, type StageTile, solveStage } from './stage-layout.ts';

/** Measures the element that `ref` is put on and places `count` tiles in it. */
export function useStageLayout(
  count: number,
  options: StageOptions = {},
): {
  readonly ref: RefCallback<HTMLElement>;
  readonly tiles: readonly StageTile[];
  /** Pixels of the stage. */
  readonly width: number;
  readonly height: number;
} {
  const [size, setSize] = useState({ width: 0, height: 0 });
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { gap, padding } = options;
  const tiles = useMemo(
    () =>
      solveStage(count, size.width, size.height, {
        ...(gap === undefined ? {} : { gap }),
        ...(padding === undefined ? {} : { padding }),
      }),
    [count, size, gap, padding],
  );
  return { ref, tiles, ...size };
}

/** Cuts a list into pages; the page stays valid when the list gets shorter. */
export function usePagination<Item>(
  items: readonly Item[],
  pageSize: number,
): {
  readonly items: readonly Item[];
  /** From 0. */
  readonly page: number;
  readonly pageCount: number;
  readonly setPage: (page: number) => void;
  readonly next: () => void;
  readonly previous: () => void;
} {
  const [wanted, setWanted] = useState(0);
  const size = Math.max(1, pageSize);
  const pageCount = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(wanted, pageCount - 1);
  const setPage = (next: number) => setWanted(Math.min(pageCount - 1, Math.max(0, next)));
  return {
    items: items.slice(page * size, (page + 1) * size),
    page,
    pageCount,
    setPage,
    next: () => setPage(page + 1),
    previous: () => setPage(page - 1),
  };
}

const registry = new ShortcutRegistry();

/** Registers keys while the component is there. `all` lists what is registered, for a cheat sheet. */
export function useShortcuts(shortcuts: readonly Shortcut[]): { readonly all: () => Shortcut[] } {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const key = shortcuts.map((one) => one.keys).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` tells when the set of keys changed
  useEffect(() => {
    const stops = latest.current.map((shortcut, at) =>
      registry.add({ ...shortcut, run: (event) => latest.current[at]?.run(event) }),
    );
    const stopListening = registry.listen(window);
    return () => {
      stopListening();
      for (const stop of stops) stop();
    };
  }, [key]);
  return { all: () => registry.list() };
}
