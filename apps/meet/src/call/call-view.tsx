import { RoomProvider } from '@switchyard/react';
import { type ReactElement, useEffect, useState } from 'react';
import { useStore } from '../shared/store.ts';
import { Announcer } from './announcer.ts';
import { CallContext, type CallParts } from './call-context.tsx';
import { CallDialogs } from './call-dialogs.tsx';
import { CallUi } from './call-ui.ts';
import css from './call-view.module.css';
import { ControlBar } from './control-bar.tsx';
import { LiveRegions } from './live-regions.tsx';
import { Reactions } from './reactions.ts';
import type { CallOutcome, CallSession } from './session.ts';
import { SidePanel } from './side-panel.tsx';
import { Stage } from './stage.tsx';
import { StatsOverlay } from './stats-overlay.tsx';
import { ToastList } from './toast-list.tsx';
import { TopBar } from './top-bar.tsx';
import { useCallEvents } from './use-call-events.ts';
import { useCallShortcuts } from './use-call-shortcuts.ts';

/** The call itself, from the first tile to the end. */
export function CallView(props: {
  readonly session: CallSession;
  readonly onEnd: (outcome: CallOutcome) => void;
}): ReactElement {
  const { session, onEnd } = props;
  const outcome = useStore(session.outcome);
  const [parts] = useState((): CallParts => {
    // On a phone one face fits well, on a screen several do.
    const isPhone = matchMedia('(width < 640px)').matches;
    return {
      session,
      ui: new CallUi(isPhone ? 'speaker' : 'grid'),
      announcer: new Announcer(),
      reactions: new Reactions(session.room),
    };
  });
  useEffect(() => {
    if (outcome) onEnd(outcome);
  }, [outcome, onEnd]);
  return (
    <RoomProvider room={session.room}>
      <CallContext value={parts}>
        <CallLayout />
      </CallContext>
    </RoomProvider>
  );
}

function CallLayout(): ReactElement {
  useCallEvents();
  useCallShortcuts();
  return (
    <div className={css['call']}>
      <TopBar />
      <main className={css['middle']}>
        <div className={css['stage']}>
          <Stage />
          <StatsOverlay />
          <ToastList />
        </div>
        <SidePanel />
      </main>
      <ControlBar />
      <CallDialogs />
      <LiveRegions />
    </div>
  );
}
