import { useLocalParticipant, useModeration, useRoomInfo, useScreenShare } from '@switchyard/react';
import {
  ChartNoAxesColumn,
  Ellipsis,
  Hand,
  Keyboard,
  LayoutGrid,
  Lock,
  LockOpen,
  Maximize,
  MicOff,
  MonitorUp,
  PhoneOff,
  Settings,
} from 'lucide-react';
import type { ReactElement } from 'react';
import { Menu, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { problemOf } from '../room/problem.ts';
import { BarButton } from './bar-button.tsx';
import { useCall } from './call-context.tsx';
import floating from './floating.module.css';
import { toggleFullScreen } from './full-screen.ts';
import { handRaisedAt } from './hand.ts';
import { MenuAction } from './menu-action.tsx';
import { canShareScreen } from './screen-share.ts';
import { toggleHand } from './toggle-hand.ts';

/** What is done rarely. */
export function MoreMenu(props: { readonly className: string | undefined }): ReactElement {
  return (
    <MenuTrigger>
      <BarButton label="More" hint="More" className={props.className}>
        <Ellipsis aria-hidden="true" />
      </BarButton>
      <Popover className={floating['popover'] ?? ''} placement="top" offset={12}>
        <MoreMenuItems />
      </Popover>
    </MenuTrigger>
  );
}

function MoreMenuItems(): ReactElement {
  const { ui, session } = useCall();
  const moderation = useModeration();
  const isLocked = useRoomInfo()?.locked ?? false;
  const me = useLocalParticipant();
  const screen = useScreenShare({ audio: true });
  const act = (promise: Promise<void>) =>
    void promise.catch((error: unknown) => session.toasts.addProblem(problemOf(error)));
  return (
    <Menu className={floating['menu'] ?? ''} aria-label="More">
      <MenuAction Icon={Settings} onAction={() => ui.change({ dialog: 'settings' })}>
        Settings
      </MenuAction>
      <MenuAction Icon={LayoutGrid} onAction={() => ui.cycleMode()}>
        Change layout
      </MenuAction>
      <MenuAction Icon={Maximize} onAction={toggleFullScreen}>
        Full screen
      </MenuAction>
      {canShareScreen() && (
        <MenuAction Icon={MonitorUp} onAction={() => void screen.toggle()}>
          {screen.isEnabled ? 'Stop sharing' : 'Share screen'}
        </MenuAction>
      )}
      {me.permissions.canUpdateOwnMetadata && (
        <MenuAction Icon={Hand} onAction={() => toggleHand(session)}>
          {handRaisedAt(me) === null ? 'Raise hand' : 'Lower hand'}
        </MenuAction>
      )}
      <MenuAction
        Icon={ChartNoAxesColumn}
        onAction={() => ui.change({ isStatsOpen: !ui.get().isStatsOpen })}
      >
        Statistics
      </MenuAction>
      {matchMedia('(any-hover: hover)').matches && (
        <MenuAction Icon={Keyboard} onAction={() => ui.change({ dialog: 'shortcuts' })}>
          Keyboard shortcuts
        </MenuAction>
      )}
      {moderation && (
        <>
          <Separator className={floating['separator'] ?? ''} />
          <MenuAction Icon={MicOff} onAction={() => act(moderation.muteAll())}>
            Mute everyone else
          </MenuAction>
          <MenuAction
            Icon={isLocked ? LockOpen : Lock}
            onAction={() => act(moderation.setLocked(!isLocked))}
          >
            {isLocked ? 'Unlock the room' : 'Lock the room'}
          </MenuAction>
          <MenuAction Icon={PhoneOff} isDangerous onAction={() => act(moderation.endRoom())}>
            End for everyone
          </MenuAction>
        </>
      )}
    </Menu>
  );
}
