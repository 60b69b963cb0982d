import { useChat, useLocalParticipant, useParticipants, useScreenShare } from '@switchyard/react';
import {
  Hand,
  LayoutGrid,
  MessageSquare,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  PanelRight,
  Phone,
  Users,
  Video,
  VideoOff,
} from 'lucide-react';
import { type ReactElement, useEffect } from 'react';
import { problemOf } from '../room/problem.ts';
import { useStore } from '../shared/store.ts';
import { plural } from '../shared/time-words.ts';
import bar from './bar-button.module.css';
import { BarButton, BarToggle } from './bar-button.tsx';
import { useCall } from './call-context.tsx';
import css from './control-bar.module.css';
import { DeviceMenu } from './device-menu.tsx';
import { handRaisedAt } from './hand.ts';
import { MoreMenu } from './more-menu.tsx';
import { ReactionMenu } from './reaction-menu.tsx';
import { canShareScreen } from './screen-share.ts';
import { toggleHand } from './toggle-hand.ts';
import { useDeviceToggle } from './use-device-toggle.ts';
import { useUnread } from './use-unread.ts';

/** Everything that is done often, at the thumb. */
export function ControlBar(): ReactElement {
  const { session } = useCall();
  return (
    <footer className={css['bar']}>
      <div className={css['start']}>
        <LayoutButton />
      </div>
      <div className={css['centre']} role="toolbar" aria-label="Call controls">
        <DeviceButton source="microphone" />
        <DeviceButton source="camera" />
        <ShareButton />
        <HandButton />
        <ReactionMenu />
        <MoreMenu className={css['last']} />
        <span className={css['gap']} />
        <BarButton
          label="Leave"
          hint="Leave the call"
          tone="danger"
          className={css['last']}
          onPress={() => session.leave()}
        >
          <Phone aria-hidden="true" className={bar['hangUp']} />
        </BarButton>
      </div>
      <div className={css['end']}>
        <PanelButtons />
      </div>
    </footer>
  );
}

function DeviceButton(props: { readonly source: 'microphone' | 'camera' }): ReactElement {
  const { source } = props;
  const { session } = useCall();
  const { isEnabled, toggle, error } = useDeviceToggle(source);
  const isMicrophone = source === 'microphone';
  const [label, shortcut] = isMicrophone ? ['Microphone', 'M'] : ['Camera', 'V'];
  const On = isMicrophone ? Mic : Video;
  const Off = isMicrophone ? MicOff : VideoOff;
  useEffect(() => {
    if (error) session.toasts.addDeviceProblem(source, error.code);
  }, [error, session, source]);
  return (
    <div className={css['split']}>
      <BarToggle
        label={label ?? ''}
        hint={hintFor(isMicrophone, isEnabled)}
        shortcut={shortcut ?? ''}
        isOn={isEnabled}
        style="alarm"
        onChange={(isOn) => void toggle(isOn)}
      >
        {isEnabled ? <On aria-hidden="true" /> : <Off aria-hidden="true" />}
      </BarToggle>
      <DeviceMenu source={source} />
    </div>
  );
}

function hintFor(isMicrophone: boolean, isOn: boolean): string {
  if (isMicrophone) return isOn ? 'Mute' : 'Unmute';
  return isOn ? 'Turn camera off' : 'Turn camera on';
}

function ShareButton(): ReactElement | null {
  const { session } = useCall();
  const { isEnabled, toggle, error } = useScreenShare({ audio: true });
  useEffect(() => {
    if (error) session.toasts.addProblem(problemOf(error));
  }, [error, session]);
  if (!canShareScreen()) return null;
  return (
    <BarToggle
      label="Share screen"
      hint={isEnabled ? 'Stop sharing' : 'Share your screen'}
      shortcut="S"
      isOn={isEnabled}
      style="accent"
      className={css['spare']}
      onChange={(isOn) => void toggle(isOn)}
    >
      {isEnabled ? <MonitorX aria-hidden="true" /> : <MonitorUp aria-hidden="true" />}
    </BarToggle>
  );
}

function HandButton(): ReactElement | null {
  const { session } = useCall();
  const me = useLocalParticipant();
  const isRaised = handRaisedAt(me) !== null;
  if (!me.permissions.canUpdateOwnMetadata) return null;
  return (
    <BarToggle
      label="Raise hand"
      hint={isRaised ? 'Lower your hand' : 'Raise your hand'}
      shortcut="H"
      isOn={isRaised}
      style="accent"
      className={css['spare']}
      onChange={() => toggleHand(session)}
    >
      <Hand aria-hidden="true" />
    </BarToggle>
  );
}

function LayoutButton(): ReactElement {
  const { ui } = useCall();
  const { mode, pinnedId } = useStore(ui);
  const isGrid = mode === 'grid' && pinnedId === null;
  return (
    <BarButton
      label={isGrid ? 'Show the speaker large' : 'Show everybody alike'}
      hint={isGrid ? 'Speaker view' : 'Grid view'}
      shortcut="L"
      onPress={() => (pinnedId ? ui.setMode('grid') : ui.cycleMode())}
    >
      {isGrid ? <PanelRight aria-hidden="true" /> : <LayoutGrid aria-hidden="true" />}
    </BarButton>
  );
}

function PanelButtons(): ReactElement {
  const { ui } = useCall();
  const { panel } = useStore(ui);
  const people = useParticipants().length;
  const { messages } = useChat();
  const unread = useUnread(messages, panel === 'chat');
  return (
    <>
      <BarToggle
        label={unread > 0 ? `Chat, ${plural(unread, 'new message')}` : 'Chat'}
        hint="Chat"
        shortcut="C"
        isOn={panel === 'chat'}
        style="accent"
        onChange={() => ui.togglePanel('chat')}
      >
        <MessageSquare aria-hidden="true" />
        {unread > 0 && (
          <span className={bar['count']} aria-hidden="true">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </BarToggle>
      <BarToggle
        label={`People, ${people} here`}
        hint={`People (${people})`}
        shortcut="P"
        isOn={panel === 'people'}
        style="accent"
        onChange={() => ui.togglePanel('people')}
      >
        <Users aria-hidden="true" />
        <span className={`${bar['count']} ${bar['plain']}`} aria-hidden="true">
          {people}
        </span>
      </BarToggle>
    </>
  );
}
