import { useConnectionState, useRemoteParticipants } from '@switchyard/react';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactElement, useRef } from 'react';
import { Button } from 'react-aria-components';
import { AloneCard } from './alone-card.tsx';
import { useCall } from './call-context.tsx';
import { ReconnectBanner } from './reconnect-banner.tsx';
import { SoundGate } from './sound-gate.tsx';
import css from './stage.module.css';
import { pageOfSwipe } from './swipe.ts';
import { Tile } from './tile.tsx';
import { useStage } from './use-stage.ts';

/** Everybody, as large as fits. */
export function Stage(): ReactElement {
  const { ui } = useCall();
  const { ref, tiles, page, pageCount, pager } = useStage();
  const state = useConnectionState();
  const isAlone = useRemoteParticipants().length === 0;
  const swipeStart = useRef<{ x: number; y: number } | null>(null);
  return (
    <section
      className={css['region']}
      aria-label="Stage"
      data-alone={isAlone || undefined}
      data-dimmed={state === 'reconnecting' || undefined}
      onPointerDown={({ pointerType, clientX: x, clientY: y }) => {
        swipeStart.current = pointerType === 'touch' ? { x, y } : null;
      }}
      onPointerUp={({ clientX: x, clientY: y }) => {
        const start = swipeStart.current;
        swipeStart.current = null;
        if (start) ui.turnPage(pageOfSwipe(page, pageCount, x - start.x, y - start.y));
      }}
    >
      <div ref={ref} className={css['tiles']}>
        {tiles.map(({ id, participant, kind, role, x, y, width, height }) => (
          <div
            key={id}
            className={css['place']}
            data-role={role}
            style={{ width, height, transform: `translate(${x}px, ${y}px)` }}
          >
            <Tile id={id} participant={participant} kind={kind} role={role} />
          </div>
        ))}
      </div>
      {isAlone && <AloneCard />}
      {pager && (
        <div className={css['pagerPlace']} style={{ left: pager.x, top: pager.y }}>
          <Pager page={page} pageCount={pageCount} onTurn={(next) => ui.turnPage(next)} />
        </div>
      )}
      <SoundGate />
      <ReconnectBanner />
    </section>
  );
}

function Pager(props: {
  readonly page: number;
  readonly pageCount: number;
  readonly onTurn: (page: number) => void;
}): ReactElement {
  const { page, pageCount, onTurn } = props;
  return (
    <nav className={css['pager']} aria-label="Pages">
      <Button
        className={css['turn'] ?? ''}
        aria-label="Previous page"
        isDisabled={page === 0}
        onPress={() => onTurn(page - 1)}
      >
        <ChevronLeft aria-hidden="true" size={20} strokeWidth={1.75} />
      </Button>
      <span className={css['page']}>
        {page + 1} of {pageCount}
      </span>
      <Button
        className={css['turn'] ?? ''}
        aria-label="Next page"
        isDisabled={page === pageCount - 1}
        onPress={() => onTurn(page + 1)}
      >
        <ChevronRight aria-hidden="true" size={20} strokeWidth={1.75} />
      </Button>
    </nav>
  );
}
