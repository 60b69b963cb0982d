import { type Shortcut, useScreenShare, useShortcuts } from '@switchyard/react';
import { useRef } from 'react';
import { preferences } from '../shared/preferences.ts';
import { useStore } from '../shared/store.ts';
import { useCall } from './call-context.tsx';
import { toggleFullScreen } from './full-screen.ts';
import { REACTIONS } from './reactions.ts';
import { toggleHand } from './toggle-hand.ts';
import { useDeviceToggle } from './use-device-toggle.ts';
import { cameraTileId } from './use-stage.ts';

/** The keyboard map; its labels are the cheat sheet's. */
export function useCallShortcuts(): void {
  const { session, ui, reactions } = useCall();
  const { room } = session;
  const microphone = useDeviceToggle('microphone');
  const camera = useDeviceToggle('camera');
  const screen = useScreenShare({ audio: true });
  const { hasShortcuts } = useStore(preferences);
  const { isReactionsOpen } = useStore(ui);
  const isTalking = useRef(false);
  const latest = useRef(microphone);
  latest.current = microphone;

  const pinNth = (nth: number) => {
    const people = [...room.remoteParticipants.values()];
    const who = nth === 0 ? room.localParticipant : people[nth - 1];
    if (who) ui.togglePin(cameraTileId(who));
  };
  const letters: Shortcut[] = [
    { keys: 'm', label: 'Microphone on or off', run: () => void microphone.toggle() },
    {
      keys: ' ',
      label: 'Hold to talk while muted',
      run: () => {
        if (microphone.isEnabled) return;
        isTalking.current = true;
        void microphone.toggle(true);
      },
      onRelease: () => {
        if (!isTalking.current) return;
        isTalking.current = false;
        void latest.current.toggle(false);
      },
    },
    { keys: 'v', label: 'Camera on or off', run: () => void camera.toggle() },
    { keys: 's', label: 'Share your screen', run: () => void screen.toggle() },
    { keys: 'c', label: 'Chat', run: () => ui.togglePanel('chat') },
    { keys: 'p', label: 'People', run: () => ui.togglePanel('people') },
    { keys: 'h', label: 'Raise or lower your hand', run: () => toggleHand(session) },
    { keys: 'r', label: 'React, then 1 to 6', run: () => ui.change({ isReactionsOpen: true }) },
    { keys: 'l', label: 'Change the layout', run: () => ui.cycleMode() },
    { keys: 'f', label: 'Full screen', run: toggleFullScreen },
    {
      keys: 't',
      label: 'How media travels',
      run: () => ui.change({ isTopologyOpen: !ui.get().isTopologyOpen }),
    },
    {
      keys: 'g',
      label: 'Statistics',
      run: () => ui.change({ isStatsOpen: !ui.get().isStatsOpen }),
    },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((nth) => ({
      keys: String(nth),
      label: nth === 0 ? 'Pin yourself' : `Pin person ${nth}`,
      run: () => {
        const reaction = REACTIONS[nth - 1];
        if (!isReactionsOpen) return pinNth(nth);
        if (reaction) reactions.send(reaction.emoji);
        ui.change({ isReactionsOpen: false });
      },
    })),
  ];
  useShortcuts([
    ...(hasShortcuts ? letters : []),
    { keys: '?', label: 'This list', run: () => ui.change({ dialog: 'shortcuts' }) },
    { keys: 'mod+shift+l', label: 'Leave', run: () => ui.change({ dialog: 'leave' }) },
  ]);
}
