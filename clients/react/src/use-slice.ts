import { useCallback, useRef, useSyncExternalStore } from 'react';
import { isSame } from './same.ts';

/** Anything with `on(event, listener)` that returns an unsubscribe function. */
interface Source<Event extends string> {
  on(event: Event, listener: () => void): () => void;
}

/**
 * Renders with a value of `source`, and again only when one of `events` changed that value. `select`
 * may return a fresh array: it counts as unchanged while its members are the same.
 */
export function useSlice<Event extends string, Value>(
  source: Source<Event> | null | undefined,
  events: readonly Event[],
  select: () => Value,
): Value {
  const cache = useRef<{ value: Value } | null>(null);
  const key = events.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the array's content
  const subscribe = useCallback(
    (onChange: () => void) => {
      const stops = source ? events.map((event) => source.on(event, onChange)) : [];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [source, key],
  );
  const snapshot = (): Value => {
    const value = select();
    if (cache.current && isSame(cache.current.value, value)) return cache.current.value;
    cache.current = { value };
    return value;
  };
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}

/**
 * Renders again whenever one of `events` happens: for living objects that change in place. The number
 * returned grows with each.
 */
export function useRevision<Event extends string>(
  source: Source<Event> | null | undefined,
  events: readonly Event[],
): number {
  const revision = useRef(0);
  const key = events.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the array's content
  const subscribe = useCallback(
    (onChange: () => void) => {
      const bump = () => {
        revision.current++;
        onChange();
      };
      const stops = source ? events.map((event) => source.on(event, bump)) : [];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [source, key],
  );
  const snapshot = () => revision.current;
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
