import type { Participant } from '@switchyard/client';
import { useParticipants, useRoom, useTracks } from '@switchyard/react';
import { type RefCallback, useCallback, useEffect, useMemo, useState } from 'react';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import { SpeakerFocus } from './speaker-focus.ts';
import { type PlacedTile, planStage, type StageItem, type StagePlan } from './stage-plan.ts';

export interface StageEntry extends StageItem {
  readonly participant: Participant;
}

export interface StageView {
  readonly ref: RefCallback<HTMLElement>;
  readonly tiles: readonly (PlacedTile & StageEntry)[];
  readonly page: number;
  readonly pageCount: number;
  readonly pager: StagePlan['pager'];
}

/** Kinds that are nobody to look at: they write down or watch, and publish nothing. */
const UNSEEN = new Set(['recorder', 'whep']);

/** Tile id of somebody's camera. */
export function cameraTileId(participant: Participant): string {
  return `${participant.identity}/camera`;
}

/** Everybody's tiles, placed on the element that `ref` is put on. */
export function useStage(): StageView {
  const { ui } = useCall();
  const { mode, pinnedId, page } = useStore(ui);
  const { ref, width, height } = useSize();
  const entries = useStageEntries();
  const speakerId = useSpeakerTile();
  return useMemo(() => {
    const plan = planStage({ items: entries, mode, pinnedId, speakerId, width, height, page });
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const tiles = plan.tiles.flatMap((tile) => {
      const entry = byId.get(tile.id);
      return entry ? [{ ...entry, ...tile }] : [];
    });
    // Drawn in the order of arrival: React then moves no video element in the document, which would stop it.
    tiles.sort((a, b) => entries.indexOf(a) - entries.indexOf(b));
    return { ...plan, ref, tiles };
  }, [ref, entries, mode, pinnedId, speakerId, width, height, page]);
}

/** Oneself first, then in order of arrival; a shared screen before its person. */
function useStageEntries(): readonly StageEntry[] {
  const people = useParticipants();
  const screens = useTracks(['screenShare']);
  return useMemo(
    () =>
      people
        .filter(({ kind }) => !UNSEEN.has(kind))
        .flatMap((participant): StageEntry[] => {
          const { identity, isLocal } = participant;
          const camera = {
            id: cameraTileId(participant),
            kind: 'camera' as const,
            isLocal,
            participant,
          };
          const hasScreen = screens.some((screen) => screen.participant === participant);
          return hasScreen
            ? [{ id: `${identity}/screen`, kind: 'screen', isLocal, participant }, camera]
            : [camera];
        }),
    [people, screens],
  );
}

function useSpeakerTile(): string | null {
  const room = useRoom();
  const [speakerId, setSpeakerId] = useState<string | null>(null);
  useEffect(() => {
    const focus = new SpeakerFocus();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = () => {
      setSpeakerId(focus.current);
      clearTimeout(timer);
      const at = focus.nextTimeout();
      if (at === null) return;
      timer = setTimeout(() => {
        focus.handleTimeout(performance.now());
        settle();
      }, at - performance.now());
    };
    const stops = [
      room.on('activeSpeakersChanged', (speakers) => {
        // Nobody wants to look at himself.
        const loudest = speakers.find(({ isLocal }) => !isLocal);
        focus.observe(performance.now(), loudest ? cameraTileId(loudest) : null);
        settle();
      }),
      room.on('participantLeft', (participant) => {
        focus.forget(cameraTileId(participant));
        settle();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [room]);
  return speakerId;
}

function useSize(): { ref: RefCallback<HTMLElement>; width: number; height: number } {
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
  return { ref, ...size };
}
